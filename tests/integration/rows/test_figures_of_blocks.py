"""Figures and fits learned from column blocks are those that the database's rows give."""

from __future__ import annotations

from itertools import product
from typing import Any

import pyarrow as pa
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from data_tools.exceptions import RequestRejected, TookTooLong
from data_tools.figures.cells import cells_of
from data_tools.models import KeptProfile
from data_tools.operations import column_functions
from data_tools.profiles import stored as stored_profiles
from data_tools.profiles import suggestions
from data_tools.profiles.measuring import figures_query, measure
from data_tools.profiles.missing_rows import count_rows_with_missing
from data_tools.profiles.packed_gaps import gaps_in_blocks
from data_tools.profiles.packed_measuring import packed_measures, packed_profile
from data_tools.profiles.profile import Measures
from data_tools.profiles.stored import profiles_of
from data_tools.profiles.suggestions import suggest
from data_tools.rows.distinct_values import MOST_BYTES_SENT
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.under_way.requests import under_way
from tests.support.examples import examples
from tests.support.random_computations import EXTREMES, FLOATS, computations, requests
from tests.support.random_stacks import times
from tests.support.reference_rows import Table
from tests.support.stored_blocks import only_rows, stored_with_blocks
from tests.support.stored_rows import stored

pytestmark = pytest.mark.django_db

TEXTS = ("", " ", "%", "_", "\\", "'", "é", "É", "Z", "a", "aa", "日本", "🙂", "\uffff", "x" * 600)
CELLS: dict[str, st.SearchStrategy[Any]] = {
    "integer": st.integers(-(2**63), 2**63 - 1)
    | st.integers(-9, 9)
    | st.sampled_from((2**53 + 1, 2**63 - 1, -(2**63), 2**31, -(2**31))),
    "float": FLOATS,
    "text": st.sampled_from(TEXTS),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
}


@st.composite
def tables(draw: st.DrawFn, *, most_rows: int = 30) -> Table:
    types = draw(st.lists(st.sampled_from((*CELLS, "datetime", "float")), min_size=1, max_size=5))
    cells = [draw(times()) if kind == "datetime" else CELLS[kind] for kind in types]
    few = [
        st.sampled_from(draw(st.lists(of_column, min_size=1, max_size=9))) for of_column in cells
    ]
    row = st.tuples(*(st.none() | of_column for of_column in few)).map(list)
    rows = draw(st.lists(row, min_size=1, max_size=most_rows))
    return Table(names=[f"c{at}" for at in range(len(types))], types=types, rows=rows)


def require_equal_profiles(rows: SessionRows) -> int:
    """Hold all figures to those of the database, to the last bit; return how many had blocks."""
    rows.require_kept()
    by_database = {
        column.key: profile
        for together in measure(rows, rows.columns)
        for column, profile in together
    }
    packed = 0
    for column in rows.columns:
        if read := PackedRows(rows).columns([column.key]):
            profile = packed_profile(read[0].type, read[0].values)
            assert repr(profile) == repr(by_database[column.key]), column
            packed += 1
    return packed


@settings(max_examples=examples(200))
@given(table=tables(), block_rows=st.integers(1, 31))
def test_figures_of_blocks_are_those_of_the_database(
    db: None, table: Table, block_rows: int
) -> None:
    rows = stored_with_blocks(table, block_rows=block_rows)

    assert require_equal_profiles(rows) == len(rows.columns)


# Where many values leave a rest, and the order in which those are added up matters.
RESTS = st.tuples(
    st.floats(1e290, 1e300), st.lists(st.floats(0.0, 1.0) | FLOATS, min_size=3, max_size=40)
).map(lambda drawn: [drawn[0], *drawn[1], -drawn[0]])


@settings(max_examples=examples(60))
@given(cells=RESTS | st.lists(FLOATS | st.floats(-1.0, 1.0), min_size=1, max_size=40))
def test_each_sum_of_floats_is_that_of_the_database(db: None, cells: list[float]) -> None:
    """Some bits of them are lost in the figures, which are rounded."""
    rows = stored(Table(["x"], ["float"], [[cell] for cell in cells]))
    [_, *record] = rows.fetch_one(figures_query(rows, rows.columns))
    by_database = Measures(*record)

    values = pa.chunked_array([pa.array(cells, pa.float64())])
    found = packed_measures(ColumnType.FLOAT, values)

    for field in ("values", "distinct", "factor", "unit", "multiples", "fine_multiples", "centre"):
        assert getattr(found, field) == getattr(by_database, field), field
    assert found.rest == (by_database.rest or 0.0)
    assert found.reach == by_database.reach
    for field in ("squares", "fine_squares", "finest_squares", "float_edges", "float_quantiles"):
        assert getattr(found, field) == getattr(by_database, field), field


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_operations_are_fitted_to_blocks_as_to_the_rows(db: None, data: st.DataObject) -> None:
    table = data.draw(tables(most_rows=20))
    rows = stored_with_blocks(table, block_rows=data.draw(st.integers(1, 21)))
    for _ in range(data.draw(st.integers(1, 4))):
        name, parameters = data.draw(requests([column.name for column in rows.columns]))
        with only_rows():
            expected = outcome(rows, name, parameters)

        found = outcome(rows, name, parameters)

        assert repr(found) == repr(expected)
        if not isinstance(found, tuple):
            rows = rows.after(found)
    require_equal_profiles(rows)
    gaps = gaps_in_blocks(rows, rows.columns)
    assert gaps is None or gaps.rows_with_missing == count_rows_with_missing(rows, rows.columns)
    with only_rows():
        offered = [
            suggest(rows, each, text=text, limit=5) for each in rows.columns for text in "a1"
        ]
        values = [suggest(rows, each, text="", limit=5) for each in rows.columns]

    assert repr(offered) == repr(
        [suggest(rows, each, text=text, limit=5) for each in rows.columns for text in "a1"]
    )
    assert repr(values) == repr([suggest(rows, each, text="", limit=5) for each in rows.columns])

    profiles_of(rows)
    for _ in range(2):  # the values are kept, and then come from there
        values_again = [suggest(rows, each, text="", limit=5) for each in rows.columns]
        assert repr(values_again) == repr(values)
    assert repr(offered) == repr(
        [suggest(rows, each, text=text, limit=5) for each in rows.columns for text in "a1"]
    )


def outcome(rows: SessionRows, name: str, parameters: dict[str, Any]) -> Any:
    """Return the prepared operation, or the refusal."""
    try:
        return rows.prepare(name, parameters)
    except RequestRejected as refusal:
        return refusal.code, str(refusal), refusal.details


@pytest.mark.parametrize("function", ["add", "subtract", "multiply", "divide"])
@settings(max_examples=examples(30))
@given(threes=st.lists(st.tuples(*[st.none() | FLOATS | EXTREMES] * 3), min_size=1, max_size=50))
def test_functions_of_columns_are_those_of_the_database(
    db: None, function: str, threes: list[tuple[float | None, ...]]
) -> None:
    """Of three columns as well, where what the first two make is missing, or another extreme."""
    threes = [*threes, *product((None, 0.0, 8e307, 2.0, 1e-150), repeat=3)]
    columns = [
        [None if cell is None else float(cell) for cell in column]
        for column in zip(*threes, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT two + 0.0::float8, data_tools_{function}(two, c) + 0.0::float8"
            " FROM unnest(%s::float8[], %s::float8[], %s::float8[])"
            " WITH ORDINALITY AS threes (a, b, c, at)"
            f" CROSS JOIN LATERAL (SELECT data_tools_{function}(a, b) OFFSET 0) AS first (two)"
            " ORDER BY at",
            columns,
        )
        expected = cursor.fetchall()
    compute = getattr(column_functions, function)
    of_two = column_functions.on_floats(compute)
    of_three = column_functions.on_floats(lambda a, b, c: compute(compute(a, b), c))

    a, b, c = (pa.array(column, pa.float64()) for column in columns)
    found = list(zip(of_two(a, b).to_pylist(), of_three(a, b, c).to_pylist(), strict=True))

    assert repr(found) == repr(expected)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_cells_computed_here_are_those_of_the_database(db: None, data: st.DataObject) -> None:
    table = data.draw(tables(most_rows=20))
    rows = stored_with_blocks(table, block_rows=data.draw(st.integers(1, 21)))
    for _ in range(data.draw(st.integers(1, 3))):
        name, parameters = data.draw(computations([column.name for column in rows.columns]))
        operation = outcome(rows, name, parameters)
        if not isinstance(operation, tuple):
            rows = rows.after(operation)
    rows.require_kept()
    for column in rows.columns:
        cell = rows.cells[column.key]
        expected = [value for _, value in sorted(rows.fetch_all(rows.cells_query([cell])))]

        pieces = list(PackedRows(rows).cells([cell]))

        if pieces != [None]:
            found = [value for piece in pieces if piece for value in cells_of(piece[0])]
            assert repr(found) == repr([without_minus(value) for value in expected]), column


def without_minus(value: Any) -> Any:
    """Return the value as JSON holds it, without a negative zero."""
    return value + 0.0 if isinstance(value, float) else value


def test_a_fit_of_numbers_reads_no_rows_where_there_are_blocks(db: None) -> None:
    table = Table(["x", "t"], ["float", "text"], [[at / 3, "ab"[at % 2]] for at in range(9)])
    rows = stored_with_blocks(table)

    with CaptureQueriesContext(connection) as queries:
        rows = rows.after(rows.prepare("feature_scaling_standard", {"columns": ["x"]}))
        rows = rows.after(rows.prepare("outlier_treatment_winsorize", {"columns": ["x"]}))
        assert PackedRows(rows).columns([rows.columns[0].key]) is not None

    assert "data_tools_datarow" not in " ".join(query["sql"] for query in queries)


def test_values_are_counted_once_until_the_column_changes(db: None) -> None:
    rows = stored_with_blocks(Table(["t"], ["text"], [["a"], ["B"], [None], ["a"]]))
    [column] = rows.columns
    profiles_of(rows)
    suggest(rows, column, text="", limit=5)

    with CaptureQueriesContext(connection) as queries:
        found = suggest(rows, column, text="b", limit=5)

    assert "data_tools_columnblock" not in " ".join(query["sql"] for query in queries)
    assert [(each.value, each.count) for each in found.values] == [("B", 1)]
    assert (found.missing, found.total) == (1, 4)
    filled = rows.after(
        rows.prepare(
            "fill_missing_values", {"columns": ["t"], "strategy": "constant", "fill_value": "b"}
        )
    )
    found = suggest(filled, filled.columns[0], text="b", limit=5)
    assert [(each.value, each.count) for each in found.values] == [("B", 1), ("b", 1)]


def test_the_counts_of_many_values_are_not_kept(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(suggestions, "MOST_VALUES_KEPT", 2)
    rows = stored_with_blocks(Table(["n"], ["integer"], [[1], [2], [2], [3]]))
    profiles_of(rows)

    found = [suggest(rows, rows.columns[0], text=text, limit=1) for text in ("", "", "3")]

    assert [[(each.value, each.count) for each in one.values] for one in found] == (
        [[(2, 2)], [(2, 2)], [(3, 1)]]
    )
    assert not KeptProfile.objects.filter(value_counts__isnull=False).exists()


def test_texts_of_large_dictionaries_are_measured_by_the_database(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_profiles, "_MOST_DICTIONARY_BYTES", 2_000)
    few, many = ["x" * 100] * 50, [f"{at}{'x' * 100}" for at in range(50)]
    cells = [list(row) for row in zip(few, many, strict=True)]
    rows = stored_with_blocks(Table(["few", "many"], ["text", "text"], cells), block_rows=50)

    with CaptureQueriesContext(connection) as queries:
        profiles = profiles_of(rows)

    [by_database] = [query["sql"] for query in queries if "GROUPING SETS" in query["sql"]]
    assert "GROUPING(v0)" in by_database
    assert [profiles[column.key].distinct for column in rows.columns] == [1, 50]


def test_a_large_column_waits_while_another_one_is_measured(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stored_profiles, "_ROWS_AT_ONCE", 8)
    large = stored_with_blocks(Table(["n"], ["integer"], [[at] for at in range(9)]))
    small = stored_with_blocks(Table(["n"], ["integer"], [[at] for at in range(8)]))

    with stored_profiles._LARGE_COLUMN:
        profiles_of(small)
        with under_way(0.05), pytest.raises(TookTooLong):
            profiles_of(large)

    assert profiles_of(large)[large.columns[0].key].distinct == 9


LONG_TEXTS = Table(["t"], ["text"], [[f"{at % 30} {'x' * 100_000}"] for at in range(60)])


def test_long_texts_are_not_sent_to_be_searched(db: None) -> None:
    rows = stored_with_blocks(LONG_TEXTS)

    with CaptureQueriesContext(connection) as queries:
        suggested = suggest(rows, rows.columns[0], text="7 X", limit=50)

    assert [(each.value[:4], each.count) for each in suggested.values] == (
        [("7 xx", 2), ("17 x", 2), ("27 x", 2)]
    )
    assert max(len(query["sql"]) for query in queries) < MOST_BYTES_SENT


def test_long_texts_are_not_sent_to_be_computed_with(db: None) -> None:
    rows = stored_with_blocks(LONG_TEXTS)
    replacement = {"columns": ["t"], "find": "x", "replace_with": "X"}
    replaced = rows.after(rows.prepare("find_and_replace", replacement))

    with CaptureQueriesContext(connection) as queries:
        [column] = PackedRows(replaced).columns([replaced.columns[0].key]) or [None]

    assert column is not None
    assert column.values[17].as_py() == f"17 {'X' * 100_000}"
    assert max(len(query["sql"]) for query in queries) < MOST_BYTES_SENT
