"""Why an operation or a page was refused. Nothing was changed and nothing was written.

The docstring is the default message; `code` is stable; `details` names what was wrong.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class Refused(Exception):
    """The request was refused and nothing changed. Correct it and send it again."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str = "", *, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        self.details: dict[str, Any] = dict(details or {})


class OperationUnknown(Refused):
    """There is no such operation. Ask for one of the operations in details.known."""

    code = "OPERATION_UNKNOWN"


class InvalidParameter(Refused):
    """A parameter of the operation is missing or not of the right kind."""

    code = "INVALID_PARAMETER"

    def __init__(self, path: str, reason: str, *, message: str = "", **details: Any) -> None:
        super().__init__(
            message or f"{path}: {reason}", details={"path": path, "reason": reason, **details}
        )


class ColumnNotFound(Refused):
    """The session has no such column. Look at the session's columns as they stand now."""

    code = "COLUMN_NOT_FOUND"


class ColumnExists(Refused):
    """A column of that name exists already. Choose another name."""

    code = "COLUMN_EXISTS"


class ValuesDoNotFit(Refused):
    """Some values do not fit the new type. Correct them first, or let them become missing."""

    code = "VALUES_DO_NOT_FIT"


class NothingToFit(Refused):
    """The column has no value to learn from. Fill it with a constant instead."""

    code = "NOTHING_TO_FIT"


class SessionTooComplex(Refused):
    """The session has too many operations to read a page. Save it as a dataset and go on there."""

    code = "SESSION_TOO_COMPLEX"


class InvalidPagination(Refused):
    """The page asked for is not a page: numbers start at 1, sizes go from 1 to the maximum."""

    code = "INVALID_PAGINATION"


class InvalidSort(Refused):
    """The order asked for is not an order: name one column, and asc or desc."""

    code = "INVALID_SORT"
