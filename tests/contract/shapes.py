"""Shapes of JSON values: nested keys and types, with room for new keys.

A shape is a type, a tuple of alternative shapes, a list of one shape (a list of such values), a
dict (at least these keys), a set (one of these values), or a predicate.
"""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any


def mismatches(value: Any, shape: Any, path: str = "$") -> list[str]:
    """Return a sentence for each place where the value departs from the shape."""
    match shape:
        case None:
            return [] if value is None else [f"{path} is {value!r}, not null"]
        case type():
            # bool is an int to Python, not to a client.
            fits = type(value) is shape
            return [] if fits else [f"{path} is {value!r}, not {shape.__name__}"]
        case tuple():
            alternatives = [mismatches(value, choice, path) for choice in shape]
            return [] if [] in alternatives else alternatives[0]
        case list():
            if not isinstance(value, list):
                return [f"{path} is {value!r}, not a list"]
            return [
                fault
                for at, item in enumerate(value)
                for fault in mismatches(item, shape[0], f"{path}[{at}]")
            ]
        case dict():
            if not isinstance(value, dict):
                return [f"{path} is {value!r}, not an object"]
            missing = [f"{path}.{key} is missing" for key in shape if key not in value]
            return missing + [
                fault
                for key in shape
                if key in value
                for fault in mismatches(value[key], shape[key], f"{path}.{key}")
            ]
        case set() | frozenset():
            return [] if value in shape else [f"{path} is {value!r}, not one of {sorted(shape)}"]
    return [] if shape(value) else [f"{path} is {value!r}, not {shape.__name__}"]


def written_uuid(value: Any) -> bool:
    return isinstance(value, str) and str(uuid.UUID(value)) == value


def iso_time(value: Any) -> bool:
    return isinstance(value, str) and dt.datetime.fromisoformat(value).tzinfo is not None


def shape_pair(value: Any) -> bool:
    """Tell whether the value is [rows, columns]."""
    return isinstance(value, list) and [type(number) for number in value] == [int, int]


def at_most(maximum: int, shape: Any) -> Any:
    def bounded_list(value: Any) -> bool:
        return isinstance(value, list) and len(value) <= maximum and not mismatches(value, [shape])

    return bounded_list


TRUE, FALSE = {True}, {False}
CELL = (str, int, float, bool, None)
PREVIEW_CELL = (str, int, float, bool)

OPERATION_IN_HISTORY = {
    "step": int,
    "operation_name": str,
    "timestamp": iso_time,
    "shape_before": shape_pair,
    "shape_after": shape_pair,
}
SESSION_INFO = {
    "session_exists": TRUE,
    "user_id": int,
    "datasource_id": written_uuid,
    "created_at": iso_time,
    "last_accessed": iso_time,
    "status": {"active", "paused"},
    "current_shape": shape_pair,
    "original_shape": shape_pair,
    "current_step": int,
    "total_operations": int,
    "can_undo": bool,
    "can_redo": bool,
    "operations_history": at_most(10, OPERATION_IN_HISTORY),
    "timeout_minutes": {240},
    "expires_at": iso_time,
    "is_expired": FALSE,
}
FULL_BODY = {
    "success": TRUE,
    "message": str,
    "session_info": SESSION_INFO,
    "data_preview": at_most(100, dict),
    "column_info": [str],
}
TRANSFORM_BODY = {"success": TRUE, "message": str, "affected_columns": [str], "shape": shape_pair}
COLUMN_STATISTICS = {
    "name": str,
    "dtype": {"int64", "float64", "bool", "object", "datetime64[ns]"},
    "non_null_count": int,
    "null_count": int,
    "null_percentage": float,
    "unique_count": int,
    "memory_usage": int,
}
NUMBER_STATISTICS = dict.fromkeys(("mean", "median", "std", "min", "max"), (float, None))
TEXT_STATISTICS = {"top_value": (str, None), "top_value_freq": int}
DATASET_STATISTICS = {
    "total_rows": int,
    "total_columns": int,
    "memory_usage_mb": float,
    "total_null_values": int,
}
MISSING_VALUES = {
    "total_rows": int,
    "total_columns": int,
    "total_cells": int,
    "nan_analysis": dict,
    "total_nan_cells": int,
    "nan_cell_percentage": float,
    "columns_with_nan": int,
    "columns_completely_nan": int,
    "rows_with_nan": int,
    "rows_with_nan_percentage": float,
    "column_details": [
        {
            "column": str,
            "nan_count": int,
            "nan_percentage": float,
            "total_values": int,
            "is_completely_nan": bool,
        }
    ],
    "completely_nan_columns": [str],
    "recommendations": [str],
}
COLUMN_NULLITY = [{"column": str, "null_percentage": float}]
DATA_BODY = {
    "success": TRUE,
    "data": [dict],
    "totalRows": int,
    "page": int,
    "pageSize": int,
    "totalPages": int,
    "columnDefs": [str],
}

# What existing clients read although the old server never sent it; every answer now has it.
READ_BUT_NEVER_SENT = {
    "session_exists": bool,
    "operations_count": int,
    "can_undo": bool,
    "can_redo": bool,
}
SESSION_INFO_READ_BUT_NEVER_SENT = {
    "history_length": int,
    "current_position": int,
    "session_id": written_uuid,
    "operations": at_most(10, OPERATION_IN_HISTORY),
    "metadata": dict,
}
DURABLE = {"version": int, "saved_at": iso_time}
PAGINATION = {
    "page_number": int,
    "page_size": int,
    "total_rows": int,
    "filtered_rows": int,
    "total_pages": int,
    "has_next": bool,
    "has_previous": bool,
}

QUICK_CLEAN = {
    "message": str,
    "summary": {
        "original_rows": int,
        "original_columns": int,
        "rows_removed": int,
        "columns_removed": int,
        "columns_dropped": [str],
        "operations_performed": [
            (
                {"operation": {"remove_nan_rows"}, "rows_removed": int},
                {
                    "operation": {"remove_nan_columns"},
                    "columns_removed": int,
                    "column_names": [str],
                },
            )
        ],
        "final_rows": int,
        "final_columns": int,
    },
    "data_changed": bool,
}
NEW_DATASOURCE = {"id": written_uuid, "name": str, "description": str, "created_at": iso_time}
