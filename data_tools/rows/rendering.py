"""Expressions as SQL: every node once, however many columns use it and however deep they stack.

# Note [Linear SQL]
An expression that several columns share, or that is a long stack, is named once in a LATERAL layer
behind the row; OFFSET 0 keeps PostgreSQL from expanding the name back into the expression. So the
text is linear in the number of operations, and neither the parser's nor Python's stack gets deep.
Short shared expressions are repeated, because a layer costs the planner more than a few calls
(measured in docs/decisions/0002).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.operations.exceptions import SessionTooComplex
from data_tools.rows.lists.queries import is_one_of
from data_tools.sql.expressions import (
    CARRIERS,
    Computed,
    Expression,
    NearestValue,
    Stored,
    inputs_of,
)
from data_tools.sql.fragment import Sql, bound, compose, joined, number

SHARED_WEIGHT = 8  # an expression whose repetitions come to so many operations gets a name
STACKED_WEIGHT = 50  # any expression of so many operations gets one
MAX_NESTED_SEARCHES = 16  # a fill over a fill over a fill…: each level searches inside the next
MAX_SEARCHES_IN_A_SEARCH = 64  # a fill of what was made of several fills multiplies them

ROWS_TABLE = Sql("data_tools_datarow")
ROW = Sql("r0")  # the alias of the row that a rendering is about


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL for some expressions of one row.

    `layers` follow the rows, under the alias `row`, in FROM. `cells` are the expressions in the
    order asked for; a `Stored` one is its typed value.
    """

    row: Sql
    layers: Sql
    cells: tuple[Sql, ...]

    @property
    def source(self) -> Sql:
        """What follows FROM where any row may be meant."""
        return compose(ROWS_TABLE, " AS ", self.row, self.layers)


@dataclass(slots=True)
class _Names:
    """How many rows were named so far, and of those how many inside the outermost search."""

    rows: int = 0
    searches_in_this: int = 0


def render(outputs: Sequence[Expression]) -> Rendered:
    """SQL for `outputs`. Raises: SessionTooComplex."""
    return _render(outputs, names=_Names(), depth=0)


def stored_json(row: Sql, position: int) -> Sql:
    """The cell as the jsonb it is stored as."""
    return compose(row, '."values"->', number(position))


def as_json(cell: Sql) -> Sql:
    return compose("to_jsonb(", cell, ")")


def _render(outputs: Sequence[Expression], names: _Names, depth: int) -> Rendered:
    if depth > MAX_NESTED_SEARCHES:
        raise SessionTooComplex(details={"limit": "nested fills", "maximum": MAX_NESTED_SEARCHES})
    names.searches_in_this = names.searches_in_this + 1 if depth > 1 else 0
    if names.searches_in_this > MAX_SEARCHES_IN_A_SEARCH:
        raise SessionTooComplex(
            details={"limit": "fills of fills", "maximum": MAX_SEARCHES_IN_A_SEARCH}
        )
    row = compose("r", number(names.rows))
    names.rows += 1
    nodes = _inputs_first(outputs)
    mentions = Counter(id(node) for node in outputs)
    mentions.update(id(below) for node in nodes for below in _read_here(node))
    written: dict[int, Sql] = {}
    weights: dict[int, int] = {}
    levels: dict[int, int] = {}
    layers: dict[int, list[Sql]] = {}
    for node in nodes:
        if isinstance(node, Stored):
            written[id(node)] = _stored(row, node)
            weights[id(node)] = levels[id(node)] = 0
            continue
        below = _read_here(node)
        weight = sum(weights[id(one)] for one in below) + 1
        level = max((levels[id(one)] for one in below), default=0)
        if isinstance(node, Computed):
            text = node.write(*(written[id(one)] for one in below))
        else:
            text = _nearest(row, node, written.get(id(node.input)), names, depth)
            weight += SHARED_WEIGHT
        repeated = weight * (mentions[id(node)] - 1)
        if weight >= STACKED_WEIGHT or repeated >= SHARED_WEIGHT:
            layer = layers.setdefault(level, [])
            name = compose("l", row, "_", number(level), ".c", number(len(layer)))
            layer.append(compose(text, " AS c", number(len(layer))))
            text, weight, level = name, 0, level + 1
        written[id(node)], weights[id(node)], levels[id(node)] = text, weight, level
    behind = Sql("")
    for level in sorted(layers):
        behind = compose(
            behind,
            " CROSS JOIN LATERAL (SELECT ",
            joined(", ", layers[level]),
            " OFFSET 0) AS l",
            row,
            "_",
            number(level),
        )
    return Rendered(row=row, layers=behind, cells=tuple(written[id(node)] for node in outputs))


def _inputs_first(outputs: Sequence[Expression]) -> list[Expression]:
    """Every node under `outputs` once, each after its inputs. A loop: stacks outgrow recursion."""
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
    """The inputs that a node reads in its own row; none for a search over a search.

    A first search reads its own row's input directly and looks further only where that is missing;
    done again at each level, every level would double the SQL.
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


def _stored(row: Sql, node: Stored) -> Sql:
    text = compose("(", row, '."values"->>', number(node.position), ")")
    carrier = CARRIERS[node.type]
    return text if carrier == "text" else compose(text, "::", carrier)


def _nearest(row: Sql, node: NearestValue, own: Sql | None, names: _Names, depth: int) -> Sql:
    """See Note [Nearest value] in `operations.fill_fitting`. The search begins at the own row."""
    inner = _render([node.input], names, depth + 1)
    earlier = node.direction == "earlier"
    among = is_one_of(inner.row, node.among) if node.among else Sql("true")
    search = compose(
        *("(SELECT s.v FROM ", inner.source, " CROSS JOIN LATERAL (SELECT "),
        *(inner.cells[0], " AS v OFFSET 0) AS s WHERE s.v IS NOT NULL AND "),
        *(inner.row, ".dataset_id = ", row, ".dataset_id AND "),
        *(inner.row, ".revision = ", row, ".revision AND "),
        *(inner.row, ".row_number <= " if earlier else ".row_number >= "),
        _search_start(row, node),
        *(" AND ", inner.row, ".row_number >= " if earlier else ".row_number <= "),
        *(bound(node.limit_row), " AND ", among),
        *(" ORDER BY ", inner.row, ".row_number DESC" if earlier else ".row_number"),
        " LIMIT 1)",
    )
    return search if own is None else compose("coalesce(", own, ", ", search, ")")


def _search_start(row: Sql, node: NearestValue) -> Sql:
    """The row a search starts at: this row, or the end of the long gap that it lies in."""
    here = compose(row, ".row_number")
    if not node.gaps:
        return here
    edges: list[int] = []
    starts: list[int | None] = []
    for first, last in node.gaps:
        edges += [first, last + 1]
        starts += [first - 1 if node.direction == "earlier" else last + 1, None]
    return compose(
        "coalesce((",
        bound(starts),
        "::bigint[])[width_bucket(",
        here,
        ", ",
        bound(edges),
        "::bigint[])], ",
        here,
        ")",
    )
