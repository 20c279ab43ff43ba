"""Cells that the database computes once for each distinct value of the only column they need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection

from data_tools.column_blocks.reading import of_its_type
from data_tools.columns import ColumnType
from data_tools.figures.cells import cells_of
from data_tools.rows.computed_columns import block_of_texts
from data_tools.rows.rendering import SHARED_ROWS, render
from data_tools.sql.expressions import (
    CARRIERS,
    Computed,
    Expression,
    Stored,
    inputs_first,
)
from data_tools.sql.fragment import Sql, sql

# Sent to the database: more take longer than it takes to look at all rows.
MOST_VALUES_SENT = 20_000
MOST_BYTES_SENT = 2_000_000


def only_input(expression: Expression) -> Stored | None:
    """Return the one stored column that a cell is computed from; None if it needs another row."""
    stored: dict[int, Stored] = {}
    for node in inputs_first([expression]):
        if isinstance(node, Stored):
            stored[node.position] = node
        elif not isinstance(node, Computed):
            return None
    return next(iter(stored.values())) if len(stored) == 1 else None


def compute_by_value(expression: Expression, values: pa.ChunkedArray) -> pa.ChunkedArray | None:
    """Return the cells that an expression makes of its `only_input`, as blocks hold them.

    None if the distinct values of the input are too many or too long, or the cells do not fit into
    blocks.
    """
    distinct = distinct_values(values)
    if len(distinct) > MOST_VALUES_SENT or distinct.nbytes > MOST_BYTES_SENT:
        return None
    cells = [*cells_of(distinct), None]
    column_type = ColumnType(expression.type)
    results = block_of_texts(pa.array(_results(expression, cells), pa.string()), column_type)
    if results is None:
        return None
    places = (_places(chunk, distinct) for chunk in values.chunks)
    found = pa.chunked_array([results.take(each) for each in places], results.type)
    return of_its_type(found, column_type)


def distinct_values(values: pa.ChunkedArray) -> pa.Array:
    """Return each value once, and of texts also such as a block knows and no row has."""
    if pa.types.is_dictionary(values.type):
        texts = [chunk.dictionary for chunk in values.chunks]
        values = pa.chunked_array(texts, values.type.value_type)
    return pc.unique(values).drop_null()


def _places(chunk: pa.Array, distinct: pa.Array) -> pa.Array:
    """Return where each value is among the distinct ones; behind them for a missing one."""
    if pa.types.is_dictionary(chunk.type):
        places = pc.index_in(chunk.dictionary, distinct).take(chunk.indices)
    else:
        places = pc.index_in(chunk, distinct)
    return places.fill_null(len(distinct))


def _results(expression: Expression, cells: Sequence[Any]) -> list[str | None]:
    query = results_query(expression, cells)
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        return [text for (text,) in cursor.fetchall()]


def results_query(expression: Expression, cells: Sequence[Any]) -> Sql:
    """Query of the text that an expression makes of each of the cells of its `only_input`.

    Each cell is the only one of a row, which is in JSON as stored ones are.
    """
    rendered = render([_of_first_column(expression)], table=SHARED_ROWS)  # nothing is searched
    [stored] = {node.type for node in inputs_first([expression]) if isinstance(node, Stored)}
    return sql(
        """
        SELECT CAST({cell} AS text)
        FROM (
            SELECT at, jsonb_build_array(cell) AS "values"
            FROM unnest(CAST({cells} AS {type}[])) WITH ORDINALITY AS given (cell, at)
        ) AS {row}{layers}
        ORDER BY {row}.at
        """,
        cell=rendered.cells[0],
        cells=list(cells),
        type=CARRIERS[stored],
        row=rendered.row,
        layers=rendered.layers,
    )


def _of_first_column(expression: Expression) -> Expression:
    """Return the expression with the first column in place of its only one."""
    made: dict[int, Expression] = {}
    for node in inputs_first([expression]):
        if isinstance(node, Stored):
            made[id(node)] = replace(node, position=0)
        else:
            assert isinstance(node, Computed)
            inputs = tuple(made[id(below)] for below in node.inputs)
            made[id(node)] = replace(node, inputs=inputs)
    return made[id(expression)]
