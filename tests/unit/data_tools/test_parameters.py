"""Each kind of parameter accepts its values, and says where another value is wrong. Pure."""

from __future__ import annotations

from typing import Any

import pytest

from data_tools.filtering.exceptions import InvalidFilter
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.number_parameters import AscendingNumbers, Integer, Number
from data_tools.operations.parameters import (
    Choice,
    Choices,
    ColumnName,
    ColumnNames,
    Flag,
    NewName,
    NewNames,
    Parameter,
    ParameterKind,
    RowFilter,
    Scalar,
    Text,
)

FILTER = {"not": {"column": "a", "op": "is_null"}}


@pytest.mark.parametrize(
    ("kind", "value", "checked"),
    [
        (ColumnName(), " ", " "),
        (ColumnNames(), ("a", "b", "a"), ["a", "b"]),
        (NewName(), "x" * 255, "x" * 255),
        (NewNames(), {"a": "b", "b": "a"}, {"a": "b", "b": "a"}),
        (Choice(choices=("a", "b")), "b", "b"),
        (Choices(choices=("a", "b")), ["b", "a", "b"], ["b", "a"]),
        (RowFilter(), FILTER, FILTER),
        (Flag(), False, False),
        (Text(), " ", " "),
        (Scalar(), "", ""),
        (Scalar(), -(2**63), -(2**63)),
        (Number(), 2**63, float(2**63)),
        (Number(), "9007199254740993", 9007199254740993),
        (Number(), "-9223372036854775808", -(2**63)),
        (Number(minimum=0), 0.0, 0.0),
        (Integer(minimum=2, maximum=5), 5, 5),
        (AscendingNumbers(), (1, 2.5), [1.0, 2.5]),
        (AscendingNumbers(), ["9007199254740993", 1e18], [9007199254740993, 1e18]),
    ],
)
def test_check__returns_the_value_as_the_operation_gets_it(
    kind: ParameterKind, value: Any, checked: Any
) -> None:
    result = kind.check(value, "x")

    assert (result, type(result)) == (checked, type(checked))


@pytest.mark.parametrize(
    ("kind", "value", "path", "reason"),
    [
        (ColumnName(), 5, "x", "must be text"),
        (ColumnName(), "a\x00", "x", "must be text without NUL and lone surrogates"),
        (ColumnNames(), "a", "x", "must be a list of column names"),
        (ColumnNames(), [], "x", "must not be empty"),
        (ColumnNames(), ["a", None], "x[1]", "must be text"),
        (NewName(), " ", "x", "must not be empty"),
        (NewNames(), {"a": "b" * 256}, "x.a", "must be at most 255 characters"),
        (Choice(choices=("a", "b")), ["a"], "x", "must be one of a, b"),
        (Choices(choices=("a", "b")), ["a", "c"], "x[1]", "must be one of a, b"),
        (Flag(), 1, "x", "must be true or false"),
        (Text(), "", "x", "must be text of 1 to 10,000 characters"),
        (Scalar(), 2**63, "x", "must be text, a finite number within 64 bits, true or false"),
        (Number(), float("nan"), "x", "must be a finite number"),
        (Number(), "5", "x", "must be a finite number"),
        (Number(), "9007199254740992", "x", "must be a finite number"),
        (Number(maximum=10), "9007199254740993", "x", "must be a finite number to 10"),
        (Number(minimum=0.0), -1, "x", "must be a finite number from 0"),
        (Integer(minimum=2, maximum=5), 2.0, "x", "must be a whole number from 2 to 5"),
        (Integer(), True, "x", "must be a whole number"),
        (AscendingNumbers(), [1], "x", "must be a list of 2 to 1,001 numbers"),
        (AscendingNumbers(), [1, True], "x[1]", "must be a finite number"),
        (AscendingNumbers(), [1, 2, 2], "x[2]", "must be greater than the one before"),
    ],
)
def test_check__says_where_a_value_is_wrong_and_why(
    kind: ParameterKind, value: Any, path: str, reason: str
) -> None:
    with pytest.raises(InvalidParameter) as refused:
        kind.check(value, "x")

    assert (refused.value.details["path"], refused.value.details["reason"]) == (path, reason)


def test_check__refuses_a_filter_as_pages_do() -> None:
    with pytest.raises(InvalidFilter):
        RowFilter().check({"not": []}, "x")


@pytest.mark.parametrize(
    ("kind", "value", "named"),
    [
        (ColumnName(), "a", ["a"]),
        (ColumnNames(), ["a", "b"], ["a", "b"]),
        (NewNames(), {"a": "b"}, ["a"]),
        (RowFilter(), FILTER, ["a"]),
        (NewName(), "a", []),
        (Scalar(), "a", []),
    ],
)
def test_columns_named__are_existing_columns(
    kind: ParameterKind, value: Any, named: list[str]
) -> None:
    assert kind.columns_named(value) == named


def test_json_schema__of_an_optional_parameter_allows_null_for_the_default() -> None:
    kind = Choice(choices=("a", "b"))

    optional = Parameter(name="how_many", kind=kind, description="-", default="a").json_schema()
    required = Parameter(name="how_many", kind=kind, description="-", required=True).json_schema()

    assert optional == {
        "title": "How many",
        "description": "-",
        "x-kind": "choice",
        "type": ["string", "null"],
        "enum": ["a", "b", None],
        "default": "a",
    }
    assert (required["type"], required["enum"]) == ("string", ["a", "b"])
    assert "default" not in required
