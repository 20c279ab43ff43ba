"""A filter is read whole or refused, with the path of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest

from data_tools.filtering import Filter, filter_from_json, parse_filter
from data_tools.filtering.exceptions import InvalidFilter
from data_tools.filtering.filters import MAX_CONDITIONS, MAX_DEPTH, MAX_VALUES
from data_tools.sql.conditions import conditions_on
from data_tools.sql.fragment import Sql
from session_events.events import Column

TYPES = ("integer", "float", "text", "boolean", "date", "datetime")
COLUMNS = tuple(Column(key=f"b{at}", name=name, type=name) for at, name in enumerate(TYPES))


def condition(column: str, op: str, value: Any = None, **more: Any) -> dict[str, Any]:
    return {"column": column, "op": op, "value": value, **more}


def refused_path(value: Any) -> str:
    with pytest.raises(InvalidFilter) as refused:
        conditions_on(COLUMNS, filter_from_json(value))
    assert refused.value.code == "INVALID_FILTER"
    path = refused.value.details["path"]
    assert str(refused.value).startswith(path)
    return path


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ([condition("integer", "eq", 1), condition("nope", "eq", 1)], "filter[1].column"),
        ({"all": [{"any": [condition("nope", "eq", 1)]}]}, "filter.all[0].any[0].column"),
        ({"not": {"not": condition("float", "eq", "x")}}, "filter.not.not.value"),
        ([condition("float", "between", [1, "x"])], "filter[0].value[1]"),
        ([condition("integer", "in", [1, None])], "filter[0].value[1]"),
        ([condition("text", "gt", "x")], "filter[0].op"),
        ([condition("boolean", "ne", True)], "filter[0].op"),
        ([condition("text", "matches", "x")], "filter[0].op"),
        ([condition("float", "eq", 1, ignore_case=True)], "filter[0].ignore_case"),
        ([condition("text", "eq", "x", ignore_case=1)], "filter[0].ignore_case"),
        ([condition("text", "eq", "x", ignore_case=True, case_sensitive=True)], "filter[0]"),
        ([condition("float", "eq", 2**53 + 1)], "filter[0].value"),
        ([condition("float", "eq", True)], "filter[0].value"),
        ([condition("integer", "eq", float("inf"))], "filter[0].value"),
        ([condition("date", "eq", "2013-02-29")], "filter[0].value"),
        ([condition("date", "eq", "2013-1-1")], "filter[0].value"),
        ([condition("datetime", "eq", "0001-01-01T00:00+01:00")], "filter[0].value"),
        ([condition("datetime", "between", ["2013-01-02", "2013-01-01"])], "filter[0].value"),
        ([condition("text", "eq", "\ud800")], "filter[0].value"),
        ([condition("text", "is_null", "x")], "filter[0].value"),
        ([condition("text", "eq")], "filter[0].value"),
        ([{"column": "text", "op": "is_null", "else": 1}], "filter[0]"),
        ([], "filter"),
        ({"all": [], "any": []}, "filter"),
        ({"all": []}, "filter.all"),
        ("x", "filter"),
        ([[]], "filter[0]"),
    ],
)
def test_an_invalid_part_is_named_by_its_path(value: Any, path: str) -> None:
    assert refused_path(value) == path


def test_depth_conditions_and_values_are_bounded() -> None:
    def nested(depth: int) -> Any:
        return {"not": nested(depth - 1)} if depth else condition("text", "is_null")

    assert filter_from_json(nested(MAX_DEPTH - 1))
    assert refused_path(nested(MAX_DEPTH)).startswith("filter.not.not")
    one = condition("text", "is_null")
    assert filter_from_json([one] * MAX_CONDITIONS)
    assert refused_path([one] * (MAX_CONDITIONS + 1)) == "filter"
    assert refused_path([{"all": [one] * 60}, {"any": [one] * 60}]) == "filter"
    assert filter_from_json([condition("integer", "in", [1] * MAX_VALUES)])
    assert refused_path([condition("integer", "in", [1] * (MAX_VALUES + 1))]) == "filter[0].value"


@pytest.mark.parametrize("text", ["", "[]"])
def test_an_empty_filter_is_no_filter(text: str) -> None:
    assert parse_filter({"filter": [text]}) is None
    assert parse_filter({}) is None


@pytest.mark.parametrize(
    "texts", [["x"], ["["], ["[NaN]"], ["\x00"], ["[]", "[]"], [" " * 200_001]]
)
def test_a_filter_must_be_one_json_value_given_once(texts: list[str]) -> None:
    with pytest.raises(InvalidFilter):
        parse_filter({"filter": texts})


def test_a_filter_keeps_its_written_form() -> None:
    written = [condition("text", "contains", "x", ignore_case=True)]

    assert parse_filter({"filter": [json.dumps(written)]}) == filter_from_json(written)
    assert filter_from_json(written).written == written


PROBES = (
    *("'; DROP TABLE data_tools_datarow; --", '"', "%s", "%(x)s", "%", "_", "$1", "\\"),
    "x' || (SELECT version()) || '",
)


@pytest.mark.parametrize("probe", PROBES)
@pytest.mark.parametrize("op", ["eq", "ne", "contains", "starts_with", "ends_with", "in"])
def test_a_value_or_a_name_never_becomes_part_of_the_sql_text(probe: str, op: str) -> None:
    def sql(text: str) -> str:
        value = [text] if op == "in" else text
        columns = (Column(key="b0", name=text, type="text"),)
        asked: Filter = filter_from_json([condition(text, op, value, ignore_case=True)])
        return conditions_on(columns, asked).sql([Sql("cell")]).text

    assert sql(probe) == sql("harmless")
