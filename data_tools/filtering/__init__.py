"""Query parameters of a page as values: which page, which rows, in which order. Pure and strict.

Every spelling of a client is read, `page`/`pageSize`/`sortField`/`sortOrder`,
`page_number`/`page_size`/`sort` and `sort_by`/`sort_order`; nothing is ever clamped or guessed.
"""

from data_tools.filtering.filters import Filter, filter_of, parse_filter
from data_tools.filtering.page_spec import (
    DEFAULT_PAGE_SIZE,
    MAX_PAGE_NUMBER,
    MAX_PAGE_SIZE,
    PageSpec,
    parse_page,
)
from data_tools.filtering.selection import EVERYTHING, Selection, parse_selection
from data_tools.filtering.sorts import MAX_SORTS, SortSpec, parse_sort

__all__ = [
    "DEFAULT_PAGE_SIZE",
    "EVERYTHING",
    "MAX_PAGE_NUMBER",
    "MAX_PAGE_SIZE",
    "MAX_SORTS",
    "Filter",
    "PageSpec",
    "Selection",
    "SortSpec",
    "filter_of",
    "parse_filter",
    "parse_page",
    "parse_selection",
    "parse_sort",
]
