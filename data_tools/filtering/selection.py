"""Which of the rows, and in which order."""

from __future__ import annotations

from dataclasses import dataclass

from data_tools.filtering.filters import Filter, parse_filter
from data_tools.filtering.page_spec import QueryParameters
from data_tools.filtering.sorts import SortSpec, parse_sort


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The rows that `filter` keeps, all without one, in the order of `sorts`, else in row order.

    Each sort decides between rows that are equal to those before it; ties go by row number.
    """

    filter: Filter | None = None
    sorts: tuple[SortSpec, ...] = ()

    @property
    def is_everything(self) -> bool:
        """Whether these are all rows in row order."""
        return self.filter is None and not self.sorts


EVERYTHING = Selection()


def parse_selection(query: QueryParameters) -> Selection:
    """The rows that were asked for. Raises: InvalidFilter, InvalidSort."""
    return Selection(filter=parse_filter(query), sorts=parse_sort(query))
