"""From one column type to another: which changes exist, and the expression of each.

A value without an exact counterpart does not fit and becomes missing: 2.5 and 1e30 do not fit
integers, an integer beyond 2^53 does not fit floats, "maybe" and 2 do not fit booleans. A text fits
where the value it spells does, so the texts 9007199254740993 and 9007199254740993.0 do not fit
floats either; decimals like 0.1 become the nearest double. A datetime holds microseconds, so a text
with more digits does not fit unless they are zeros; an offset makes it the same moment in UTC. A
date gets midnight, and a datetime loses its time of day when it becomes a date, which the message
of the operation counts. Numbers and dates do not become each other.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import LiteralString

import pyarrow as pa

from data_tools.columns import ColumnType
from data_tools.operations.column_functions import integer_to_float, times_to_text
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import sql

_I, _F, _T = ColumnType.INTEGER, ColumnType.FLOAT, ColumnType.TEXT
_B, _D, _DT = ColumnType.BOOLEAN, ColumnType.DATE, ColumnType.DATETIME
_ZERO_OR_ONE: LiteralString = "(CASE {cell} WHEN 1 THEN true WHEN 0 THEN false END)"

_TEMPLATES: dict[tuple[ColumnType, ColumnType], LiteralString] = {
    (_I, _F): "data_tools_integer_to_float({cell})",
    (_I, _T): "CAST({cell} AS text)",
    (_I, _B): _ZERO_OR_ONE,
    (_F, _I): "data_tools_float_to_integer({cell})",
    (_F, _T): "CAST({cell} AS text)",
    (_F, _B): _ZERO_OR_ONE,
    (_T, _I): "data_tools_text_to_integer({cell})",
    (_T, _F): "data_tools_text_to_float({cell})",
    (_T, _B): "data_tools_text_to_boolean({cell})",
    (_T, _D): "data_tools_text_to_date({cell})",
    (_T, _DT): "data_tools_text_to_datetime({cell})",
    (_B, _I): "CAST(CAST({cell} AS integer) AS bigint)",
    (_B, _F): "CAST(CAST({cell} AS integer) AS double precision)",
    (_B, _T): "CAST({cell} AS text)",
    (_D, _T): "{cell}",
    (_D, _DT): "({cell} || 'T00:00:00')",
    (_DT, _T): "{cell}",
    (_DT, _D): "substr({cell}, 1, 10)",
}
# In place of those above since a cast cuts no digits; events without the mark keep those above.
_EXACT_TEMPLATES: dict[tuple[ColumnType, ColumnType], LiteralString] = {
    (_T, _F): "data_tools_text_to_exact_float({cell})",
    (_T, _DT): "data_tools_text_to_exact_datetime({cell})",
}

# What has a counterpart for every value.
_ALWAYS_FIT = frozenset(
    {(_I, _T), (_F, _T), (_B, _I), (_B, _F), (_B, _T), (_D, _T), (_D, _DT), (_DT, _T), (_DT, _D)}
)
_COMPUTED: dict[tuple[ColumnType, ColumnType], Callable[[pa.Array], pa.Array]] = {
    (_I, _F): integer_to_float,
    (_B, _I): lambda values: values.cast(pa.int64()),
    (_B, _F): lambda values: values.cast(pa.float64()),
    (_D, _T): times_to_text,
    (_DT, _T): times_to_text,
}


def possible_types(source: ColumnType) -> list[ColumnType]:
    """Return the types that a column of this type can become, its own first."""
    return [source, *(target for origin, target in _TEMPLATES if origin is source)]


def cast(
    cell: Expression,
    source: ColumnType,
    target: ColumnType,
    *,
    all_fit: bool = False,
    none_is_lost: bool = False,
    cuts_digits: bool = False,
) -> Expression:
    """Return the cell as `target`, null where its value does not fit.

    With `cuts_digits`, as older events have it, a text with more digits than a datetime or a float
    holds loses them instead.

    A number or boolean that became text is itself again when it is cast back, and so are casts
    between numbers and booleans where `all_fit` is known of the column: going to and fro costs
    nothing on a page. Text and times are not, since they spell one value in several ways.
    `none_is_lost` says that it was counted that each value of the column fits.
    """
    if source is target:
        return cell
    if isinstance(cell, Computed) and cell.undone_as is target:
        return cell.inputs[0]
    template = _TEMPLATES[source, target]
    if not cuts_digits:
        template = _EXACT_TEMPLATES.get((source, target), template)
    return Computed(
        type=target,
        inputs=(cell,),
        write=lambda cell: sql(template, cell=cell),
        undone_as=source if source in (_I, _F, _B) and (target is _T or all_fit) else None,
        compute=_COMPUTED.get((source, target)),
        keeps_gaps=none_is_lost or (source, target) in _ALWAYS_FIT,
    )
