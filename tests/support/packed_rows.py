"""Column blocks of rows that a test stored, and what the blocks and SQL say of a column."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pyarrow as pa
from django.db import transaction

from data_tools.column_blocks.reading import read_column
from data_tools.column_blocks.storage import ColumnKey
from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.columns import ColumnType, base_columns
from data_tools.exporting.arrow_rows import json_columns
from data_tools.models import DataSource
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.fragment import sql
from session_events.events import Column


def pack(rows: SessionRows) -> None:
    """Write the blocks of the revision that these are the rows of, as ingest does."""
    with transaction.atomic():
        writer = BaseColumnsWriter(rows.dataset_id, rows.revision, rows.base_columns)
        for texts in json_columns(replace(rows, operations=())):
            writer.add(texts)
        writer.finish()


def rows_of(datasource: DataSource) -> SessionRows:
    """The published rows of a dataset."""
    return SessionRows(
        dataset_id=datasource.pk,
        revision=datasource.revision,
        row_count=datasource.row_count,
        base_columns=base_columns(datasource.columns),
    )


def by_blocks(rows: SessionRows, column: Column) -> pa.ChunkedArray | None:
    key = ColumnKey(dataset_id=rows.dataset_id, revision=rows.revision, column=column.key)
    return read_column(key, ColumnType(column.type), row_count=rows.row_count)


def by_sql(rows: SessionRows, column: Column) -> list[Any]:
    """A column's values in row order, as every statement over the rows reads them."""
    cells = rows.cells_query([rows.cells[column.key]])
    query = sql("SELECT v0 FROM (\n{cells}\n) AS cells ORDER BY row_number", cells=cells)
    return [value for (value,) in rows.fetch_all(query)]
