"""Column blocks and the rows themselves give the same rows in the same order."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from data_tools.filtering import Selection, SortSpec, filter_from_json
from data_tools.models import RowList, StoredColumn
from data_tools.observing.activity import activity
from data_tools.rows.packed_columns import PackedRows
from data_tools.rows.selected_rows import SelectedRows
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from tests.support.examples import examples
from tests.support.random_stacks import exact, filters, reference, requests, tables
from tests.support.reference_rows import Table
from tests.support.stored_blocks import draw_session, only_rows, stored_with_blocks
from tests.support.stored_rows import all_rows

pytestmark = pytest.mark.django_db

LOCALES = (None, None, None, "de", "sv")


@settings(max_examples=examples(150))
@given(data=st.data())
def test_rows_found_on_blocks_are_those_found_by_the_database(
    db: None, data: st.DataObject
) -> None:
    expected = data.draw(tables(most_rows=20, times_of_one_form=True))
    rows = stored_with_blocks(expected, block_rows=data.draw(st.integers(1, 21)))
    for _ in range(data.draw(st.integers(0, 5))):
        if data.draw(st.integers(0, 3)):
            name, parameters = data.draw(requests(expected.names))
        else:
            name, parameters = "filter_rows", {"filter": data.draw(filters(expected))}
        refusal, after, _ = reference(expected, name, parameters)
        if not refusal:
            expected, rows = after, rows.after(rows.prepare(name, parameters))

    for _ in range(4):
        selection = data.draw(selections(expected))
        if selection.is_everything:
            continue
        with only_rows():
            by_database = SelectedRows(rows, selection).found.whole().tolist()
            shown = all_rows(rows, 3, selection=selection)
        forget_views(rows, selection)

        with activity() as done:
            found = SelectedRows(rows, selection).found
            pages = [found.between(at, at + 3).tolist() for at in range(0, len(by_database), 3)]
        assert sum(pages, []) == by_database, selection
        assert found.whole().tolist() == by_database, selection
        assert found.row_count == len(by_database)
        if is_answered_by_blocks(rows, selection):
            assert done.facts["read_from"] == "blocks", selection
        assert exact(all_rows(rows, 3, selection=selection)) == exact(shown)
        forget_views(rows, selection)


@st.composite
def selections(draw: st.DrawFn, table: Table) -> Selection:
    condition = draw(st.none() | filters(table))
    names = draw(st.lists(st.sampled_from(table.names), max_size=4, unique=True))
    return Selection(
        filter=None if condition is None else filter_from_json(condition),
        sorts=tuple(draw(sorts(name, table)) for name in names),
    )


@st.composite
def sorts(draw: st.DrawFn, name: str, table: Table) -> SortSpec:
    options: dict[str, Any] = {"descending": draw(st.booleans())}
    if table.types[table.names.index(name)] == "text":
        options["locale"] = draw(st.sampled_from(LOCALES))
        options["ignore_case"] = draw(st.sampled_from((False, False, False, True)))
    return SortSpec(column_name=name, **options)


def forget_views(rows: SessionRows, selection: Selection) -> None:
    RowList.objects.filter(pk=SelectedRows(rows, selection).list_key.list_id).delete()


def is_answered_by_blocks(rows: SessionRows, selection: Selection) -> bool:
    """Tell whether blocks have to answer: of all columns but datetimes that operations made."""
    if not rows.total_rows:
        return False
    if any(sort.ignore_case and sort.locale is None for sort in selection.sorts):
        return False
    names = {sort.column_name for sort in selection.sorts}
    if selection.filter is not None:
        names |= {condition.column_name for condition in selection.filter.conditions}
    return all(
        isinstance(rows.cells[column.key], Stored) or column.type != ColumnType.DATETIME
        for column in rows.columns
        if column.name in names
    )


@settings(max_examples=examples(60))
@given(data=st.data())
def test_packed_columns_hold_the_values_of_the_rows(db: None, data: st.DataObject) -> None:
    expected, rows = draw_session(data, most_operations=4)
    rows.require_kept()

    for _ in range(2):  # computed, and kept
        for at, column in enumerate(rows.columns):
            read = PackedRows(rows).columns([column.key])
            if read is None:
                assert not expected.rows or column.type == ColumnType.DATETIME
                continue
            values = [as_stored(value, read[0].values.type) for value in read[0].values.to_pylist()]
            assert exact([values]) == exact([[as_packed(v) for v in expected.column(at)]])
    keys = [column.key for column in rows.columns]
    if (together := PackedRows(rows).columns(keys)) is not None:
        assert [column.type for column in together] == [column.type for column in rows.columns]
    kept = StoredColumn.objects.filter(dataset_id=rows.dataset_id, used_at__isnull=False)
    assert kept.count() <= len(rows.columns)


def as_stored(value: Any, arrow_type: Any) -> Any:
    """Return a packed value as its row has it."""
    if value is None or not hasattr(value, "isoformat"):
        return value
    if not hasattr(value, "hour"):
        return value.isoformat()
    precision = {"s": "seconds", "ms": "milliseconds", "us": "microseconds"}[arrow_type.unit]
    text: str = value.replace(tzinfo=None).isoformat(timespec=precision)
    return text + ("Z" if arrow_type.tz else "")


def as_packed(value: Any) -> Any:
    return value + 0.0 if isinstance(value, float) else value
