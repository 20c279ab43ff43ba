"""A column's figures, measured in SQL, are what plain Python makes of the same cells."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools import features, ingest
from data_tools.exceptions import TookTooLong
from data_tools.features import Feature
from data_tools.models import DataSource, KeptProfile, RowList
from data_tools.profiles import measuring
from data_tools.profiles import stored as stored_profiles
from data_tools.profiles.missing_rows import count_rows_with_missing
from data_tools.profiles.profile import LONGEST_VALUE_CHARACTERS, MOST_FREQUENT, ColumnProfile
from data_tools.profiles.stored import profiles_of
from data_tools.revisions import pruning
from data_tools.row_tables import placement
from data_tools.rows.session_rows import SessionRows
from data_tools.services import dataset_service
from data_tools.services.session_data import rows_shown
from data_tools.under_way.requests import under_way
from tests.support.examples import examples
from tests.support.reference_profiles import figures, place_of
from tests.support.reference_rows import Table
from tests.support.small_datasets import COLUMNS, ROWS, publish, replace_rows
from tests.support.stored_rows import stored
from tests.support.time_over import time_is_over_after

pytestmark = pytest.mark.django_db

CELLS = {
    "integer": st.sampled_from((0, 1, 2, -7, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))),
    "float": st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((0.0, -0.0, 1.7e308, -1.7e308, 5e-324, 2.5, 1e16)),
    "text": st.sampled_from(("", " ", "%", "_", "\\", "'", "é", "Z", "a", "aa", "日本", "🙂")),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "datetime": st.datetimes().map(lambda time: time.isoformat(timespec="microseconds")),
}


@st.composite
def tables(draw: st.DrawFn) -> Table:
    types = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=6))
    row = st.tuples(*(st.none() | CELLS[column_type] for column_type in types)).map(list)
    rows = draw(st.lists(row, max_size=12))
    return Table(names=[f"c{at}" for at in range(len(types))], types=types, rows=rows)


def measured(rows: SessionRows) -> dict[str, ColumnProfile]:
    """By the columns' names."""
    return {
        column.name: profile
        for batch in measuring.measure(rows, rows.columns)
        for column, profile in batch
    }


def profile(column_type: str, cells: list[Any]) -> ColumnProfile:
    [found] = measured(stored(Table(["c"], [column_type], [[cell] for cell in cells]))).values()
    return found


@settings(max_examples=examples(60))
@given(table=tables())
def test_figures_are_those_of_plain_python(table: Table) -> None:
    found = measured(stored(table))

    for at, (name, column_type) in enumerate(zip(table.names, table.types, strict=True)):
        expected, actual = figures(column_type, table.column(at)), found[name]
        assert (actual.values, actual.missing, actual.distinct) == (
            expected["values"],
            expected["missing"],
            expected["distinct"],
        )
        place = place_of(column_type)
        for end in ("minimum", "maximum"):
            value = getattr(actual, end)
            assert (value is None) is (expected[end] is None)
            assert value is None or place(value) == expected[end]
        scale = max((abs(c) for c in table.column(at) if isinstance(c, int | float)), default=0)
        # Below the smallest normal number, no arithmetic has digits left to agree on.
        near = {"rel": 1e-9, "abs": max(scale * 1e-12, sys.float_info.min)}
        assert actual.mean == (
            None if expected["mean"] is None else pytest.approx(expected["mean"], **near)
        )
        if expected["standard_deviation"] is None:
            assert actual.standard_deviation is None
        else:
            assert actual.standard_deviation == pytest.approx(
                expected["standard_deviation"], **near
            )
        assert actual.quantiles == pytest.approx(expected["quantiles"], **near)
        assert [(one.value, one.count) for one in actual.most_frequent] == expected["most_frequent"]
        if actual.histogram is not None:
            assert sum(actual.histogram.counts) == actual.values
            assert len(actual.histogram.edges) == len(actual.histogram.counts) + 1


@pytest.mark.parametrize("column_type", sorted(CELLS))
@pytest.mark.parametrize("rows", [0, 3])
def test_a_column_without_a_value_has_no_figures(column_type: str, rows: int) -> None:
    found = profile(column_type, [None] * rows)

    assert found == ColumnProfile(
        values=0,
        missing=rows,
        distinct=0,
        minimum=None,
        maximum=None,
        mean=None,
        standard_deviation=None,
        quantiles={},
        histogram=None,
        most_frequent=(),
        text_bytes=0,
    )


def test_integers_beyond_53_bits_are_exact() -> None:
    found = profile("integer", [2**63 - 1, 2**63 - 3, -(2**63)])

    assert (found.minimum, found.maximum) == (-(2**63), 2**63 - 1)
    assert found.quantiles[50] == 2**63 - 3
    assert [one.value for one in found.most_frequent] == [-(2**63), 2**63 - 3, 2**63 - 1]
    assert found.histogram is not None
    assert (found.histogram.counts[0], found.histogram.counts[-1]) == (1, 2)


@pytest.mark.parametrize(
    ("cells", "edges", "counts"),
    [
        ([1, 2, 2, 12], tuple(range(1, 14)), (1, 2, *[0] * 9, 1)),
        ([1, 31], tuple(range(1, 34, 2)), (1, *[0] * 14, 1)),
        ([7, 7], (7, 8), (2,)),
    ],
)
def test_integers_fall_into_buckets_of_whole_numbers(
    cells: list[int], edges: tuple[int, ...], counts: tuple[int, ...]
) -> None:
    histogram = profile("integer", cells).histogram

    assert histogram is not None
    assert (histogram.edges, histogram.counts) == (edges, counts)


def test_floats_fall_into_twenty_even_buckets_the_last_edge_included() -> None:
    histogram = profile("float", [0.0, 0.5, 9.9, 10.0]).histogram

    assert histogram is not None
    assert histogram.edges == pytest.approx([at / 2 for at in range(21)])
    assert histogram.counts == (1, 1, *[0] * 17, 2)


def test_a_datetime_histogram_has_times_for_edges() -> None:
    found = profile("datetime", ["2013-01-01T00:00:00Z", "2013-01-21T00:00:00Z", None])

    assert (found.minimum, found.maximum) == ("2013-01-01T00:00:00Z", "2013-01-21T00:00:00Z")
    assert found.histogram is not None
    assert found.histogram.edges[:2] == ("2013-01-01T00:00:00", "2013-01-02T00:00:00")
    assert (found.histogram.counts[0], found.histogram.counts[-1]) == (1, 1)


def test_the_latest_possible_datetime_has_a_histogram() -> None:
    found = profile("datetime", ["0001-01-01T00:00:00.000000", "9999-12-31T23:59:59.999999"])

    assert found.histogram is not None
    assert sum(found.histogram.counts) == 2


def test_most_frequent_values_are_bounded_in_number_and_length() -> None:
    long = "x" * (LONGEST_VALUE_CHARACTERS + 1)
    found = profile("text", [long, long, *map(str, range(100))])

    assert len(found.most_frequent) == MOST_FREQUENT
    first, second = found.most_frequent[:2]
    assert (first.value, first.count, first.is_shortened) == (long[:-1], 2, True)
    assert (second.value, second.is_shortened) == ("0", False)
    assert found.maximum == long[:-1]
    assert found.distinct == 101


def test_all_columns_of_a_pass_are_one_query(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = stored(Table(list("abcdef"), list(CELLS), [[1, 2.5, "x", True, None, None]]))

    with CaptureQueriesContext(connection) as queries:
        measured(rows)
    assert len(queries) == 1
    monkeypatch.setattr(measuring, "_MOST_COLUMNS_PER_PASS", 4)
    with CaptureQueriesContext(connection) as queries:
        assert len(measured(rows)) == 6
    assert len(queries) == 2


def test_more_columns_than_one_query_can_hold_are_measured() -> None:
    names = [f"c{at}" for at in range(1_700)]
    rows = stored(Table(names, ["integer"] * 1_700, [[at, *range(1_699)] for at in range(2)]))

    found = measured(rows)

    assert [found[name].distinct for name in names] == [2, *[1] * 1_699]


def test_rows_that_miss_a_value_are_counted_once_however_many_columns_there_are() -> None:
    cells = [[None] + [1] * 1_199, [1] * 1_199 + [None], [None] * 1_200, [1] * 1_200]
    rows = stored(Table([f"c{at}" for at in range(1_200)], ["integer"] * 1_200, cells))

    assert count_rows_with_missing(rows, rows.columns) == 3


# Kept


def rows_of(datasource: DataSource) -> SessionRows:
    datasource.refresh_from_db()
    return rows_shown(datasource, None)


def after(rows: SessionRows, operation: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(operation, parameters))


def passes(rows: SessionRows) -> list[int]:
    """How many columns each pass over the rows measured."""
    with CaptureQueriesContext(connection) as queries:
        profiles_of(rows)
    measuring_ones = [q["sql"] for q in queries.captured_queries if "GROUPING SETS" in q["sql"]]
    return [
        sql.partition("GROUPING SETS (")[2].partition("))")[0].count("(v") for sql in measuring_ones
    ]


def test_a_second_request_measures_nothing(datasource: DataSource) -> None:
    first = profiles_of(rows_of(datasource))

    with CaptureQueriesContext(connection) as queries:
        assert profiles_of(rows_of(datasource)) == first
    assert len([q for q in queries.captured_queries if "data_tools_datarow" in q["sql"]]) == 0


def test_only_columns_that_an_operation_changed_are_measured_again(datasource: DataSource) -> None:
    rows = rows_of(datasource)
    assert passes(rows) == [len(COLUMNS)]

    renamed = after(rows, "rename_column", old_name="delay", new_name="late")
    assert passes(renamed) == []
    filled = after(renamed, "fill_missing_values", columns=["late"], strategy="mean")
    assert passes(filled) == [1]
    assert passes(after(filled, "column_operation_duplicate", columns=["late", "id"])) == []
    assert passes(after(filled, "column_operation_drop", columns=["id"])) == []
    assert passes(rows) == []
    assert KeptProfile.objects.filter(is_base=True).count() == len(COLUMNS)
    assert KeptProfile.objects.filter(is_base=False).count() == 1


def test_a_column_of_another_type_that_is_read_alike_is_measured_again(
    datasource: DataSource,
) -> None:
    rows = rows_of(datasource)
    as_text = after(rows, "change_column_type", column_name="day", new_type="string")

    before, now = (profiles_of(of)["b4"] for of in (rows, as_text))

    assert before.histogram is not None
    assert now.histogram is None
    assert now.text_bytes > 0


def test_figures_are_those_of_the_cells_after_the_operations(datasource: DataSource) -> None:
    rows = after(
        rows_of(datasource), "fill_missing_values", columns=["delay"], strategy="constant",
        fill_value=100,
    )  # fmt: skip

    found = profiles_of(rows)["b2"]

    assert (found.missing, found.maximum) == (0, 100.0)
    assert found.mean == pytest.approx((2.5 + 4 - 1 + 33.25 + 0 + 200) / 7)


def test_a_stored_profile_of_floats_is_read_back_unchanged(user: User) -> None:
    datasource = publish(user, [("f", "float")], [[1e300], [1e16], [-0.0], [2.0]])

    first, second = (profiles_of(rows_of(datasource))["b0"] for _ in range(2))

    assert first == second
    assert [type(one.value) for one in second.most_frequent] == [float] * 4
    assert second.maximum == 1e300


def test_derived_profiles_are_bounded_and_those_of_the_file_stay(
    datasource: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_profiles, "MOST_DERIVED", 2)
    rows = rows_of(datasource)
    profiles_of(rows)

    for value in range(5):
        profiles_of(
            after(rows, "fill_missing_values", columns=["delay"], strategy="constant",
                  fill_value=value)
        )  # fmt: skip

    assert KeptProfile.objects.filter(is_base=False).count() == 2
    assert KeptProfile.objects.filter(is_base=True).count() == len(COLUMNS)


def test_measuring_that_takes_too_long_continues_where_it_stopped(
    datasource: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "_MOST_COLUMNS_PER_PASS", 4)
    features.switch(Feature.COLUMN_BLOCKS, on=False)

    with under_way(3_600), time_is_over_after("RELEASE SAVEPOINT"):
        with pytest.raises(TookTooLong) as stopped:
            profiles_of(rows_of(datasource))

    assert stopped.value.details == {"columns_measured": 4, "columns": len(COLUMNS)}
    assert KeptProfile.objects.count() == 4
    assert len(profiles_of(rows_of(datasource))) == len(COLUMNS)


def test_profiles_are_removed_with_their_dataset(user: User, datasource: DataSource) -> None:
    profiles_of(rows_of(datasource))

    dataset_service.delete(owner=user, datasource_id=datasource.pk)

    assert not KeptProfile.objects.exists()


def test_profiles_are_removed_with_their_revision_and_no_other(
    datasource: DataSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    profiles_of(rows_of(datasource))
    replace_rows(datasource, ROWS[:3])
    profiles_of(rows_of(datasource))
    unneeded = pruning.Unneeded(dataset_id=datasource.pk, revision=1)
    monkeypatch.setattr(pruning, "find_unneeded", lambda: iter([unneeded]))

    pruning.prune(limit=1_000)

    assert set(KeptProfile.objects.values_list("revision", flat=True)) == {2}


# The flights, with pandas for a second opinion


@pytest.mark.django_db(transaction=True)
def test_every_column_of_the_flights_is_profiled_as_by_pandas_and_stored_at_ingest(
    user: User, flights_csv: Path, tmp_path: Path
) -> None:
    frame = pd.read_csv(flights_csv, nrows=20_000, keep_default_na=True)
    few = tmp_path / "flights.csv"
    frame.to_csv(few, index=False)

    datasource = ingest.load_file(few, owner=user, name="flights")

    assert datasource.status == DataSource.Status.READY
    assert KeptProfile.objects.filter(is_base=True).count() == 19
    rows = rows_of(datasource)
    placement.note(datasource)  # as every request does
    with CaptureQueriesContext(connection) as queries:
        found = profiles_of(rows)
    assert len(queries) == 1
    for column in rows.columns:
        mine, theirs = found[column.key], frame[column.name]
        assert (mine.values, mine.missing) == (theirs.count(), theirs.isna().sum())
        assert mine.distinct == theirs.nunique()
        if column.type not in ("integer", "float"):
            continue
        assert mine.mean == pytest.approx(theirs.mean(), rel=1e-12)
        assert mine.standard_deviation == pytest.approx(theirs.std(), rel=1e-9, abs=1e-12)
        assert (mine.minimum, mine.maximum) == (theirs.min(), theirs.max())
        quantiles = theirs.quantile([at / 100 for at in mine.quantiles])
        assert list(mine.quantiles.values()) == pytest.approx(list(quantiles))
        top = theirs.value_counts()
        assert mine.most_frequent[0].count == top.iloc[0]
        assert top[mine.most_frequent[0].value] == mine.most_frequent[0].count


def test_after_a_removal_columns_are_measured_again_and_undoing_it_reuses_the_profiles(
    datasource: DataSource,
) -> None:
    rows = rows_of(datasource)
    profiles_of(rows)
    fewer = after(rows, "drop_missing_rows", columns=["delay"])
    RowList.objects.all().delete()  # derived data: it may be gone at any time

    found = profiles_of(fewer)

    assert found["b2"].missing == 0
    assert {profile.values + profile.missing for profile in found.values()} == {5}
    assert passes(fewer) == passes(rows) == []
