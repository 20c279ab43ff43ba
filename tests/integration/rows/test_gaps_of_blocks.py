"""What is missing is the same by what is noted of blocks, by the blocks, and by the rows."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.column_blocks import reading, storage
from data_tools.columns import ColumnType
from data_tools.exceptions import RequestRejected
from data_tools.models import ColumnBlock, StoredColumn
from data_tools.profiles import packed_gaps
from data_tools.profiles.missing_rows import count_rows_with_missing
from data_tools.profiles.packed_gaps import Gaps, gaps_in_blocks
from data_tools.rows import distinct_values
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Computed, Stored, inputs_first
from session_events.events import Column
from tests.support.examples import examples
from tests.support.random_stacks import requests, tables
from tests.support.reference_rows import Table
from tests.support.stored_blocks import stored_with_blocks, write_blocks

pytestmark = pytest.mark.django_db


def missing(rows: SessionRows, column: Column) -> int:
    return sum(value is None for _, value in cells(rows, column))


def cells(rows: SessionRows, column: Column) -> list[tuple[Any, ...]]:
    return rows.fetch_all(rows.cells_query([rows.cells[column.key]]))


def by_rows(rows: SessionRows) -> Gaps:
    return Gaps(
        missing=tuple(missing(rows, column) for column in rows.columns),
        rows_with_missing=count_rows_with_missing(rows, rows.columns),
    )


def after(rows: SessionRows, name: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(name, parameters))


def steps(columns: tuple[Column, ...]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    """Draw an operation that only the database computes, most of which keep what is missing."""

    def step(column: Column) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
        one = {"columns": [column.name]}
        digits = st.sampled_from((-15, -1, 0, 2))
        steps = [st.just(("find_and_replace", {**one, "find": "1", "replace_with": "2"}))]
        match ColumnType(column.type):
            case ColumnType.TEXT:
                steps += [
                    st.just(("change_case", {**one, "case": "title"})),
                    st.just(("trim_text", one)),
                    st.just(("feature_encoding_rare_label", {**one, "rare_threshold": 0.5})),
                ]
            case ColumnType.INTEGER | ColumnType.FLOAT:
                steps.append(
                    digits.map(
                        lambda digits: (
                            "round_numbers",
                            {**one, "digits": digits, "on_error": "null"},
                        )
                    )
                )
            case ColumnType.DATE | ColumnType.DATETIME:
                part = {"column": column.name, "parts": ["month", "weekday"]}
                steps.append(st.just(("extract_date_parts", part)))
        return st.one_of(steps)

    return st.sampled_from(columns).flatmap(step)


@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_what_is_missing_is_what_the_rows_lack(db: None, data: st.DataObject) -> None:
    rows = stored_with_blocks(
        data.draw(tables(most_rows=20, times_of_one_form=True)),
        block_rows=data.draw(st.integers(1, 21)),
    )
    for _ in range(data.draw(st.integers(0, 4))):
        names = [column.name for column in rows.columns]
        name, parameters = data.draw(requests(names) | steps(rows.columns))
        try:
            rows = after(rows, name, **parameters)
        except RequestRejected:
            continue
    rows.require_kept()
    require_kept_gaps(rows)

    gaps = gaps_in_blocks(rows, rows.columns)

    assert gaps is None or gaps == by_rows(rows)


def require_kept_gaps(rows: SessionRows) -> None:
    """Hold each expression that says so to being missing exactly where its input is."""
    for column in rows.columns:
        for node in inputs_first([rows.cells[column.key]]):
            if isinstance(node, Computed) and node.keeps_gaps:
                both = rows.fetch_all(rows.cells_query([node, *node.inputs]))
                assert all((value is None) == (given is None) for _, value, given in both), node


TABLE = Table(
    ["t", "x", "d"],
    ["text", "float", "text"],
    [[f" word {at}" if at % 3 else None, at / 3, f"2013-01-{at % 28 + 1:02}"] for at in range(40)],
)


def test_after_operations_that_lose_no_value_no_row_is_read(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distinct_values, "MOST_VALUES_SENT", 0)
    rows = after(stored_with_blocks(TABLE), "change_case", columns=["t"], case="title")
    rows = after(rows, "trim_text", columns=["t"])
    rows = after(rows, "round_numbers", columns=["x"], digits=1)
    rows = after(rows, "change_column_type", column_name="d", new_type="date")

    with CaptureQueriesContext(connection) as queries:
        gaps = gaps_in_blocks(rows, rows.columns)

    assert gaps == by_rows(rows) == Gaps(missing=(14, 0, 0), rows_with_missing=14)
    assert "data_tools_datarow" not in " ".join(query["sql"] for query in queries)
    assert not any(isinstance(rows.cells[column.key], Stored) for column in rows.columns)


def test_an_integer_that_rounding_loses_is_missing(db: None) -> None:
    rows = stored_with_blocks(Table(["n"], ["integer"], [[2**63 - 1], [5], [None]]))
    rows = after(rows, "round_numbers", columns=["n"], digits=-1, on_error="null")

    gaps = gaps_in_blocks(rows, rows.columns)

    assert gaps == by_rows(rows) == Gaps(missing=(2,), rows_with_missing=2)


def test_a_column_that_was_filled_lacks_nothing_whatever_it_was_made_of(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distinct_values, "MOST_VALUES_SENT", 0)
    rows = after(stored_with_blocks(TABLE), "find_and_replace", columns=["t"], find="1")
    rows = after(rows, "fill_missing_values", columns=["t"], strategy="constant", fill_value="none")

    gaps = gaps_in_blocks(rows, rows.columns)

    assert gaps == by_rows(rows) == Gaps(missing=(0, 0, 0), rows_with_missing=0)


WIDE = Table(
    [f"c{at}" for at in range(40)],
    ["float"] * 40,
    [[None if (row + at // 20) % 2 else 1.0 for at in range(40)] for row in range(20)],
)


@pytest.fixture
def blocks_read(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, list[str]]]:
    """The blocks that are read to see where they lack values, as they are read."""
    read: list[tuple[int, list[str]]] = []
    fetch_block = reading.fetch_block

    def noted(dataset_id: Any, revision: int, block: int, columns: Any, **options: Any) -> Any:
        read.append((block, list(columns)))
        return fetch_block(dataset_id, revision, block, columns, **options)

    monkeypatch.setattr(reading, "fetch_block", noted)
    return read


def test_no_block_is_read_of_rows_that_all_lack_a_value(
    db: None, monkeypatch: pytest.MonkeyPatch, blocks_read: list[tuple[int, list[str]]]
) -> None:
    monkeypatch.setattr(packed_gaps, "_READ_BYTES", 1)
    rows = stored_with_blocks(WIDE, block_rows=10)

    gaps = gaps_in_blocks(rows, rows.columns)

    assert gaps == by_rows(rows)
    # Every column lacks a value in every other row; b20 is the first of those with the other rows.
    assert blocks_read[-1] == (1, ["b20"])
    assert len(blocks_read) == 2 * len({column for _, [column] in blocks_read}) < 30


def test_a_single_column_with_gaps_is_counted_without_its_blocks(
    db: None, blocks_read: list[tuple[int, list[str]]]
) -> None:
    rows = stored_with_blocks(TABLE)

    assert gaps_in_blocks(rows, rows.columns) == by_rows(rows)
    assert not blocks_read


def test_a_block_that_lacks_other_than_was_noted_is_found_out(db: None) -> None:
    rows = stored_with_blocks(WIDE, block_rows=10)
    expected = by_rows(rows)
    blocks = ColumnBlock.objects.filter(dataset_id=rows.dataset_id, column="b1")
    blocks.update(missing_count=9)

    assert gaps_in_blocks(rows, rows.columns) == expected


def test_a_damaged_block_leaves_the_answer_to_the_rows(
    db: None, caplog: pytest.LogCaptureFixture
) -> None:
    rows = stored_with_blocks(WIDE, block_rows=10)
    ColumnBlock.objects.filter(dataset_id=rows.dataset_id, column="b1").update(digest=bytes(32))

    assert gaps_in_blocks(rows, rows.columns) is None

    assert "are damaged" in caplog.text
    assert not StoredColumn.objects.filter(dataset_id=rows.dataset_id, column="b1").exists()


def test_blocks_that_went_away_meanwhile_are_not_taken_for_ones_without_gaps(
    db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = stored_with_blocks(WIDE, block_rows=10)
    mark = packed_gaps._mark

    def mark_slowly(*arguments: Any) -> Any:
        ColumnBlock.objects.filter(dataset_id=rows.dataset_id, column="b3").delete()
        StoredColumn.objects.filter(dataset_id=rows.dataset_id, column="b3").delete()
        return mark(*arguments)

    monkeypatch.setattr(packed_gaps, "_mark", mark_slowly)

    assert gaps_in_blocks(rows, rows.columns) is None


@pytest.mark.parametrize("block_rows", [5, 8, 20, 40])
def test_blocks_that_are_cut_at_other_rows_meanwhile_leave_out_no_gap(
    db: None, monkeypatch: pytest.MonkeyPatch, block_rows: int
) -> None:
    table = Table(
        ["a", "b"],
        ["float"] * 2,
        [[None if 30 <= row < 34 else 1.0, None if row == 39 else 1.0] for row in range(40)],
    )
    rows = stored_with_blocks(table, block_rows=10)
    gaps_of_blocks = packed_gaps.gaps_of_blocks

    def noted_before(*arguments: Any) -> Any:
        noted = gaps_of_blocks(*arguments)
        storage.remove_base(rows.dataset_id, rows.revision)
        write_blocks(rows, table, block_rows=block_rows)
        return noted

    monkeypatch.setattr(packed_gaps, "gaps_of_blocks", noted_before)

    assert gaps_in_blocks(rows, rows.columns) == Gaps(missing=(4, 1), rows_with_missing=5)


def test_a_column_is_compared_with_no_block_of_another(db: None) -> None:
    """Of a new dataset PostgreSQL expects few columns; with thousands a join takes seconds."""
    rows = stored_with_blocks(WIDE, block_rows=10)
    with CaptureQueriesContext(connection) as queries:
        storage.gaps_of_blocks(rows.dataset_id, rows.revision, ["b0", "b1"])
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {queries[0]['sql']}")
        plan = "\n".join(line for (line,) in cursor.fetchall())

    assert not re.search("Join|Loop", plan), plan
