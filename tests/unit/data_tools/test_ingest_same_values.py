"""The same values give the same column, whatever format they come in."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pyarrow import parquet

from data_tools.ingest.formats import sandbox_process
from tests.support.table_reading import read_table, read_without_sandbox
from tests.support.workbooks import raw_xlsx, sheet_xml, xlsx

Value = int | float | Decimal | bool | str | dt.date | dt.datetime | None


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)


# Each writes the column x beside a column of row ids, so that a missing value is no blank line.


def as_text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case dt.date():
            return value.isoformat()
    return str(value)


def write_csv(path: Path, values: Sequence[Value]) -> None:
    path.write_text("id,x\n" + "".join(f"{n},{as_text(one)}\n" for n, one in enumerate(values)))


def as_json(value: Value) -> str:
    if isinstance(value, str | dt.date):
        return json.dumps(as_text(value))
    return as_text(value) or "null"


def write_json(path: Path, values: Sequence[Value]) -> None:
    records = [f'{{"id":{n},"x":{as_json(value)}}}' for n, value in enumerate(values)]
    path.write_text(f"[{','.join(records)}]")


def write_json_columns(path: Path, values: Sequence[Value]) -> None:
    ids, cells = list(range(len(values))), ",".join(map(as_json, values))
    path.write_text(f'{{"id":{ids},"x":[{cells}]}}')


def write_xlsx(path: Path, values: Sequence[Value]) -> None:
    if any(isinstance(value, dt.date | bool | str) for value in values):
        path.write_bytes(xlsx(Data=[["id", "x"], *enumerate(values)]))
        return
    cells = "".join(
        f'<row><c r="A{row}"><v>{row - 2}</v></c>'
        + ("" if value is None else f'<c r="B{row}"><v>{value}</v></c>')
        + "</row>"
        for row, value in enumerate(values, start=2)
    )
    names = '<c r="A1" t="str"><v>id</v></c><c r="B1" t="str"><v>x</v></c>'
    path.write_bytes(raw_xlsx(sheet_xml(f"<row>{names}</row>{cells}")))


def write_parquet(path: Path, values: Sequence[Value]) -> None:
    are_wide = any(isinstance(one, int) and not -(2**63) <= one < 2**63 for one in values)
    type_ = pa.decimal128(38, 0) if are_wide else None
    cells = [Decimal(one) if are_wide and one is not None else one for one in values]
    if any(isinstance(one, Decimal) for one in cells) and not are_wide:
        cells = [None if one is None else Decimal(str(one)) for one in cells]
        type_ = pa.decimal128(38, 10)
    table = pa.table({"id": range(len(values)), "x": pa.array(cells, type_)})
    parquet.write_table(table, path)


WRITERS = [write_csv, write_json, write_json_columns, write_xlsx, write_parquet]


def column_of(
    path: Path, write: Callable[[Path, Sequence[Value]], None], values: Sequence[Value]
) -> tuple[str, list[Any]]:
    write(path, values)
    table = read_table(path)
    return table.types["x"], [row[1] for row in table.rows]


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize(
    ("values", "type_", "stored"),
    [
        ([1, None, -3], "integer", [1, None, -3]),
        ([2**53 + 1, 0], "integer", [2**53 + 1, 0]),
        ([2**63 - 1, -(2**63)], "integer", [2**63 - 1, -(2**63)]),
        ([2**63, 1], "text", [str(2**63), "1"]),
        ([-(10**30), None], "text", [str(-(10**30)), None]),
        ([0.5, None, -12.25], "float", [0.5, None, -12.25]),
        ([0.1, 123456.789], "float", [0.1, 123456.789]),
        ([Decimal("1.5"), Decimal("12345678901234567.89")], "float", [1.5, 12345678901234567.89]),
        ([True, None, False], "boolean", [True, None, False]),
        ([dt.date(2013, 1, 31), None], "date", ["2013-01-31", None]),
        ([dt.datetime(2013, 1, 31, 5, 30)], "datetime", ["2013-01-31T05:30:00"]),  # noqa: DTZ001
        (["x", None, "é"], "text", ["x", None, "é"]),
    ],
)
def test_a_column_is_the_same_from_every_format(
    tmp_path: Path,
    write: Callable[[Path, Sequence[Value]], None],
    values: list[Value],
    type_: str,
    stored: list[Any],
) -> None:
    assert column_of(tmp_path / "table", write, values) == (type_, stored)


DECIMALS = st.decimals(-(10**12), 10**12, places=2, allow_nan=False, allow_infinity=False)


@hypothesis_settings(max_examples=25)
@given(
    values=st.lists(st.none() | st.integers(-(2**70), 2**70), min_size=1, max_size=4)
    | st.lists(st.none() | DECIMALS, min_size=1, max_size=4)
)
def test_numbers_are_the_same_from_every_format(
    tmp_path_factory: pytest.TempPathFactory, values: list[Value]
) -> None:
    path = tmp_path_factory.mktemp("values") / "table"
    # A workbook has only doubles, so there 1.00 is 1.
    if all(value is None or (isinstance(value, Decimal) and value % 1 == 0) for value in values):
        return

    columns = [column_of(path, write, values) for write in WRITERS]

    assert columns[1:] == columns[:1] * (len(WRITERS) - 1)
