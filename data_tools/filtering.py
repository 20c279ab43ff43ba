"""Query parameters of a page as values: which page, in which order. Pure and strict.

Every spelling of a client is read, `page`/`pageSize`/`sortField`/`sortOrder`,
`page_number`/`page_size`/`sort` and `sort_by`/`sort_order`; nothing is ever clamped or guessed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_tools.operations.exceptions import InvalidPagination, InvalidParameter, InvalidSort

DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 1000
MAX_PAGE_NUMBER = 10**12  # with MAX_PAGE_SIZE, every row number stays within 64 bits

QueryParameters = Mapping[str, Sequence[str]]  # as of `dict(request.GET.lists())`


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """Which rows: page `page_number` (from 1) of `page_size` rows each.

    Raises: InvalidPagination, when made of anything else than whole numbers in range.
    """

    page_number: int = 1
    page_size: int = DEFAULT_PAGE_SIZE

    def __post_init__(self) -> None:
        _in_range("page_number", self.page_number, MAX_PAGE_NUMBER)
        _in_range("page_size", self.page_size, MAX_PAGE_SIZE)

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page_number - 1) * self.page_size


@dataclass(frozen=True, slots=True, kw_only=True)
class SortSpec:
    """Order by one column; missing values last either way, ties by row number."""

    column_name: str
    descending: bool = False


def parse_page(query: QueryParameters) -> PageSpec:
    """The page that was asked for; page 1 of 25 rows by default. Raises: InvalidPagination."""
    return PageSpec(
        page_number=_whole_number(query, ("page_number", "page"), 1, MAX_PAGE_NUMBER),
        page_size=_whole_number(query, ("page_size", "pageSize"), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    )


def parse_sort(query: QueryParameters) -> SortSpec | None:
    """The order that was asked for, none by default. Raises: InvalidSort, InvalidParameter.

    In `sort` a leading `-` means descending and the rest is the column's name as it is; so a
    column whose own name begins with `-` is sorted ascending by `sortField`, which `sort_by` is
    another name of. An empty name means no sorting: existing clients send it. `filter` is refused:
    all rows, in whatever order, are not an answer to a request for some.
    """
    if any(query.get("filter", ())):
        raise InvalidParameter("filter", "rows cannot be filtered yet")
    sort = _once(query, "sort")
    name = _in_one_spelling(query, ("sortField", "sort_by"))
    order = (_in_one_spelling(query, ("sortOrder", "sort_order")) or "asc").lower()
    if order not in ("asc", "desc"):
        parameter = "sort_order" if any(query.get("sort_order", ())) else "sortOrder"
        raise InvalidSort(
            f"{parameter} must be asc or desc", details={"parameter": parameter, "value": order}
        )
    specs: list[SortSpec] = []
    if sort:
        specs.append(SortSpec(column_name=sort.removeprefix("-"), descending=sort.startswith("-")))
    if name:
        specs.append(SortSpec(column_name=name, descending=order == "desc"))
    if len(set(specs)) > 1:
        raise InvalidSort("sort and sortField disagree", details={"sort": sort, "sortField": name})
    return specs[0] if specs else None


def _in_one_spelling(query: QueryParameters, spellings: tuple[str, str]) -> str | None:
    """The value that is not empty, if any; under both names only if it is the same."""
    given = {spelling: value for spelling in spellings if (value := _once(query, spelling))}
    if len(set(given.values())) > 1:
        raise InvalidSort(f"{' and '.join(spellings)} disagree", details=given)
    return next(iter(given.values()), None)


def _once(query: QueryParameters, name: str) -> str | None:
    values = query.get(name, ())
    if len(values) > 1:
        raise InvalidSort(f"{name} is given more than once", details={"parameter": name})
    return values[0] if values else None


def _whole_number(
    query: QueryParameters, spellings: tuple[str, str], default: int, maximum: int
) -> int:
    given = [(name, value) for name in spellings for value in query.get(name, ())]
    if not given:
        return default
    values: set[int] = set()
    for name, text in given:
        # re.ASCII: int() also reads other scripts' digits, underscores and blanks around.
        if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
            raise _invalid(name, text, maximum)
        _in_range(name, int(text), maximum)
        values.add(int(text))
    names = [name for name, _ in given]
    if len(values) > 1 or len(names) != len(set(names)):
        raise InvalidPagination(
            f"{' and '.join(dict.fromkeys(names))}: give one value once",
            details={"parameter": names[0], "value": [text for _, text in given]},
        )
    return values.pop()


def _in_range(name: str, value: int, maximum: int) -> None:
    if type(value) is not int or not 1 <= value <= maximum:
        raise _invalid(name, value, maximum)


def _invalid(name: str, value: object, maximum: int) -> InvalidPagination:
    shown = value if isinstance(value, int) and abs(value) < 2**63 else str(value)[:100]
    return InvalidPagination(
        f"{name} must be a whole number from 1 to {maximum}",
        details={"parameter": name, "value": shown, "minimum": 1, "maximum": maximum},
    )
