"""In which order. Pure and strict.

Note [Several columns in one parameter]
    `sort=-a,b` is by a descending, then by b. A column whose name holds a comma is named by
    `sort=["-a,b"]`, a JSON list, or by the parameter repeated, where each is one column as it is.
    A leading `-` means descending; a column whose own name begins with `-` is sorted ascending by
    `sortField`, which `sort_by` is another name of, or by `{"column": …}` in the JSON list.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from data_tools.filtering.exceptions import InvalidSort
from data_tools.filtering.page_spec import QueryParameters

MAX_SORTS = 4
_LONGEST_NAMES = 100_000  # characters of one parameter


@dataclass(frozen=True, slots=True, kw_only=True)
class SortSpec:
    """Order by one column; missing values last either way, ties by row number."""

    column_name: str
    descending: bool = False


def parse_sort(query: QueryParameters) -> tuple[SortSpec, ...]:
    """The order that was asked for, empty by default. Raises: InvalidSort.

    An empty name means no sorting: existing clients send it. See Note [Several columns in one
    parameter].
    """
    sorts = _listed([text for text in query.get("sort", ()) if text])
    name = _in_one_spelling(query, ("sortField", "sort_by"))
    order = (_in_one_spelling(query, ("sortOrder", "sort_order")) or "asc").lower()
    if order not in ("asc", "desc"):
        parameter = "sort_order" if any(query.get("sort_order", ())) else "sortOrder"
        raise InvalidSort(
            f"{parameter} must be asc or desc", details={"parameter": parameter, "value": order}
        )
    if name:
        one = (SortSpec(column_name=name, descending=order == "desc"),)
        if sorts and sorts != one:
            raise InvalidSort(
                "sort and sortField disagree",
                details={"sort": [sort.column_name for sort in sorts], "sortField": name},
            )
        sorts = one
    return _bounded(sorts)


def _listed(given: list[str]) -> tuple[SortSpec, ...]:
    if len(given) != 1:
        return tuple(_written(text) for text in given)
    [text] = given
    if len(text) > _LONGEST_NAMES:
        raise InvalidSort("sort is too long", details={"maximum": _LONGEST_NAMES})
    if not text.startswith("["):
        return tuple(_written(part) for part in text.split(","))
    try:
        entries = orjson.loads(text)
    except orjson.JSONDecodeError:
        raise InvalidSort("sort begins like a JSON list, but is none") from None
    return tuple(_entry(entry, f"sort[{at}]") for at, entry in enumerate(entries))


def _written(text: str) -> SortSpec:
    return SortSpec(column_name=text.removeprefix("-"), descending=text.startswith("-"))


def _entry(value: Any, path: str) -> SortSpec:
    match value:
        case str():
            return _written(value)
        case {"column": str() as name, **more}:
            descending = more.pop("descending", False)
            if not more and isinstance(descending, bool):
                return SortSpec(column_name=name, descending=descending)
    raise InvalidSort(
        f'{path} must be a column\'s name or {{"column", "descending"}}', details={"path": path}
    )


def _bounded(sorts: tuple[SortSpec, ...]) -> tuple[SortSpec, ...]:
    if len(sorts) > MAX_SORTS:
        raise InvalidSort(
            f"at most {MAX_SORTS} columns can be sorted by", details={"maximum": MAX_SORTS}
        )
    names = [sort.column_name for sort in sorts]
    if len(set(names)) < len(names):
        raise InvalidSort("a column is named more than once", details={"columns": names})
    return sorts


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
