"""The query parameters of a page as values: which page, which rows, in which order. Pure.

Every spelling of a client is read: `page`/`pageSize`/`sortField`/`sortOrder`,
`page_number`/`page_size`/`sort`, and `sort_by`/`sort_order`. Nothing is ever clamped or guessed.

Note [Several columns in one parameter]
    `sort=-a,b` is by a descending, then by b. A column whose name holds a comma is named by
    `sort=["-a,b"]`, a JSON list, or by the parameter repeated, where each value is one name.
    A leading `-` means descending; a column whose own name begins with `-` is sorted ascending by
    `sortField`, which `sort_by` is another name of, or by `{"column": …}` in the JSON list. Only
    such an object can ask for an order by a locale or without case.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from data_tools.filtering.exceptions import InvalidFilter, InvalidPagination, InvalidSort
from data_tools.filtering.filters import LONGEST_FILTER, Filter, filter_from_json

DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 1000
MAX_PAGE_NUMBER = 10**12  # with MAX_PAGE_SIZE, every row number stays within 64 bits
MAX_SORTS = 4
# Languages, each with the order of its dictionaries.
LOCALES = (
    *("ar", "bg", "ca", "cs", "da", "de", "el", "en", "es", "et", "fa", "fi", "fr", "he", "hi"),
    *("hr", "hu", "is", "it", "ja", "ko", "lt", "lv", "nb", "nl", "nn", "pl", "pt", "ro", "ru"),
    *("sk", "sl", "sq", "sr", "sv", "th", "tr", "uk", "vi", "zh"),
)
_LONGEST_NAMES = 100_000  # characters of one parameter
_OPTIONS = ("descending", "locale", "ignore_case")  # of one sort, beside its column

QueryParameters = Mapping[str, Sequence[str]]  # as of `dict(request.GET.lists())`


@dataclass(frozen=True, slots=True, kw_only=True)
class PageSpec:
    """Page `page_number` (from 1) of `page_size` rows each.

    Raises:
        InvalidPagination: a number is not a whole number in its range.
    """

    page_number: int = 1
    page_size: int = DEFAULT_PAGE_SIZE

    def __post_init__(self) -> None:
        _require_in_range("page_number", self.page_number, MAX_PAGE_NUMBER)
        _require_in_range("page_size", self.page_size, MAX_PAGE_SIZE)

    @property
    def offset(self) -> int:
        """How many rows come before this page."""
        return (self.page_number - 1) * self.page_size


@dataclass(frozen=True, slots=True, kw_only=True)
class SortSpec:
    """Order by one column; missing values last either way, ties by row number.

    Texts are ordered by code point, or as a language of LOCALES orders them. With `ignore_case`
    those that differ in case alone are equal.
    """

    column_name: str
    descending: bool = False
    locale: str | None = None
    ignore_case: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the sort as an entry of the JSON list of `sort`, without what is the default."""
        written: dict[str, Any] = {"column": self.column_name, "descending": self.descending}
        if self.locale is not None:
            written["locale"] = self.locale
        if self.ignore_case:
            written["ignore_case"] = True
        return written


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that `filter` keeps (without one, all), in the order of `sorts` or else row order.

    Each sort decides between rows that are equal to those before it; ties go by row number.
    """

    filter: Filter | None = None
    sorts: tuple[SortSpec, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether these are all rows in row order."""
        return self.filter is None and not self.sorts


EVERYTHING = Selection()


def parse_page(query: QueryParameters) -> PageSpec:
    """Return the page of a query; page 1 of 25 rows by default.

    Raises:
        InvalidPagination: a number is not in its range, or is given twice.
    """
    return PageSpec(
        page_number=_whole_number(query, ("page_number", "page"), 1, MAX_PAGE_NUMBER),
        page_size=_whole_number(query, ("page_size", "pageSize"), DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE),
    )


def parse_selection(query: QueryParameters) -> Selection:
    """Return which rows a query selects, and their order, as `parse_filter` and `parse_sort` do."""
    return Selection(filter=parse_filter(query), sorts=parse_sort(query))


def parse_filter(query: QueryParameters) -> Filter | None:
    """Return the filter in the parameter `filter`, None for an empty one.

    Raises:
        InvalidFilter: the parameter is given twice, too long, not JSON or not a filter.
    """
    texts = [text for text in query.get("filter", ()) if text]
    if not texts:
        return None
    if len(texts) > 1:
        raise InvalidFilter("filter", "is given more than once")
    if len(texts[0]) > LONGEST_FILTER:
        raise InvalidFilter("filter", "is too long", maximum=LONGEST_FILTER)
    try:
        value = orjson.loads(texts[0])
    except (orjson.JSONDecodeError, RecursionError):
        raise InvalidFilter("filter", "is not JSON") from None
    return None if value == [] else filter_from_json(value)


def parse_sort(query: QueryParameters) -> tuple[SortSpec, ...]:
    """Return the order of a query, empty by default.

    An empty name means no sorting: existing clients send it. See Note [Several columns in one
    parameter].

    Raises:
        InvalidSort: parameters disagree or are given twice, or name too many columns.
    """
    sorts = _sorts_of([text for text in query.get("sort", ()) if text])
    name = _value_in_one_spelling(query, ("sortField", "sort_by"))
    order = (_value_in_one_spelling(query, ("sortOrder", "sort_order")) or "asc").lower()
    if order not in ("asc", "desc"):
        parameter = "sort_order" if any(query.get("sort_order", ())) else "sortOrder"
        raise InvalidSort(
            f"{parameter} must be asc or desc", details={"parameter": parameter, "value": order}
        )
    if name:
        by_name = (SortSpec(column_name=name, descending=order == "desc"),)
        if sorts and sorts != by_name:
            raise InvalidSort(
                "sort and sortField disagree",
                details={"sort": [sort.column_name for sort in sorts], "sortField": name},
            )
        sorts = by_name
    if len(sorts) > MAX_SORTS:
        raise InvalidSort(
            f"at most {MAX_SORTS} columns can be sorted by", details={"maximum": MAX_SORTS}
        )
    names = [sort.column_name for sort in sorts]
    if len(set(names)) < len(names):
        raise InvalidSort("a column is named more than once", details={"columns": names})
    return sorts


def _whole_number(
    query: QueryParameters, spellings: tuple[str, str], default: int, maximum: int
) -> int:
    texts = [(name, text) for name in spellings for text in query.get(name, ())]
    if not texts:
        return default
    numbers: set[int] = set()
    for name, text in texts:
        # re.ASCII: int() also reads other scripts' digits, underscores and blanks around.
        if not re.fullmatch(r"[0-9]{1,18}", text, re.ASCII):
            raise _invalid_page(name, text, maximum)
        _require_in_range(name, int(text), maximum)
        numbers.add(int(text))
    names = [name for name, _ in texts]
    if len(numbers) > 1 or len(names) != len(set(names)):
        raise InvalidPagination(
            f"{' and '.join(dict.fromkeys(names))}: give one value once",
            details={"parameter": names[0], "value": [text for _, text in texts]},
        )
    return numbers.pop()


def _require_in_range(name: str, value: int, maximum: int) -> None:
    if type(value) is not int or not 1 <= value <= maximum:
        raise _invalid_page(name, value, maximum)


def _invalid_page(name: str, value: object, maximum: int) -> InvalidPagination:
    shown = value if isinstance(value, int) and abs(value) < 2**63 else str(value)[:100]
    return InvalidPagination(
        f"{name} must be a whole number from 1 to {maximum}",
        details={"parameter": name, "value": shown, "minimum": 1, "maximum": maximum},
    )


def _sorts_of(texts: list[str]) -> tuple[SortSpec, ...]:
    if len(texts) != 1:
        return tuple(_sort_from_text(text) for text in texts)
    [text] = texts
    if len(text) > _LONGEST_NAMES:
        raise InvalidSort("sort is too long", details={"maximum": _LONGEST_NAMES})
    if not text.startswith("["):
        return tuple(_sort_from_text(part) for part in text.split(","))
    try:
        entries = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidSort("sort begins like a JSON list, but is not one") from None
    return tuple(_sort_from_json(entry, f"sort[{at}]") for at, entry in enumerate(entries))


def _sort_from_text(text: str) -> SortSpec:
    return SortSpec(column_name=text.removeprefix("-"), descending=text.startswith("-"))


def _sort_from_json(value: Any, path: str) -> SortSpec:
    if isinstance(value, str):
        return _sort_from_text(value)
    if not isinstance(value, dict) or not isinstance(value.get("column"), str):
        raise InvalidSort(
            f'{path} must be a column\'s name or {{"column", {", ".join(map(_quoted, _OPTIONS))}}}',
            details={"path": path},
        )
    return sort_from_object(value, path)


def sort_from_object(value: Mapping[str, Any], path: str = "sort") -> SortSpec:
    """Return the sort that an object with a `column` asks for, as `SortSpec.as_json` writes it.

    Raises:
        InvalidSort: an option is unknown or has a wrong value; names its path.
    """
    options = {name: option for name, option in value.items() if name != "column"}
    for name, option in options.items():
        if name not in _OPTIONS:
            raise InvalidSort(
                f"{path}.{name} is not an option of an order",
                details={"path": f"{path}.{name}", "known": ["column", *_OPTIONS]},
            )
        if name == "locale" and option is not None and option not in LOCALES:
            raise InvalidSort(
                f"{path}.locale must be one of {', '.join(LOCALES)}",
                details={"path": f"{path}.locale", "known": list(LOCALES)},
            )
        if name != "locale" and not isinstance(option, bool):
            raise InvalidSort(
                f"{path}.{name} must be true or false", details={"path": f"{path}.{name}"}
            )
    return SortSpec(column_name=value["column"], **options)


def _quoted(name: str) -> str:
    return f'"{name}"'


def _value_in_one_spelling(query: QueryParameters, spellings: tuple[str, str]) -> str | None:
    """Return the value that is not empty, if any; under both names only if it is the same."""
    values: dict[str, str] = {}
    for name in spellings:
        texts = query.get(name, ())
        if len(texts) > 1:
            raise InvalidSort(f"{name} is given more than once", details={"parameter": name})
        if texts and texts[0]:
            values[name] = texts[0]
    if len(set(values.values())) > 1:
        raise InvalidSort(f"{' and '.join(spellings)} disagree", details=values)
    return next(iter(values.values()), None)
