"""Which page of the rows. Pure and strict: nothing is ever clamped or guessed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from data_tools.filtering.exceptions import InvalidPagination

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


def parse_page(query: QueryParameters) -> PageSpec:
    """The page that was asked for; page 1 of 25 rows by default. Raises: InvalidPagination."""
    return PageSpec(
        page_number=_whole_number(query, ("page_number", "page"), 1, MAX_PAGE_NUMBER),
        page_size=_whole_number(query, ("page_size", "pageSize"), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    )


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
