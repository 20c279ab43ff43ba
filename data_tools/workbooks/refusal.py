"""Why a workbook is not read."""

from __future__ import annotations


class Refusal(Exception):
    """The workbook is not read; `code` is one of `data_tools.ingest.exceptions`."""

    def __init__(self, code: str, reason: str) -> None:
        self.code = code
        self.reason = reason
        super().__init__(reason)


DAMAGED = "The workbook is damaged or incomplete and cannot be read."

BROKEN = "INGEST_BROKEN_WORKBOOK"
ENCRYPTED = "INGEST_ENCRYPTED"
TOO_LARGE = "INGEST_WORKBOOK_TOO_LARGE"
NO_SUCH_SHEET = "INGEST_SHEET_NOT_FOUND"
TOO_MANY_ROWS = "INGEST_TOO_MANY_ROWS"
TOO_MANY_COLUMNS = "INGEST_TOO_MANY_COLUMNS"
EMPTY = "INGEST_EMPTY_FILE"
