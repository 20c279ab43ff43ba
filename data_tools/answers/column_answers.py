"""What columns hold: our figures, and those of the existing contract."""

from __future__ import annotations

from typing import Any, NotRequired

import orjson
from django.conf import settings
from typing_extensions import TypedDict

from data_tools.answers.shared_values import Cell, Durable, Success, durable, taken
from data_tools.columns import LARGEST_EXACT_INTEGER, ColumnType
from data_tools.exceptions import AnswerTooLarge
from data_tools.profiles.profile import ColumnProfile, Frequency, Histogram
from data_tools.services.column_service import (
    ColumnHistogram,
    ProfiledColumns,
    Suggestions,
)
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
# The bytes that pandas takes for a value; a text is a pointer and an object of its own.
_VALUE_BYTES = {"int64": 8, "float64": 8, "bool": 1, "datetime64[ns]": 8, "object": 8}
_TEXT_OBJECT_BYTES = 49
_ALWAYS_ROOM_FOR_COLUMNS = 20  # a column takes at most 50 kB, and an answer may have 1 MiB or more


class ValueFrequency(TypedDict):
    """How often a value occurs. A long text is cut, and `is_shortened` says so."""

    value: Cell
    count: int
    is_shortened: NotRequired[bool]


class HistogramBody(TypedDict):
    edges: list[float | str]
    counts: list[int]


DateRange = TypedDict("DateRange", {"from": str, "to": str})


class ColumnFigures(TypedDict):
    """A column's figures; `quantiles` by their share of the values, as "0.25"."""

    key: str
    name: str
    type: str
    nullable: bool
    null_count: int
    null_percentage: float
    distinct_count: int
    min: Cell
    max: Cell
    mean: float | None
    std: float | None
    quantiles: dict[str, float]
    histogram: HistogramBody | None
    most_frequent: list[ValueFrequency]
    date_range: DateRange | None


class ColumnsBody(Durable):
    success: Success
    total_rows: int
    total_columns: int
    columns: list[ColumnFigures]


class ColumnIdentity(TypedDict):
    key: str
    name: str
    type: str


class SuggestionsBody(Durable):
    success: Success
    column: ColumnIdentity
    values: list[ValueFrequency]
    has_more: bool
    missing_count: int
    total_count: int


class ColumnHistogramBody(Durable):
    """`histogram` is null if the column has no value in any row."""

    success: Success
    column: ColumnIdentity
    histogram: HistogramBody | None
    missing_count: int
    total_count: int


class ColumnStatistics(TypedDict):
    """A column's figures for existing clients; the optional ones depend on its type."""

    name: str
    dtype: str
    non_null_count: int
    null_count: int
    null_percentage: float
    unique_count: int
    memory_usage: int
    mean: NotRequired[float | None]
    median: NotRequired[float | None]
    std: NotRequired[float | None]
    min: NotRequired[Cell]
    max: NotRequired[Cell]
    top_value: NotRequired[str | None]
    top_value_freq: NotRequired[int]


class DatasetStatistics(TypedDict):
    total_rows: int
    total_columns: int
    memory_usage_mb: float
    total_null_values: int


class StatisticsBody(Durable):
    success: Success
    column_statistics: dict[str, ColumnStatistics]
    dataset_statistics: DatasetStatistics


def columns_body(profiled: ProfiledColumns) -> ColumnsBody:
    """Return the columns' figures.

    Raises:
        AnswerTooLarge: there are too many columns, or their frequent values are too long.
    """
    figures: list[ColumnFigures] = []
    bytes_left = settings.BUDGETS["ANSWER_MAX_BYTES"] * 15 // 16
    for column, profile in profiled.columns:
        figures.append(_figures(column, profile))
        if len(profiled.columns) > _ALWAYS_ROOM_FOR_COLUMNS:
            bytes_left -= len(orjson.dumps(figures[-1]))
        if bytes_left < 0:
            raise AnswerTooLarge.with_room_for_columns(len(figures) - 1)
    return {
        "success": True,
        "total_rows": profiled.total_rows,
        "total_columns": profiled.total_columns,
        "columns": figures,
        **durable(profiled.session),
    }


def _figures(column: Column, profile: ColumnProfile) -> ColumnFigures:
    return {
        "key": column.key,
        "name": column.name,
        "type": column.type,
        "nullable": profile.missing > 0,
        "null_count": profile.missing,
        "null_percentage": profile.missing_percentage,
        "distinct_count": profile.distinct,
        "min": _cell(column, profile.minimum),
        "max": _cell(column, profile.maximum),
        "mean": profile.mean,
        "std": profile.standard_deviation,
        "quantiles": {f"{at / 100:.2f}": value for at, value in profile.quantiles.items()},
        "histogram": _histogram(profile.histogram),
        "most_frequent": [_frequency(column, each) for each in profile.most_frequent],
        "date_range": _date_range(column, profile),
    }


def _cell(column: Column, value: Any) -> Cell:
    """Return a figure as a cell of the column: jsonb writes a float such as 1e16 as an integer."""
    is_float = column.type == ColumnType.FLOAT and value is not None
    return float(value) if is_float else value


def _date_range(column: Column, profile: ColumnProfile) -> DateRange | None:
    if column.type not in (ColumnType.DATE, ColumnType.DATETIME) or not profile.values:
        return None
    return {"from": str(profile.minimum), "to": str(profile.maximum)}


def _histogram(histogram: Histogram | None) -> HistogramBody | None:
    return None if histogram is None else taken(HistogramBody, histogram)


def _frequency(column: Column, frequency: Frequency) -> ValueFrequency:
    value = _cell(column, frequency.value)
    shown: ValueFrequency = {"value": value, "count": frequency.count}
    if frequency.is_shortened:
        shown["is_shortened"] = True
    return shown


def suggestions_body(suggestions: Suggestions) -> SuggestionsBody:
    return {
        "success": True,
        "column": taken(ColumnIdentity, suggestions.column),
        "values": [_frequency(suggestions.column, each) for each in suggestions.values],
        "has_more": suggestions.has_more,
        "missing_count": suggestions.missing,
        "total_count": suggestions.total,
        **durable(suggestions.session),
    }


def column_histogram_body(counted: ColumnHistogram) -> ColumnHistogramBody:
    return {
        "success": True,
        "column": taken(ColumnIdentity, counted.column),
        "histogram": _histogram(counted.histogram),
        "missing_count": counted.missing,
        "total_count": counted.total,
        **durable(counted.session),
    }


def statistics_body(profiled: ProfiledColumns, *, exact_integers: bool) -> StatisticsBody:
    """Return the body of the existing `column-statistics`, whose figures are floats.

    With `exact_integers`, an integer that a float cannot hold stays an integer.
    """
    statistics = {
        column.name: _statistics(column, profile, exact_integers=exact_integers)
        for column, profile in profiled.columns
    }
    memory_bytes = sum(each["memory_usage"] for each in statistics.values())
    return {
        "success": True,
        "column_statistics": statistics,
        "dataset_statistics": {
            "total_rows": profiled.total_rows,
            "total_columns": len(profiled.columns),
            "memory_usage_mb": memory_bytes / 1024**2,
            "total_null_values": sum(each["null_count"] for each in statistics.values()),
        },
        **durable(profiled.session),
    }


def _statistics(
    column: Column, profile: ColumnProfile, *, exact_integers: bool
) -> ColumnStatistics:
    dtype = _DTYPES[ColumnType(column.type)]
    statistics: ColumnStatistics = {
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
            return {
                **statistics,
                "top_value": None if top is None else str(top.value),
                "top_value_freq": 0 if top is None else top.count,
            }
        case "int64" | "float64" | "bool":
            low, high = profile.minimum, profile.maximum
            return {
                **statistics,
                "mean": profile.mean,
                "median": _float(profile.quantiles.get(50)),
                "std": profile.standard_deviation,
                "min": low if exact_integers and _is_large(low) else _float(low),
                "max": high if exact_integers and _is_large(high) else _float(high),
            }
    return statistics


def _memory_bytes(dtype: str, profile: ColumnProfile) -> int:
    """Estimate what a pandas frame would take for the column, as existing clients were told."""
    texts = _TEXT_OBJECT_BYTES * profile.values + profile.text_bytes if dtype == "object" else 0
    return _VALUE_BYTES[dtype] * (profile.values + profile.missing) + texts


def _float(value: Any) -> float | None:
    return None if value is None else float(value)


def _is_large(value: Any) -> bool:
    return isinstance(value, int) and abs(value) > LARGEST_EXACT_INTEGER
