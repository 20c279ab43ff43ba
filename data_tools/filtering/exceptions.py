"""Why a page was refused: the docstring is the default message; `details` names what was wrong."""

from __future__ import annotations

from typing import Any

from data_tools.exceptions import RequestRejected


class InvalidPagination(RequestRejected):
    """There is no such page: numbers start at 1, sizes go from 1 to the maximum."""

    code = "INVALID_PAGINATION"


class InvalidSort(RequestRejected):
    """The rows cannot be put into that order: name a few columns, each once."""

    code = "INVALID_SORT"


class InvalidFilter(RequestRejected):
    """The filter is not valid. `details.path` says where, `details.reason` why."""

    code = "INVALID_FILTER"

    def __init__(self, path: str, reason: str, **details: Any) -> None:
        super().__init__(f"{path} {reason}", details={"path": path, "reason": reason, **details})
        column = details.get("column")
        self.user_message = f'The filter does not suit the column "{column}".' if column else ""
