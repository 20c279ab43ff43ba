"""Tables that are stored as ingest stores them and read back by SQL."""

from __future__ import annotations

import uuid
from contextlib import ExitStack
from typing import Any

from data_tools.filtering import EVERYTHING, PageSpec, Selection, SortSpec
from data_tools.row_tables.placement import being_written
from data_tools.rows.pages import read_page
from data_tools.rows.session_rows import SessionRows
from session_events.events import Column
from tests.support.reference_rows import Table
from tests.support.small_datasets import store_rows

# Where these rows lie, since there is no dataset to ask. Closed after each test.
unpublished = ExitStack()


def stored(table: Table) -> SessionRows:
    """Store the table as revision 1 of a new dataset id, and publish nothing."""
    dataset_id = uuid.uuid4()
    store_rows(dataset_id, table.rows)
    unpublished.enter_context(being_written(dataset_id, 1, has_own_table=False))
    return SessionRows(
        dataset_id=dataset_id,
        revision=1,
        row_count=len(table.rows),
        base_columns=tuple(
            Column(key=f"b{at}", name=name, type=column_type)
            for at, (name, column_type) in enumerate(zip(table.names, table.types, strict=True))
        ),
    )


def all_rows(
    rows: SessionRows,
    page_size: int = 1000,
    sort: SortSpec | None = None,
    selection: Selection = EVERYTHING,
) -> list[list[Any]]:
    """Return the rows of all pages, after checking each page against the totals."""
    if sort is not None:
        selection = Selection(sorts=(sort,))
    read: list[list[Any]] = []
    page_number = 1
    while True:
        page = read_page(rows, PageSpec(page_number=page_number, page_size=page_size), selection)
        assert page.total_rows == rows.total_rows
        read += page.rows
        if not page.has_next:
            assert len(read) == page.filtered_rows
            return read
        assert len(page.rows) == page_size
        page_number += 1
