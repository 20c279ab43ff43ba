"""Why a file could not become a dataset. Each reason is written for the person who owns the file.

An exception's docstring is its default reason; its code is stable, and programs may match on it.
No reason names a path of the server.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, ClassVar


class IngestError(Exception):
    """The file could not be loaded."""

    code: ClassVar[str] = "INGEST_FAILED"

    def __init_subclass__(cls, *, code: str) -> None:
        cls.code = code

    def __init__(self, reason: str = "", *, report: Mapping[str, Any] | None = None) -> None:
        self.reason = reason or inspect.cleandoc(self.__doc__ or "")
        self.report = dict(report or {})
        super().__init__(self.reason)


class FileMissing(IngestError, code="INGEST_FILE_MISSING"):
    """The uploaded file is no longer there. Upload it again."""


class EmptyFile(IngestError, code="INGEST_EMPTY_FILE"):
    """The file is empty: it has no header line and no rows."""


class NotATable(IngestError, code="INGEST_NOT_A_TABLE"):
    """The file is neither text nor Parquet nor a workbook. Upload CSV, Excel, JSON or Parquet."""


class UnreadableEncoding(IngestError, code="INGEST_UNREADABLE_ENCODING"):
    """The file's character encoding is unknown. Give the option “encoding”, or save it as UTF-8 and
    upload it again."""


class RaggedLines(IngestError, code="INGEST_RAGGED_LINES"):
    """Some lines do not have as many fields as the header. Correct them and upload it again."""


class BrokenQuoting(IngestError, code="INGEST_BROKEN_QUOTING"):
    """A field is quoted wrongly, so the file's rows cannot be told apart."""


class RecordTooLong(IngestError, code="INGEST_RECORD_TOO_LONG"):
    """One record is too long to load. Perhaps a quotation mark is opened and never closed."""


class NulCharacter(IngestError, code="INGEST_NUL_CHARACTER"):
    """A text contains the NUL character, which the database cannot store."""


class BrokenText(IngestError, code="INGEST_BROKEN_TEXT"):
    """A text column contains bytes that are not valid UTF-8."""


class UnsupportedColumn(IngestError, code="INGEST_UNSUPPORTED_COLUMN"):
    """A column has a type that a dataset cannot store."""


class ValueNotOfType(IngestError, code="INGEST_VALUE_NOT_OF_TYPE"):
    """A value is not of the type that the options ask for its column."""


class ColumnNotFound(IngestError, code="INGEST_COLUMN_NOT_FOUND"):
    """The options name a column that the file does not have."""


class DuplicateColumn(IngestError, code="INGEST_DUPLICATE_COLUMN"):
    """With the names in the options, two columns would have the same one."""


class BrokenParquet(IngestError, code="INGEST_BROKEN_PARQUET"):
    """The Parquet file is damaged or incomplete and cannot be read."""


class BrokenWorkbook(IngestError, code="INGEST_BROKEN_WORKBOOK"):
    """The workbook is damaged or incomplete and cannot be read."""


class EncryptedFile(IngestError, code="INGEST_ENCRYPTED"):
    """The file is encrypted. Save it without a password."""


class WorkbookTooLarge(IngestError, code="INGEST_WORKBOOK_TOO_LARGE"):
    """Reading the workbook takes more memory or time than is allowed. Save the sheet as CSV."""


class OptionNotApplicable(IngestError, code="INGEST_OPTION_NOT_APPLICABLE"):
    """A reading option was given that does not apply to this kind of file."""


class SheetNotFound(IngestError, code="INGEST_SHEET_NOT_FOUND"):
    """The file has no sheet with that name."""


class BrokenJson(IngestError, code="INGEST_BROKEN_JSON"):
    """The file is not valid JSON, or its JSON does not describe a table."""


class TooManyRows(IngestError, code="INGEST_TOO_MANY_ROWS"):
    """The file has more rows than can be loaded."""


class TooManyColumns(IngestError, code="INGEST_TOO_MANY_COLUMNS"):
    """The file has more columns than can be loaded."""


class CellTooLarge(IngestError, code="INGEST_CELL_TOO_LARGE"):
    """A cell is larger than a dataset can store."""


class NoRoomForRows(IngestError, code="INGEST_QUOTA_EXCEEDED"):
    """There is no room for the rows of this file. Delete datasets that you no longer need."""


class UnfoldsTooLarge(IngestError, code="INGEST_UNFOLDS_TOO_LARGE"):
    """The Parquet file expands to more data, or takes more memory or time, than is allowed."""


class FileChanged(IngestError, code="INGEST_FILE_CHANGED"):
    """The file changed while it was being loaded. Upload it again."""


class DatasetDeleted(IngestError, code="INGEST_DATASET_DELETED"):
    """The dataset was deleted while its file was being loaded."""


class Interrupted(IngestError, code="INGEST_INTERRUPTED"):
    """Loading this file was interrupted. Upload it again."""


class InterruptedTooOften(IngestError, code="INGEST_INTERRUPTED"):
    """Loading this file was interrupted three times. Upload it again, or parts of it one by one."""
