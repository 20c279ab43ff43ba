"""Where values are missing, as the existing contract tells it."""

from __future__ import annotations

from typing_extensions import TypedDict

from data_tools.answers.shared_values import Durable, Success, durable
from data_tools.profiles.profile import Presence
from data_tools.services.column_service import MissingValues
from session_events.events import Column

_MANY_MISSING_PERCENT = 50
_DIGITS_SHOWN = 2  # after the point, of a percentage that the existing client shows as it is


class ColumnWithGaps(TypedDict):
    column: str
    nan_count: int
    nan_percentage: float
    total_values: int
    is_completely_nan: bool


class ColumnNullity(TypedDict):
    column: str
    null_percentage: float


class MissingValueFigures(TypedDict):
    total_rows: int
    total_columns: int
    total_cells: int
    nan_analysis: dict[str, int]
    total_nan_cells: int
    nan_cell_percentage: float
    columns_with_nan: int
    columns_completely_nan: int
    rows_with_nan: int
    rows_with_nan_percentage: float
    column_details: list[ColumnWithGaps]
    completely_nan_columns: list[str]
    recommendations: list[str]
    column_nullity: list[ColumnNullity]


class MissingValuesBody(Durable):
    """`column_nullity` is what the existing client shows: worst first, rounded to two digits."""

    success: Success
    data: MissingValueFigures
    column_nullity: list[ColumnNullity]


def missing_values_body(missing: MissingValues) -> MissingValuesBody:
    """Return the body of the existing `nan/analysis`, with the list that its client reads.

    The client reads `column_nullity` beside `data`; the one within `data` is exact.
    """
    columns = missing.columns
    cells = missing.total_rows * len(columns)
    missing_cells = sum(presence.missing for _, presence in columns)
    gappy = [(column, presence) for column, presence in columns if presence.missing]
    empty = [column.name for column, presence in gappy if not presence.values]
    rows_percentage = _percentage(missing.rows_with_missing, missing.total_rows)
    data: MissingValueFigures = {
        "total_rows": missing.total_rows,
        "total_columns": len(columns),
        "total_cells": cells,
        "nan_analysis": {column.name: presence.missing for column, presence in gappy},
        "total_nan_cells": missing_cells,
        "nan_cell_percentage": _percentage(missing_cells, cells),
        "columns_with_nan": len(gappy),
        "columns_completely_nan": len(empty),
        "rows_with_nan": missing.rows_with_missing,
        "rows_with_nan_percentage": rows_percentage,
        "column_details": [
            {
                "column": column.name,
                "nan_count": presence.missing,
                "nan_percentage": presence.missing_percentage,
                "total_values": presence.values + presence.missing,
                "is_completely_nan": not presence.values,
            }
            for column, presence in gappy
        ],
        "completely_nan_columns": empty,
        "recommendations": _recommendations(gappy, len(empty), rows_percentage),
        "column_nullity": [
            {"column": column.name, "null_percentage": presence.missing_percentage}
            for column, presence in columns
        ],
    }
    worst_first = sorted(columns, key=lambda each: each[1].missing_percentage, reverse=True)
    shown: list[ColumnNullity] = [
        {
            "column": column.name,
            "null_percentage": round(presence.missing_percentage, _DIGITS_SHOWN),
        }
        for column, presence in worst_first
    ]
    return {"success": True, "data": data, "column_nullity": shown, **durable(missing.session)}


def _percentage(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _recommendations(
    gappy: list[tuple[Column, Presence]], empty: int, rows_percentage: float
) -> list[str]:
    if not gappy:
        return ["No values are missing."]
    advice: list[str] = []
    if empty:
        advice.append(f"Drop the columns without any value: {empty}.")
    mostly = sum(_MANY_MISSING_PERCENT <= each.missing_percentage < 100 for _, each in gappy)
    if mostly:
        advice.append(f"Look at the columns that miss half of their values or more: {mostly}.")
    if len(gappy) > empty:
        advice.append(
            "Fill the missing values: dropping every row that has one would leave "
            f"{100 - rows_percentage:.1f} % of the rows."
        )
    return advice
