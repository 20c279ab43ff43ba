"""Parquet files with columns that not every reader takes."""

from __future__ import annotations

import datetime as dt
import decimal
import io
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
from pyarrow import parquet

from tests.support.tried_files.tried_file import Reads, TriedFile


def parquet_file(**columns: pa.Array) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pa.table(columns), file)
    return file.getvalue()


def nested(name: str, values: pa.Array, stored: Sequence[Any], type_: str = "text") -> TriedFile:
    return TriedFile(
        reference="parquet-column",
        variant=name,
        about="A column that JSON keeps as text is kept as text from Parquet too.",
        content=parquet_file(x=values),
        file_name="table.parquet",
        right=[Reads(types={"x": type_}, rows=[[value] for value in stored])],
    )


FILES = (
    nested("list", pa.array([[1, 2], None, []]), ["[1,2]", None, "[]"]),
    nested("list-of-texts", pa.array([["ä", None]]), ['["ä",null]']),
    nested("struct", pa.array([{"k": 1, "l": "x"}]), ['{"k":1,"l":"x"}']),
    nested("list-of-structs", pa.array([[{"k": 1}]]), ['[{"k":1}]']),
    nested("map", pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())), ['{"k":1}']),
    nested("large-list", pa.array([[1]], pa.large_list(pa.int64())), ["[1]"]),
    nested("fixed-list", pa.array([[1, 2]], pa.list_(pa.int64(), 2)), ["[1,2]"]),
    nested("nan-inside", pa.array([[1.5, float("nan")]]), ["[1.5,null]"]),
    nested("dates-inside", pa.array([[dt.date(2024, 1, 31)]]), ['["2024-01-31"]']),
    nested("binary-of-utf-8", pa.array(["x", "ä", None]).cast(pa.binary()), ["x", "ä", None]),
    nested(
        "duration",
        pa.array([dt.timedelta(hours=26, minutes=15), -dt.timedelta(hours=2)]),
        ["26:15:00", "-2:00:00"],
    ),
    nested(
        "decimal",
        pa.array([decimal.Decimal("10.50"), decimal.Decimal("9.25"), None]),
        [10.5, 9.25, None],
        "float",
    ),
    nested(
        "decimal-of-integers",
        pa.array([decimal.Decimal(10), decimal.Decimal(-3)], pa.decimal128(18, 0)),
        [10, -3],
        "integer",
    ),
    nested("unsigned", pa.array([2**64 - 1, 1], pa.uint64()), ["18446744073709551615", "1"]),
    nested(
        "nanoseconds",
        pa.array([1706695200123456789], pa.timestamp("ns")),
        ["2024-01-31T10:00:00.123456789"],
    ),
)
