"""Why the sandbox does not read a file."""

from __future__ import annotations

from enum import StrEnum


class Code(StrEnum):
    """The codes of `data_tools.ingest.exceptions` with which the sandbox refuses a file."""

    NOT_A_TABLE = "INGEST_NOT_A_TABLE"
    EMPTY = "INGEST_EMPTY_FILE"
    ENCRYPTED = "INGEST_ENCRYPTED"
    TOO_MANY_ROWS = "INGEST_TOO_MANY_ROWS"
    TOO_MANY_COLUMNS = "INGEST_TOO_MANY_COLUMNS"
    NUL_CHARACTER = "INGEST_NUL_CHARACTER"
    RECORD_TOO_LONG = "INGEST_RECORD_TOO_LONG"
    BROKEN_WORKBOOK = "INGEST_BROKEN_WORKBOOK"
    WORKBOOK_TOO_LARGE = "INGEST_WORKBOOK_TOO_LARGE"
    SHEET_NOT_FOUND = "INGEST_SHEET_NOT_FOUND"
    BROKEN_PARQUET = "INGEST_BROKEN_PARQUET"
    UNFOLDS_TOO_LARGE = "INGEST_UNFOLDS_TOO_LARGE"
    UNSUPPORTED_COLUMN = "INGEST_UNSUPPORTED_COLUMN"


class Refusal(Exception):
    """The file is refused. The reason "" stands for the default reason of the code."""

    def __init__(self, code: Code, reason: str = "") -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)
