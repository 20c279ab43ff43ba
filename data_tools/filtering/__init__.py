"""Which page, which rows, in which order: a client's words as values. Pure and strict.

`page_query` reads the query parameters, `filters` the JSON of a filter.
"""

from data_tools.filtering.filters import Filter, filter_from_json
from data_tools.filtering.page_query import (
    DEFAULT_PAGE_SIZE,
    EVERYTHING,
    LOCALES,
    MAX_PAGE_NUMBER,
    MAX_PAGE_SIZE,
    MAX_SORTS,
    PageSpec,
    Selection,
    SortSpec,
    parse_filter,
    parse_page,
    parse_selection,
    parse_sort,
    sort_from_object,
)

__all__ = [
    "DEFAULT_PAGE_SIZE",
    "EVERYTHING",
    "LOCALES",
    "MAX_PAGE_NUMBER",
    "MAX_PAGE_SIZE",
    "MAX_SORTS",
    "Filter",
    "PageSpec",
    "Selection",
    "SortSpec",
    "filter_from_json",
    "parse_filter",
    "parse_page",
    "parse_selection",
    "parse_sort",
    "sort_from_object",
]
