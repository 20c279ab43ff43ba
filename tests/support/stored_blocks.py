"""Tables that are stored with column blocks, as ingest stores them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pyarrow as pa
import pytest
from django.contrib.auth.models import User
from django.db import transaction
from hypothesis import strategies as st

from data_tools import features
from data_tools.column_blocks import cutting
from data_tools.column_blocks.writing import BaseColumnsWriter
from data_tools.features import Feature
from data_tools.models import DataSource
from data_tools.rows.session_rows import SessionRows
from tests.support.random_stacks import reference, requests, tables
from tests.support.reference_rows import Table
from tests.support.stored_rows import stored


def stored_with_blocks(table: Table, *, block_rows: int = 4) -> SessionRows:
    """Store the table as `stored` does, and blocks of so many rows of its columns.

    There is a dataset with its id, so that computed columns are kept.
    """
    rows = stored(table)
    owner, _ = User.objects.get_or_create(username="owner of stored blocks")
    DataSource.objects.create(pk=rows.dataset_id, owner=owner, name="stored", revision=1)
    write_blocks(rows, table, block_rows=block_rows)
    return rows


def draw_session(data: st.DataObject, *, most_operations: int) -> tuple[Table, SessionRows]:
    """Draw a table that is stored with blocks, and operations on it.

    Returns what the rows have to be after the operations, and the rows.
    """
    expected = data.draw(tables(most_rows=20, times_of_one_form=True))
    rows = stored_with_blocks(expected, block_rows=data.draw(st.integers(1, 21)))
    for _ in range(data.draw(st.integers(0, most_operations))):
        name, parameters = data.draw(requests(expected.names))
        refusal, after, _ = reference(expected, name, parameters)
        if not refusal:
            expected, rows = after, rows.after(rows.prepare(name, parameters))
    return expected, rows


def write_blocks(rows: SessionRows, table: Table, *, block_rows: int = 4) -> None:
    """Write the blocks of the columns of a table that is stored as these rows."""
    writer = BaseColumnsWriter(rows.dataset_id, rows.revision, rows.base_columns)
    with transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(cutting, "BLOCK_ROWS", block_rows)
        writer.add([json_texts(table.column(at)) for at in range(len(table.names))])
        writer.finish()


@contextmanager
def only_rows() -> Iterator[None]:
    """Let nothing read blocks in the block."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(features._Remembered, "off", frozenset({Feature.COLUMN_BLOCKS.value}))
        patch.setattr(features._Remembered, "until", math.inf)
        yield


def json_texts(values: list[object]) -> pa.StringArray:
    """Return values as the JSON texts of their cells; null for a missing one."""
    texts = [None if value is None else orjson.dumps(value).decode() for value in values]
    return pa.array(texts, pa.string())
