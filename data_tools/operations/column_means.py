"""Means of columns of numbers as fractions, in one statement.

The units of the sums follow from the extents of the columns, so the statement reads the values
twice, but only the first time from the stored rows. See Note [Three sums] in `sql.exact_sums`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.extents import COLUMNS_PER_PASS, Extent
from data_tools.operations.row_source import Rows
from data_tools.sql.exact_sums import (
    FINENESS,
    double,
    factor_sql,
    moved,
    power_above_sql,
    sum_aggregates,
    sum_of,
)
from data_tools.sql.fragment import Sql, joined, number, sql
from session_events.events import Column


def measure_means(rows: Rows, columns: Sequence[Column]) -> list[tuple[Extent, Fraction] | None]:
    """Return each column's extent and mean, None without a value; one pass."""
    means: list[tuple[Extent, Fraction] | None] = []
    for first in range(0, len(columns), COLUMNS_PER_PASS):
        together = columns[first : first + COLUMNS_PER_PASS]
        measured = rows.fetch_one(_means_query(rows, together))
        each = len(measured) // len(together)
        for at, column in enumerate(together):
            values, least, largest, factor, unit, multiples, fine_multiples, rest = measured[
                at * each : (at + 1) * each
            ]
            if not values:
                means.append(None)
                continue
            total = sum_of(multiples, fine_multiples, rest, unit) / Fraction(factor)
            means.append((Extent(column, values, least, largest), total / values))
    return means


def _means_query(rows: Rows, columns: Sequence[Column]) -> Sql:
    """Query of one row with eight values for each column: its extent, how it is added up, sums."""
    parts = [_mean_parts(at, column) for at, column in enumerate(columns)]
    return sql(
        """
        WITH cells AS MATERIALIZED (
            {cells}
        ), units AS MATERIALIZED (
            SELECT *, {units}
            FROM (
                SELECT *, {factors}
                FROM (
                    SELECT {extents} FROM cells
                ) AS extents
            ) AS factors
        )
        SELECT {selected}
        FROM (
            SELECT {moved} FROM cells CROSS JOIN units OFFSET 0
        ) AS moved CROSS JOIN units
        """,
        cells=rows.cells_query([rows.cells[column.key] for column in columns]),
        extents=joined(", ", [part.extent for part in parts]),
        factors=joined(", ", [part.factor for part in parts]),
        units=joined(", ", [part.unit for part in parts]),
        moved=joined(", ", [part.moved for part in parts]),
        selected=joined(", ", [part.selected for part in parts]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _MeanParts:
    """What a column adds to each level of the query of means."""

    extent: Sql
    factor: Sql
    unit: Sql
    moved: Sql
    selected: Sql


def _mean_parts(at: int, column: Column) -> _MeanParts:
    def name(of: LiteralString) -> Sql:
        return sql("{of}{at}", of=Sql(of), at=number(at))

    v, n, low, high = name("v"), name("n"), name("low"), name("high")
    factor, unit = name("factor"), name("unit")
    farthest = sql("greatest(abs({low}), abs({high}))", low=low, high=high)
    factor_of, unit_of, moved_value = Sql("1"), Sql("1"), v
    sums: Sequence[Sql] = (sql("sum({v})", v=v), Sql("NULL"), Sql("NULL"))
    if column.type != ColumnType.INTEGER:
        factor_of, moved_value = factor_sql(farthest), moved(v, factor)
        power = power_above_sql(sql("({far} * {factor})", far=farthest, factor=factor))
        unit_of = sql("{power} * {fineness}", power=power, fineness=double(FINENESS))
        fine_unit = sql("({unit} * {fineness})", unit=unit, fineness=double(FINENESS))
        sums = sum_aggregates(v, unit, fine_unit)
    return _MeanParts(
        extent=sql(
            "count({v}) AS {n}, min({v}) AS {low}, max({v}) AS {high}", v=v, n=n, low=low, high=high
        ),
        factor=sql("{value} AS {factor}", value=factor_of, factor=factor),
        unit=sql("{value} AS {unit}", value=unit_of, unit=unit),
        moved=sql("{value} AS {v}", value=moved_value, v=v),
        selected=joined(
            ", ", [*(sql("max({x})", x=each) for each in (n, low, high, factor, unit)), *sums]
        ),
    )
