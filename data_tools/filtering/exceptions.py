"""Why a page was refused: the docstring is the default message; `details` names what was wrong."""

from __future__ import annotations

from typing import Any

from data_tools.exceptions import RequestRejected


class InvalidPagination(RequestRejected):
    """The page asked for is not a page: numbers start at 1, sizes go from 1 to the maximum."""

    code = "INVALID_PAGINATION"


class InvalidSort(RequestRejected):
    """The order asked for is not an order: name a few columns, each ascending or descending."""

    code = "INVALID_SORT"


class InvalidFilter(RequestRejected):
    """The filter is not valid. `details.path` says where, `details.reason` why."""

    code = "INVALID_FILTER"

    def __init__(self, path: str, reason: str, **details: Any) -> None:
        super().__init__(f"{path} {reason}", details={"path": path, "reason": reason, **details})
