"""Why an operation was refused. Nothing was changed and nothing was written.

The docstring is the default message; `code` is stable; `details` names what was wrong.
"""

from __future__ import annotations

from typing import Any

from data_tools.exceptions import RequestRejected


class OperationUnknown(RequestRejected):
    """There is no such operation. Ask for one of the operations in details.known."""

    code = "OPERATION_UNKNOWN"


class InvalidParameter(RequestRejected):
    """A parameter of the operation is missing or not of the right kind.

    `message` takes the place of the path and the reason; `told` is what people are told, if not
    that. With both, people read `message` only in clients that know it from earlier versions.
    """

    code = "INVALID_PARAMETER"

    def __init__(
        self, path: str, reason: str, *, message: str = "", told: str = "", **details: Any
    ) -> None:
        super().__init__(
            message or f"{path}: {reason}", details={"path": path, "reason": reason, **details}
        )
        self.user_message = told or message  # a path means nothing to people
        self.former_message = message


class ColumnNotFound(RequestRejected):
    """The session has no such column. Look at the session's current columns."""

    code = "COLUMN_NOT_FOUND"


class ColumnExists(RequestRejected):
    """A column of that name exists already. Choose another name."""

    code = "COLUMN_EXISTS"


class ValuesDoNotFit(RequestRejected):
    """Some values have no counterpart. Correct them first, or let them become missing."""

    code = "VALUES_DO_NOT_FIT"


class NothingToFit(RequestRejected):
    """The column has no value to learn from. Fill it with a constant instead."""

    code = "NOTHING_TO_FIT"


class TooManyColumns(RequestRejected):
    """The table would have more columns than a session can hold. Choose fewer, or drop some."""

    code = "TOO_MANY_COLUMNS"


class CellTooLarge(RequestRejected):
    """A text would become larger than a cell may be. Replace it by less."""

    code = "CELL_TOO_LARGE"


class TableTooLarge(RequestRejected):
    """The table would become many times as large as it is. Put less into its cells."""

    code = "TABLE_TOO_LARGE"


class SessionTooComplex(RequestRejected):
    """The session has too many operations to read a page. Save it as a dataset and go on there."""

    code = "SESSION_TOO_COMPLEX"
