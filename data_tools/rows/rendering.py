"""Expressions as SQL: every node once, however many columns use it and however deep they stack.

# Note [Linear SQL]
An expression that several columns share, or that is a long stack, is computed once, in a LATERAL
layer that follows the row, and mentioned by its name; OFFSET 0 keeps PostgreSQL from expanding the
name back into the expression. So the text is linear in the number of operations, and neither the
parser's nor Python's stack gets deep. Short shared expressions are repeated, because a layer costs
the planner more than a few calls (measured in docs/decisions/0002).

# Note [Unpacked once]
PostgreSQL stores a row of more than two kilobytes apart and compressed, and would fetch and unpack
it whole for each cell that is read: 38 s for a page of 5,000 columns. So where many cells are read,
the first layer unpacks the row once, which leaves half a second. An empty array is put after it,
because PostgreSQL gives back the other array then, unpacked and otherwise as it is. Rows that are
searched for the value of a gap are left as they are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.operations.exceptions import SessionTooComplex
from data_tools.row_tables import names
from data_tools.rows.lists.queries import is_one_of
from data_tools.sql.expressions import (
    CARRIERS,
    Computed,
    Expression,
    NearestValue,
    Stored,
    inputs_of,
)
from data_tools.sql.fragment import Sql, joined, number, sql

# Weights count operations.
SHARED_WEIGHT = 8  # an expression gets a name if repeating it would cost this many operations
STACKED_WEIGHT = 50  # an expression of this many operations always gets one
MAX_NESTED_SEARCHES = 16  # a fill over a fill over a fill…: each level searches inside the next
MAX_SEARCHES_IN_A_SEARCH = 64  # filling a column made of several filled ones multiplies searches

# In FROM, for the rows of all revisions that have no table of their own: see Note [Where rows lie]
# in `data_tools.row_tables`.
SHARED_ROWS = Sql(names.SHARED_ROWS)
CELLS_TO_UNPACK_FOR = 32  # fewer columns are hardly ever stored apart
ROW = Sql("r0")  # the alias of the stored row in the outermost query


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL for some expressions of one row.

    `layers` follow the stored rows, under the alias `row`, in FROM, each on a line of its own.
    `values` is the row's JSON array. `cells` are the expressions in the order given; a `Stored` one
    is its typed value.
    """

    row: Sql
    values: Sql
    layers: Sql
    cells: tuple[Sql, ...]


@dataclass(slots=True)
class _Names:
    """What names were given so far.

    `table` is what searches read, `rows` how many rows have an alias, and `searches_in_this` how
    many of them are inside the outermost search.
    """

    table: Sql
    rows: int = 0
    searches_in_this: int = 0


def render(outputs: Sequence[Expression], *, table: Sql, other_cells: int = 0) -> Rendered:
    """Return the SQL of `outputs`, of which searches read `table`.

    The caller reads so many `other_cells` of the row beside them.

    Raises:
        SessionTooComplex: fills search inside of fills too deep or too often.
    """
    return _render(outputs, names=_Names(table), depth=0, other_cells=other_cells)


def stored_json(values: Sql, position: int) -> Sql:
    """Return a cell of a row's JSON array as the jsonb that is stored."""
    return sql("{values}->{position}", values=values, position=number(position))


def as_json(cell: Sql) -> Sql:
    return sql("to_jsonb({cell})", cell=cell)


def _render(
    outputs: Sequence[Expression], names: _Names, depth: int, *, other_cells: int = 0
) -> Rendered:
    if depth > MAX_NESTED_SEARCHES:
        raise SessionTooComplex(details={"limit": "nested fills", "maximum": MAX_NESTED_SEARCHES})
    names.searches_in_this = names.searches_in_this + 1 if depth > 1 else 0
    if names.searches_in_this > MAX_SEARCHES_IN_A_SEARCH:
        raise SessionTooComplex(
            details={"limit": "fills of fills", "maximum": MAX_SEARCHES_IN_A_SEARCH}
        )
    row = sql("r{number}", number=number(names.rows))
    names.rows += 1
    nodes = _inputs_first(outputs)
    values = sql('{row}."values"', row=row)
    joins: list[Sql] = []
    read = other_cells + sum(isinstance(node, Stored) for node in nodes)
    if depth == 0 and read >= CELLS_TO_UNPACK_FOR:
        joins.append(_unpacked(row))
        values = sql("u{row}.cells", row=row)
    mentions = Counter(id(node) for node in outputs)
    mentions.update(id(below) for node in nodes for below in _read_here(node))
    written: dict[int, Sql] = {}
    weights: dict[int, int] = {}
    levels: dict[int, int] = {}
    layers: dict[int, list[Sql]] = {}
    for node in nodes:
        if isinstance(node, Stored):
            written[id(node)] = _stored(values, node)
            weights[id(node)] = levels[id(node)] = 0
            continue
        below = _read_here(node)
        weight = sum(weights[id(cell)] for cell in below) + 1
        level = max((levels[id(cell)] for cell in below), default=0)
        if isinstance(node, Computed):
            text = node.write(*(written[id(cell)] for cell in below))
        else:
            text = _nearest(row, node, written.get(id(node.input)), names, depth)
            weight += SHARED_WEIGHT
        repeated = weight * (mentions[id(node)] - 1)
        if weight >= STACKED_WEIGHT or repeated >= SHARED_WEIGHT:
            layer = layers.setdefault(level, [])
            name = sql("c{number}", number=number(len(layer)))
            layer.append(sql("{text} AS {name}", text=text, name=name))
            text = sql("l{row}_{level}.{name}", row=row, level=number(level), name=name)
            weight, level = 0, level + 1
        written[id(node)], weights[id(node)], levels[id(node)] = text, weight, level
    joins += [
        sql(
            "CROSS JOIN LATERAL (SELECT {columns} OFFSET 0) AS l{row}_{level}",
            columns=joined(", ", layers[level]),
            row=row,
            level=number(level),
        )
        for level in sorted(layers)
    ]
    cells = tuple(written[id(node)] for node in outputs)
    return Rendered(row, values, joined("\n", [Sql(""), *joins]), cells)


def _unpacked(row: Sql) -> Sql:
    """Return the layer that unpacks a row: see Note [Unpacked once]."""
    return sql(
        """
        CROSS JOIN LATERAL (SELECT {row}."values" || '[]'::jsonb AS cells OFFSET 0) AS u{row}
        """,
        row=row,
    )


def _inputs_first(outputs: Sequence[Expression]) -> list[Expression]:
    """Return every node under `outputs` once, each after its inputs.

    A loop, since stacks outgrow recursion.
    """
    ordered: dict[int, Expression] = {}
    waiting = list(reversed(outputs))
    while waiting:
        node = waiting[-1]
        missing = [below for below in _read_here(node) if id(below) not in ordered]
        if missing:
            waiting += reversed(missing)
        else:
            ordered[id(waiting.pop())] = node
    return list(ordered.values())


def _read_here(node: Expression) -> tuple[Expression, ...]:
    """Return the inputs that a node reads in its own row; none for a search over a search.

    A first search reads its own row's input directly and looks further only where that is missing.
    If every search did so, each level would double the SQL.
    """
    if not isinstance(node, NearestValue):
        return inputs_of(node)
    seen: set[int] = set()
    waiting = [node.input]
    while waiting:
        below = waiting.pop()
        if isinstance(below, NearestValue):
            return ()
        if id(below) not in seen:
            seen.add(id(below))
            waiting += inputs_of(below)
    return (node.input,)


def _stored(values: Sql, node: Stored) -> Sql:
    text = sql("({values}->>{position})", values=values, position=number(node.position))
    carrier = CARRIERS[node.type]
    return text if carrier.text == "text" else sql("{text}::{type}", text=text, type=carrier)


def _nearest(row: Sql, node: NearestValue, own_value: Sql | None, names: _Names, depth: int) -> Sql:
    """See Note [Nearest value] in `operations.fill_fitting`. The search begins at the own row."""
    inner = _render([node.input], names, depth + 1)
    other_number = sql("{other}.row_number", other=inner.row)
    if node.direction == "earlier":
        until, limit, order = Sql("<="), Sql(">="), sql("{n} DESC", n=other_number)
    else:
        until, limit, order = Sql(">="), Sql("<="), other_number
    # Not indented: the text of nested searches would grow with the square of their depth.
    search = sql(
        """
        (SELECT s.v
        FROM {table} AS {other}{layers}
        CROSS JOIN LATERAL (SELECT {value} AS v OFFSET 0) AS s
        WHERE s.v IS NOT NULL
            AND {other}.dataset_id = {row}.dataset_id
            AND {other}.revision = {row}.revision
            AND {other_number} {until} {start}
            AND {other_number} {limit} {limit_row}
            AND {among}
        ORDER BY {order}
        LIMIT 1)
        """,
        table=names.table,
        layers=inner.layers,
        value=inner.cells[0],
        other=inner.row,
        row=row,
        other_number=other_number,
        until=until,
        start=_search_start(row, node),
        limit=limit,
        limit_row=node.limit_row,
        among=is_one_of(inner.row, node.among) if node.among else Sql("true"),
        order=order,
    )
    if own_value is None:
        return search
    return sql("coalesce({own_value}, {search})", own_value=own_value, search=search)


def _search_start(row: Sql, node: NearestValue) -> Sql:
    """Return the row number to start at: this row, or past the long gap that it lies in."""
    this_row = sql("{row}.row_number", row=row)
    if not node.gaps:
        return this_row
    edges: list[int] = []
    starts: list[int | None] = []
    for first, last in node.gaps:
        edges += [first, last + 1]
        starts += [first - 1 if node.direction == "earlier" else last + 1, None]
    return sql(
        "coalesce(({starts}::bigint[])[width_bucket({this_row}, {edges}::bigint[])], {this_row})",
        starts=starts,
        this_row=this_row,
        edges=edges,
    )
