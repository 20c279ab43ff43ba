"""Why a file could not become a dataset. Each reason is written for the person who owns the file.

An exception's docstring is its default reason; `code` is stable, and programs may match on it.
No reason names a path of the server.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar


class IngestError(Exception):
    """The file could not be loaded."""

    code: ClassVar[str] = "INGEST_FAILED"

    def __init__(self, reason: str = "", *, report: Mapping[str, Any] | None = None) -> None:
        self.reason = reason or inspect.cleandoc(self.__doc__ or "")
        self.report = dict(report or {})
        super().__init__(self.reason)


class FileMissing(IngestError):
    """The uploaded file is no longer there. Upload it again."""

    code = "INGEST_FILE_MISSING"


class EmptyFile(IngestError):
    """The file is empty: it has no header line and no rows."""

    code = "INGEST_EMPTY_FILE"


class NotATable(IngestError):
    """The file is neither text nor Parquet nor a workbook. Upload CSV, Excel, JSON or Parquet."""

    code = "INGEST_NOT_A_TABLE"


class UnreadableEncoding(IngestError):
    """The file's character encoding is unknown. Save it as UTF-8 and upload it again."""

    code = "INGEST_UNREADABLE_ENCODING"


class RaggedLines(IngestError):
    """Some lines do not have as many fields as the header. Correct them and upload it again."""

    code = "INGEST_RAGGED_LINES"


class BrokenQuoting(IngestError):
    """A quotation mark is opened and never closed, so the file's rows cannot be told apart."""

    code = "INGEST_BROKEN_QUOTING"


class RecordTooLong(IngestError):
    """One record is too long to load. Perhaps a quotation mark is opened and never closed."""

    code = "INGEST_RECORD_TOO_LONG"


class NulCharacter(IngestError):
    """A text contains the NUL character, which the database cannot store."""

    code = "INGEST_NUL_CHARACTER"

    @classmethod
    def in_cell(cls, *, row: int, column: str) -> NulCharacter:
        """Return the error for the text in this row, counted from 1, and column."""
        return cls(
            f"The text in row {row} of column “{column}” contains the NUL character, "
            "which the database cannot store."
        )


class BrokenText(IngestError):
    """A text column contains bytes that are not valid UTF-8."""

    code = "INGEST_BROKEN_TEXT"


class UnsupportedColumn(IngestError):
    """A column has a type that a dataset cannot store."""

    code = "INGEST_UNSUPPORTED_COLUMN"


class BrokenParquet(IngestError):
    """The Parquet file is damaged or incomplete and cannot be read."""

    code = "INGEST_BROKEN_PARQUET"


class BrokenWorkbook(IngestError):
    """The workbook is damaged or incomplete and cannot be read."""

    code = "INGEST_BROKEN_WORKBOOK"


class EncryptedFile(IngestError):
    """The file is encrypted. Save it without a password."""

    code = "INGEST_ENCRYPTED"


class WorkbookTooLarge(IngestError):
    """Reading the workbook takes more memory or time than is allowed. Save the sheet as CSV."""

    code = "INGEST_WORKBOOK_TOO_LARGE"


class SheetNotFound(IngestError):
    """The file has no sheet with that name."""

    code = "INGEST_SHEET_NOT_FOUND"


class BrokenJson(IngestError):
    """The file is not valid JSON, or its JSON does not describe a table."""

    code = "INGEST_BROKEN_JSON"


class TooManyRows(IngestError):
    """The file has more rows than can be loaded."""

    code = "INGEST_TOO_MANY_ROWS"


class TooManyColumns(IngestError):
    """The file has more columns than can be loaded."""

    code = "INGEST_TOO_MANY_COLUMNS"


class CellTooLarge(IngestError):
    """A cell is larger than a dataset can store."""

    code = "INGEST_CELL_TOO_LARGE"


class UnfoldsTooLarge(IngestError):
    """The Parquet file expands to more data, or takes more memory or time, than is allowed."""

    code = "INGEST_UNFOLDS_TOO_LARGE"


class FileChanged(IngestError):
    """The file changed while it was being loaded. Upload it again."""

    code = "INGEST_FILE_CHANGED"


class DatasetDeleted(IngestError):
    """The dataset was deleted while its file was being loaded."""

    code = "INGEST_DATASET_DELETED"


class Interrupted(IngestError):
    """Loading this file was interrupted. Upload it again."""

    code = "INGEST_INTERRUPTED"
