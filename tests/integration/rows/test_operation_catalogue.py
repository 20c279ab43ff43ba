"""Every operation of the catalogue against its reference, on the real flights with their gaps.

A number is the reference's within 1e-9 of its size: the sums are of the same doubles, in another
order. All else is exact.
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
ABSOLUTE_TOLERANCE = 1e-9  # of sums that come to nothing


@pytest.fixture(scope="module")
def flights(
    django_db_setup: None, django_db_blocker: Any, flights_csv: Path
) -> Iterator[SessionRows]:
    """3,007 flights, stored once for the module under an id that nobody else has."""
    with django_db_blocker.unblock():
        rows = stored(flights_table(flights_csv))
        yield rows
        DataRow.objects.filter(dataset_id=rows.dataset_id).delete()


def equal(found: Any, expected: Any) -> bool:
    if expected is None or expected is pd.NaT or expected is pd.NA:
        return found is None
    if isinstance(expected, float) and math.isnan(expected):
        return found is None
    if found is None or isinstance(found, bool | str) or isinstance(expected, bool | str):
        return found == expected
    return math.isclose(found, expected, rel_tol=RELATIVE_TOLERANCE, abs_tol=ABSOLUTE_TOLERANCE)


def differences(rows: SessionRows, expected: pd.DataFrame) -> list[Any]:
    """The first cells that differ, as (row, column, found, expected)."""
    names = [column.name for column in rows.columns]
    assert names == list(expected.columns)
    found = all_rows(rows)
    wanted = expected.astype(object).to_numpy().tolist()
    assert len(found) == len(wanted)
    return [
        (row_number, name, one, other)
        for row_number, (row, wanted_row) in enumerate(zip(found, wanted, strict=True), start=1)
        for name, one, other in zip(names, row, wanted_row, strict=True)
        if not equal(one, other)
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
    found = all_rows(after)

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

    assert repr(all_rows(again)) == repr(found)
    assert again.columns == after.columns
