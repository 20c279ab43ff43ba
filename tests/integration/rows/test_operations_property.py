"""Any stack of operations, read through SQL, is what plain Python makes of the same rows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.exceptions import RequestRejected
from data_tools.filtering import Selection, SortSpec, filter_from_json
from data_tools.models import RowList
from tests.support.examples import examples
from tests.support.random_stacks import exact, filters, reference, requests, tables
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


@settings(max_examples=examples(150))
@given(data=st.data())
def test_sql_page__equals_the_reference_for_any_stack_page_and_sort(
    db: None, data: st.DataObject
) -> None:
    expected = data.draw(tables())
    rows = stored(expected)
    for _ in range(data.draw(st.integers(0, 8))):
        if data.draw(st.integers(0, 7)):
            name, parameters = data.draw(requests(expected.names))
        else:
            name, parameters = "filter_rows", {"filter": data.draw(filters(expected))}
        refusal, after, changed = reference(expected, name, parameters)
        if refusal:
            with pytest.raises(RequestRejected) as refused:
                rows.prepare(name, parameters)
            assert refused.value.code == refusal
            continue
        prepared = rows.prepare(name, parameters)
        assert prepared.cells_changed == changed
        expected, rows = after, rows.after(prepared)

    page_size = data.draw(st.integers(1, 4))
    assert [(column.name, column.type) for column in rows.columns] == list(
        zip(expected.names, expected.types, strict=True)
    )
    assert exact(all_rows(rows, page_size)) == exact(expected.rows)
    for _ in range(3):
        condition = data.draw(st.none() | filters(expected))
        names = st.lists(st.sampled_from(expected.names), max_size=3, unique=True)
        sorts = [(column, data.draw(st.booleans())) for column in data.draw(names)]
        selection = Selection(
            filter=None if condition is None else filter_from_json(condition),
            sorts=tuple(SortSpec(column_name=name, descending=down) for name, down in sorts),
        )
        read = all_rows(rows, page_size, selection=selection)
        assert exact(read) == exact(expected.selected(condition, sorts)), (condition, sorts)
        if data.draw(st.booleans()):
            RowList.objects.all().delete()
    for column in expected.names:
        for descending in (False, True):
            sort = SortSpec(column_name=column, descending=descending)
            read = all_rows(rows, page_size, sort)
            assert exact(read) == exact(expected.sorted_by(column, descending)), sort
