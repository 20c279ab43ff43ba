"""The rows that an operation keeps are the same whether blocks or the rows themselves tell them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.exceptions import RequestRejected
from data_tools.features import Feature
from data_tools.models import ColumnBlock, RowList, StoredColumn
from data_tools.operations import row_removal
from data_tools.operations.catalogue import require_operation
from data_tools.rows import packed_columns, rows_to_learn_from
from data_tools.rows.lists.reading import numbers_of_list
from data_tools.rows.lists.sorting import in_row_order
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from tests.support import random_computations
from tests.support.examples import examples
from tests.support.random_stacks import VALUES, filters, removals, times
from tests.support.reference_rows import Table, apply
from tests.support.stored_blocks import only_rows, stored_with_blocks
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

CELLS = VALUES | {
    "float": random_computations.FLOATS,
    "integer": st.integers(-2, 2) | VALUES["integer"],
}


@settings(max_examples=examples(200))
@given(data=st.data())
def test_rows_kept_by_blocks_are_those_that_the_database_keeps(
    db: None, data: st.DataObject
) -> None:
    table = data.draw(tables())
    rows = stored_with_blocks(table, block_rows=data.draw(st.integers(1, 31)))
    for _ in range(data.draw(st.integers(2, 5))):
        name, parameters = data.draw(steps(rows, table))
        with only_rows():
            expected = outcome(rows, name, parameters)
            expected_numbers = kept_numbers(rows, expected)
        forget_lists()

        with asking_the_rows() as asked:
            found = outcome(rows, name, parameters)

        assert repr(found) == repr(expected)
        assert kept_numbers(rows, found) == expected_numbers
        if are_told_by_blocks(rows, parameters):
            assert not asked, (name, parameters)
        if not isinstance(found, tuple):
            rows = rows.after(found)
    forget_lists()
    with only_rows():
        rows.require_kept()
        expected_numbers = [numbers_of_list(kept.list_id).tolist() for kept in rows.kept]
    forget_lists()

    rows.require_kept()

    assert [numbers_of_list(kept.list_id).tolist() for kept in rows.kept] == expected_numbers


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table with few values in each column, so that rows are alike."""
    types = draw(st.lists(st.sampled_from(sorted(CELLS)), min_size=1, max_size=4))
    columns = []
    for column_type in types:
        one_form = column_type == "datetime" and draw(st.booleans())
        cells = draw(times()) if one_form else CELLS[column_type]
        columns.append(st.sampled_from([None, *draw(st.lists(cells, min_size=1, max_size=4))]))
    rows = draw(st.lists(st.tuples(*columns).map(list), min_size=draw(st.sampled_from((0, 9, 20)))))
    return Table(names=[f"c{at}" for at in range(len(types))], types=types, rows=rows)


def steps(rows: SessionRows, table: Table) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Draw a removal of rows, or an operation that makes cells for the next one to look at."""
    names = [column.name for column in rows.columns]
    some_names = st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)
    filtering = st.fixed_dictionaries({"filter": filters(as_filtered(rows, table))})
    trimming = {
        "columns": st.sampled_from(names).map(lambda name: [name]),
        "capping_method": st.sampled_from(("iqr", "gaussian", "quantiles")),
        "tail": st.sampled_from(("left", "right", "both")),
        "fold": st.sampled_from((0.05, 0.2)),
    }
    return st.one_of(
        *removals(some_names),
        st.tuples(st.just("filter_rows"), filtering),
        st.tuples(st.just("filter_rows"), filtering),
        st.tuples(st.just("outlier_treatment_trim"), st.fixed_dictionaries(trimming)),
        random_computations.computations(names),
    )


def as_filtered(rows: SessionRows, table: Table) -> Table:
    """Return the columns that the rows have now, with the values that the table has of them."""
    cells = [rows.cells[column.key] for column in rows.columns]
    values = [
        table.column(cell.position) if isinstance(cell, Stored) else [None] * len(table.rows)
        for cell in cells
    ]
    return Table(
        names=[column.name for column in rows.columns],
        types=[str(column.type) for column in rows.columns],
        rows=[list(row) for row in zip(*values, strict=True)],
    )


def outcome(rows: SessionRows, name: str, parameters: dict[str, Any]) -> Any:
    """Return the prepared operation, or the refusal."""
    try:
        return rows.prepare(name, parameters)
    except RequestRejected as refusal:
        return refusal.code, str(refusal), refusal.details


def kept_numbers(rows: SessionRows, found: Any) -> list[int] | None:
    """Return the stored numbers of the rows that an operation kept; None if it removed none."""
    if isinstance(found, tuple) or "kept" not in found.fitted:
        return None
    numbers: list[int] = numbers_of_list(rows.after(found).kept[-1].list_id).tolist()
    return numbers


def forget_lists() -> None:
    RowList.objects.all().delete()


@contextmanager
def asking_the_rows() -> Iterator[list[Any]]:
    """Note in the block which queries of kept rows are put to the database."""
    asked: list[Any] = []

    def noted(query: Any) -> Any:
        asked.append(query)
        return in_row_order(query)

    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(rows_to_learn_from, in_row_order.__name__, noted)
        yield asked


def are_told_by_blocks(rows: SessionRows, parameters: dict[str, Any]) -> bool:
    """Tell whether blocks have to answer: of columns that no operation touched, with blocks."""
    if not rows.total_rows or parameters.get("remove_nan_rows") is False:
        return False
    of_these = StoredColumn.objects.filter(dataset_id=rows.dataset_id, block_count__gt=0)
    packed = set(of_these.values_list("column", flat=True))
    return all(
        isinstance(cell, Stored) and packed_columns.base_name(cell) in packed
        for cell in rows.cells.values()
    )


# Where the rows have to be asked

NAMES, TYPES = ["n", "f", "t"], ["integer", "float", "text"]
ROWS: list[list[Any]] = [
    [1, 0.5, "a"],
    [1, -0.0, "a"],
    [1, 0.0, "a"],
    [None, 0.0, "a"],
    [None, 0.0, "a"],
    [2, None, "A"],
    [2, 1e9, None],
    [None, None, None],
]
REMOVALS: dict[str, dict[str, Any]] = {
    "drop_missing_rows": {"columns": ["n", "t"]},
    "drop_duplicate_rows": {"keep": "last"},
    "filter_rows": {"filter": [{"column": "t", "op": "eq", "value": "a"}]},
    "outlier_treatment_trim": {"columns": ["f"], "capping_method": "quantiles", "fold": 0.2},
    "quick_nan_cleaning": {},
}


def damage() -> None:
    ColumnBlock.objects.filter(block=1).update(digest=bytes(32))


def lose_blocks() -> None:
    StoredColumn.objects.all().delete()


@pytest.mark.parametrize("name", REMOVALS)
@pytest.mark.parametrize("lack", [None, lose_blocks, damage], ids=["none", "lost", "damaged"])
def test_rows_without_sound_blocks_are_asked_themselves(
    name: str, lack: Callable[[], None] | None
) -> None:
    table = Table(NAMES, TYPES, ROWS)
    rows = stored_with_blocks(table) if lack else stored(table)
    if lack:
        lack()

    with asking_the_rows() as asked:
        prepared = rows.prepare(name, REMOVALS[name])

    assert len(asked) == 1
    assert all_rows(rows.after(prepared)) == apply(table, name, REMOVALS[name])[0].rows


@pytest.mark.parametrize("name", REMOVALS)
def test_a_feature_turns_blocks_off_for_kept_rows(
    name: str, switch_off: Callable[..., None]
) -> None:
    rows = stored_with_blocks(Table(NAMES, TYPES, ROWS))
    switch_off(Feature.COLUMN_BLOCKS)

    with asking_the_rows() as asked:
        rows.prepare(name, REMOVALS[name])

    assert len(asked) == 1


@pytest.mark.parametrize("name", REMOVALS)
def test_columns_beyond_the_memory_of_a_request_are_left_to_the_rows(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = stored_with_blocks(Table(NAMES, TYPES, ROWS))
    monkeypatch.setattr(packed_columns, "MOST_BYTES", 8 * len(ROWS) - 1)

    with asking_the_rows() as asked:
        rows.prepare(name, REMOVALS[name])

    assert len(asked) == 1


def test_very_many_rows_are_told_apart_by_the_database(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = stored_with_blocks(Table(NAMES, TYPES, ROWS))
    counts = []
    for most in (len(ROWS), len(ROWS) - 1):
        monkeypatch.setattr(row_removal, "MOST_TOLD_APART", most)
        with asking_the_rows() as asked:
            rows.prepare("drop_duplicate_rows", {})
        counts.append(len(asked))

    assert counts == [0, 1]


def test_times_of_several_forms_are_told_apart_by_the_database() -> None:
    times = ["2013-01-31T05:00:00", "2013-01-31T05:00:00Z", "2013-01-31T05:00:00.000"]
    rows = stored_with_blocks(Table(["at"], ["datetime"], [[time] for time in [*times, *times]]))

    with asking_the_rows() as asked:
        prepared = rows.prepare("drop_duplicate_rows", {})

    assert (len(asked), prepared.rows_after) == (1, 3)


def test_texts_are_told_apart_only_where_a_column_before_does_not() -> None:
    """Numbers are looked at first, and these tell all rows apart."""
    rows = stored_with_blocks(Table(["t", "n"], ["text", "integer"], [["a", 1], ["a", 2]]))
    StoredColumn.objects.filter(column="b0").delete()

    with asking_the_rows() as asked:
        prepared = rows.prepare("drop_duplicate_rows", {})

    assert (len(asked), prepared.rows_after) == (0, 2)


@pytest.mark.parametrize(
    ("cells", "caps", "kept"),
    [
        ([1, 2, 3, 4, None], [1.5, 3.0], [2, 3, 5]),
        ([1.0, 2.0, 3.0, 4.0, None], [None, 2.0], [1, 2, 5]),
        ([1.0, 2.0, 3.0, 4.0, None], [2.0, None], [2, 3, 4, 5]),
        ([2**60 + 1, 2**60, 2**60 - 1, -(2**63), 0], [-(2**63), 2**60], [2, 3, 4, 5]),
        # What an event of an earlier version holds: the first rounds to the cap.
        ([2**60 + 1, 2**60, 2**60 + 300, 7, None], [None, float(2**60)], [1, 2, 4, 5]),
    ],
    ids=str,
)
def test_caps_are_compared_with_values_as_the_database_compares_them(
    cells: list[Any], caps: list[Any], kept: list[int]
) -> None:
    column_type = "float" if isinstance(cells[0], float) else "integer"
    rows = stored_with_blocks(Table(["n"], [column_type], [[cell] for cell in cells]))
    trim, fitted = require_operation("outlier_treatment_trim"), {"caps": {"b0": caps}}
    learned_from = rows_to_learn_from.rows_to_learn_from(rows)

    flags = trim.find_kept_rows({}, fitted, learned_from)

    assert flags is not None
    assert [at for at, stays in enumerate(flags, start=1) if stays] == kept
    assert in_row_order(trim.query_kept_rows({}, fitted, learned_from)).tolist() == kept


def test_gaps_are_those_of_the_column_that_lost_none() -> None:
    """Only the database can round, but it need not to tell which rows have a value."""
    rows = stored_with_blocks(Table(NAMES, TYPES, ROWS))
    rows = rows.after(rows.prepare("round_numbers", {"columns": ["f"], "digits": 1}))

    with asking_the_rows() as asked:
        prepared = rows.prepare("drop_missing_rows", {"columns": ["f"]})

    assert (len(asked), prepared.rows_after) == (0, 6)


def test_rows_are_told_apart_by_what_operations_made_of_their_texts() -> None:
    rows = stored_with_blocks(Table(["t"], ["text"], [["a"], ["A"], [None], ["b"]]))
    rows = rows.after(rows.prepare("change_case", {"columns": ["t"], "case": "lower"}))

    with asking_the_rows() as asked:
        prepared = rows.prepare("drop_duplicate_rows", {})

    assert (len(asked), prepared.rows_after) == (0, 3)


def test_a_column_without_values_takes_no_rows_along_when_it_is_taken_away() -> None:
    rows = stored_with_blocks(Table(["n", "empty"], ["integer"] * 2, [[1, None], [None, None]]))

    with asking_the_rows() as asked:
        prepared = rows.prepare("quick_nan_cleaning", {})

    assert (len(asked), prepared.rows_after) == (0, 1)


def test_a_lost_list_is_made_again_of_the_rows_where_blocks_were_damaged_since() -> None:
    rows = stored_with_blocks(Table(NAMES, TYPES, ROWS))
    rows = rows.after(rows.prepare("drop_duplicate_rows", {}))
    expected = all_rows(rows)
    forget_lists()
    damage()

    with asking_the_rows() as asked:
        assert all_rows(rows) == expected

    assert len(asked) == 1
