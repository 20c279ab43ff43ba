"""The shape of a selection: its columns and operators, without a value or a name of its user's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from data_tools.filtering.filters import Condition, Node
from data_tools.filtering.page_query import Selection
from session_events.events import Column

LONGEST_SHAPE = 1_000  # characters


def shapes(selection: Selection, columns: Sequence[Column]) -> dict[str, str]:
    """Return `filter_shape` and `sort_shape` of a selection, without what it does not have.

    Columns are named by their keys, as in ``all(b0 gte, any(b3 in, d1 is_null))`` and ``b2, -b0``.
    A shape is cut after LONGEST_SHAPE characters.
    """
    keys = {column.name: column.key for column in columns}
    found: dict[str, str] = {}
    if selection.filter is not None:
        found["filter_shape"] = _of_node(selection.filter.root, keys)[:LONGEST_SHAPE]
    if selection.sorts:
        found["sort_shape"] = ", ".join(
            ("-" if sort.descending else "") + keys.get(sort.column_name, "?")
            for sort in selection.sorts
        )
    return found


def _of_node(node: Node, keys: Mapping[str, str]) -> str:
    if isinstance(node, Condition):
        return f"{keys.get(node.column_name, '?')} {node.operator}"
    return f"{node.kind}({', '.join(_of_node(part, keys) for part in node.parts)})"
