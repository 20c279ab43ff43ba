"""Figures of columns as the API's JSON values: ours, and those of the existing contract."""

from __future__ import annotations

from typing import Any

from data_tools.columns import ColumnType
from data_tools.profiles.profile import ColumnProfile, Frequency, Histogram
from data_tools.services.column_service import MissingValues, ProfiledColumns, Suggestions
from data_tools.views.api.presentation import durable
from session_events.events import Column

# What pandas calls a column of that type; missing values do not change it.
_DTYPES = {
    ColumnType.INTEGER: "int64",
    ColumnType.FLOAT: "float64",
    ColumnType.BOOLEAN: "bool",
    ColumnType.TEXT: "object",
    ColumnType.DATE: "datetime64[ns]",
    ColumnType.DATETIME: "datetime64[ns]",
}
# What pandas takes for a value: eight bytes, or one; for a text a pointer and an object as well.
_VALUE_BYTES = {"int64": 8, "float64": 8, "bool": 1, "datetime64[ns]": 8, "object": 8}
_TEXT_OBJECT_BYTES = 49
_MANY_MISSING_PERCENT = 50


def columns_body(found: ProfiledColumns) -> dict[str, Any]:
    return {
        "success": True,
        "total_rows": found.total_rows,
        "columns": [_column(column, profile) for column, profile in found.columns],
        **durable(found.session),
    }


def _column(column: Column, profile: ColumnProfile) -> dict[str, Any]:
    is_time = column.type in (ColumnType.DATE, ColumnType.DATETIME)
    return {
        "key": column.key,
        "name": column.name,
        "type": column.type,
        "nullable": profile.missing > 0,
        "null_count": profile.missing,
        "null_percentage": profile.missing_percentage,
        "distinct_count": profile.distinct,
        "min": profile.minimum,
        "max": profile.maximum,
        "mean": profile.mean,
        "std": profile.standard_deviation,
        "quantiles": {f"{at / 100:.2f}": value for at, value in profile.quantiles.items()},
        "histogram": _histogram(profile.histogram),
        "most_frequent": [_frequency(one) for one in profile.most_frequent],
        "date_range": {"from": profile.minimum, "to": profile.maximum}
        if is_time and profile.values
        else None,
    }


def _histogram(histogram: Histogram | None) -> dict[str, Any] | None:
    if histogram is None:
        return None
    return {"edges": list(histogram.edges), "counts": list(histogram.counts)}


def _frequency(one: Frequency) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": one.value, "count": one.count}
    return shown | {"is_shortened": True} if one.is_shortened else shown


def suggestions_body(found: Suggestions) -> dict[str, Any]:
    return {
        "success": True,
        "column": {"key": found.column.key, "name": found.column.name, "type": found.column.type},
        "values": [_frequency(one) for one in found.values],
        "has_more": found.has_more,
        **durable(found.session),
    }


def statistics_body(found: ProfiledColumns) -> dict[str, Any]:
    """Return the body of the existing `column-statistics`."""
    statistics = {column.name: _statistics(column, profile) for column, profile in found.columns}
    taken_bytes = sum(one["memory_usage"] for one in statistics.values())
    return {
        "success": True,
        "column_statistics": statistics,
        "dataset_statistics": {
            "total_rows": found.total_rows,
            "total_columns": len(found.columns),
            "memory_usage_mb": taken_bytes / 1024**2,
            "total_null_values": sum(one["null_count"] for one in statistics.values()),
        },
        **durable(found.session),
    }


def _statistics(column: Column, profile: ColumnProfile) -> dict[str, Any]:
    dtype = _DTYPES[ColumnType(column.type)]
    basic = {
        "name": column.name,
        "dtype": dtype,
        "non_null_count": profile.values,
        "null_count": profile.missing,
        "null_percentage": profile.missing_percentage,
        "unique_count": profile.distinct,
        "memory_usage": _memory_bytes(dtype, profile),
    }
    match dtype:
        case "object":
            top = next(iter(profile.most_frequent), None)
            return basic | {
                "top_value": None if top is None else top.value,
                "top_value_freq": 0 if top is None else top.count,
            }
        case "int64" | "float64" | "bool":
            return basic | {
                "mean": profile.mean,
                "median": _float(profile.quantiles.get(50)),
                "std": profile.standard_deviation,
                "min": _float(profile.minimum),
                "max": _float(profile.maximum),
            }
    return basic


def _memory_bytes(dtype: str, profile: ColumnProfile) -> int:
    """Estimate what a pandas frame would take for the column, as existing clients were told."""
    texts = _TEXT_OBJECT_BYTES * profile.values + profile.text_bytes if dtype == "object" else 0
    return _VALUE_BYTES[dtype] * (profile.values + profile.missing) + texts


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def missing_body(found: MissingValues) -> dict[str, Any]:
    """Return the body of the existing `nan/analysis`, with the list that its client reads."""
    profiled = found.profiled
    columns = profiled.columns
    cells = profiled.total_rows * len(columns)
    missing_cells = sum(profile.missing for _, profile in columns)
    gappy = [(column, profile) for column, profile in columns if profile.missing]
    empty = [column.name for column, profile in gappy if not profile.values]
    rows_percentage = _percentage(found.rows_with_missing, profiled.total_rows)
    data = {
        "total_rows": profiled.total_rows,
        "total_columns": len(columns),
        "total_cells": cells,
        "nan_analysis": {column.name: profile.missing for column, profile in gappy},
        "total_nan_cells": missing_cells,
        "nan_cell_percentage": _percentage(missing_cells, cells),
        "columns_with_nan": len(gappy),
        "columns_completely_nan": len(empty),
        "rows_with_nan": found.rows_with_missing,
        "rows_with_nan_percentage": rows_percentage,
        "column_details": [
            {
                "column": column.name,
                "nan_count": profile.missing,
                "nan_percentage": profile.missing_percentage,
                "total_values": profile.values + profile.missing,
                "is_completely_nan": not profile.values,
            }
            for column, profile in gappy
        ],
        "completely_nan_columns": empty,
        "recommendations": _recommendations(gappy, len(empty), rows_percentage),
        "column_nullity": [
            {"column": column.name, "null_percentage": profile.missing_percentage}
            for column, profile in columns
        ],
    }
    return {"success": True, "data": data, **durable(profiled.session)}


def _percentage(part: int, whole: int) -> float:
    return 100 * part / whole if whole else 0.0


def _recommendations(
    gappy: list[tuple[Column, ColumnProfile]], empty: int, rows_percentage: float
) -> list[str]:
    if not gappy:
        return ["No values are missing."]
    advice: list[str] = []
    if empty:
        advice.append(f"Drop the columns without any value: {empty}.")
    mostly = sum(_MANY_MISSING_PERCENT <= profile.missing_percentage < 100 for _, profile in gappy)
    if mostly:
        advice.append(f"Look at the columns that miss half of their values or more: {mostly}.")
    if len(gappy) > empty:
        advice.append(
            "Fill the missing values: dropping every row that has one would leave "
            f"{100 - rows_percentage:.1f} % of the rows."
        )
    return advice
