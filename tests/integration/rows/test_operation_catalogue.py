"""Every operation of the catalogue against its reference, on the real flights with their gaps.

Numbers agree within 1e-9 of their size, since the sums add the same doubles in another order. All
else is exact.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pandas as pd
import pytest

from data_tools.models import DataRow
from data_tools.operations import OPERATIONS
from data_tools.rows import compilation
from data_tools.rows.session_rows import SessionRows
from session_events.events import Operation
from tests.support.flights_frame import flights_table, frame_of
from tests.support.operation_cases import CASES, Case
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

RELATIVE_TOLERANCE = 1e-9
ABSOLUTE_TOLERANCE = 1e-9  # of sums that cancel out


@pytest.fixture(scope="module")
def flights(
    django_db_setup: None, django_db_blocker: Any, flights_csv: Path
) -> Iterator[SessionRows]:
    """3,007 flights, stored once for the module under an id of their own."""
    with django_db_blocker.unblock():
        rows = stored(flights_table(flights_csv))
        yield rows
        DataRow.objects.filter(dataset_id=rows.dataset_id).delete()


def equal(actual: Any, expected: Any) -> bool:
    if expected is None or expected is pd.NaT or expected is pd.NA:
        return actual is None
    if isinstance(expected, float) and math.isnan(expected):
        return actual is None
    if actual is None or isinstance(actual, bool | str) or isinstance(expected, bool | str):
        return actual == expected
    return math.isclose(actual, expected, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def differences(rows: SessionRows, expected: pd.DataFrame) -> list[Any]:
    """Return the first five cells that differ, as (row, column, actual, expected)."""
    names = [column.name for column in rows.columns]
    assert names == list(expected.columns)
    actual_rows = all_rows(rows)
    expected_rows = expected.astype(object).to_numpy().tolist()
    assert len(actual_rows) == len(expected_rows)
    return [
        (row_number, name, actual_cell, expected_cell)
        for row_number, (actual_row, expected_row) in enumerate(
            zip(actual_rows, expected_rows, strict=True), start=1
        )
        for name, actual_cell, expected_cell in zip(names, actual_row, expected_row, strict=True)
        if not equal(actual_cell, expected_cell)
    ][:5]


def test_every_operation_has_a_case() -> None:
    assert {case.operation for case in CASES} == set(OPERATIONS)


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operation_does_what_its_reference_does(
    flights: SessionRows, flights_csv: Path, case: Case
) -> None:
    expected = case.expected(frame_of(flights_table(flights_csv)))

    prepared = flights.prepare(case.operation, case.parameters)
    after = flights.after(prepared)

    assert differences(after, expected) == []
    assert prepared.rows_before == flights.total_rows
    assert prepared.rows_after == after.total_rows == len(expected)
    assert prepared.message


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operation_read_back_from_its_event_gives_the_same_rows_again(
    flights: SessionRows, case: Case
) -> None:
    prepared = flights.prepare(case.operation, case.parameters)
    after = flights.after(prepared)
    first_read = all_rows(after)

    read_back = msgspec.json.decode(
        msgspec.json.encode(after.operations), type=tuple[Operation, ...]
    )
    compilation._compile.cache_clear()
    again = SessionRows(
        dataset_id=flights.dataset_id,
        revision=flights.revision,
        row_count=flights.row_count,
        base_columns=flights.base_columns,
        operations=read_back,
    )

    assert repr(all_rows(again)) == repr(first_read)
    assert again.columns == after.columns
