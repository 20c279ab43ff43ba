"""Each operation against the database: what it does, says and refuses."""

from __future__ import annotations

from typing import Any

import pytest

from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows
from tests.support.reference_rows import Table, converted, from_text
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


def column(values: list[Any], column_type: str) -> SessionRows:
    """Store a dataset of that column, named x, and a second one, y."""
    return stored(
        Table(
            names=["x", "y"], types=[column_type, "text"], rows=[[value, "-"] for value in values]
        )
    )


def done(rows: SessionRows, name: str, **parameters: Any) -> tuple[SessionRows, str]:
    prepared = rows.prepare(name, parameters)
    return rows.after(prepared), prepared.message


def values_of(rows: SessionRows, at: int = 0) -> list[Any]:
    return [row[at] for row in all_rows(rows)]


def refusal(rows: SessionRows, name: str, **parameters: Any) -> RequestRejected:
    with pytest.raises(RequestRejected) as refused:
        rows.prepare(name, parameters)
    return refused.value


def test_rename__says_what_it_did_and_keeps_the_key() -> None:
    rows, message = done(column([1], "integer"), "rename_column", old_name="x", new_name="%s")

    assert message == 'Column renamed from "x" to "%s"'
    assert [(c.key, c.name) for c in rows.columns] == [("b0", "%s"), ("b1", "y")]


def test_rename_several__can_swap_names() -> None:
    rows, _ = done(
        column([1], "integer"), "column_operation_rename", new_names={"x": "y", "y": "x"}
    )

    assert [c.name for c in rows.columns] == ["y", "x"]
    assert all_rows(rows) == [[1, "-"]]


def test_duplicate__never_overwrites_a_column() -> None:
    rows, _ = done(column([1, None], "integer"), "column_operation_duplicate", columns=["x"])
    rows, _ = done(rows, "column_operation_duplicate", columns=["x", "x_copy"])

    assert [(c.key, c.name) for c in rows.columns][2:] == [
        ("d1", "x_copy"),
        ("d2", "x_copy_2"),
        ("d3", "x_copy_copy"),
    ]
    assert all_rows(rows) == [[1, "-", 1, 1, 1], [None, "-", None, None, None]]


def test_duplicate__a_dropped_copy_does_not_give_its_key_away() -> None:
    rows, _ = done(column([1], "integer"), "column_operation_duplicate", columns=["x"])
    rows, _ = done(rows, "column_operation_drop", columns=["x_copy"])
    rows, _ = done(rows, "column_operation_duplicate", columns=["x"])

    assert [c.key for c in rows.columns] == ["b0", "b1", "d2"]


def test_duplicate__the_copy_and_the_original_go_separate_ways() -> None:
    rows, _ = done(column([1, None], "integer"), "column_operation_duplicate", columns=["x"])
    rows, _ = done(
        rows, "fill_missing_values", columns=["x_copy"], strategy="constant", fill_value=9
    )
    rows, _ = done(rows, "column_operation_drop", columns=["x"])

    assert all_rows(rows) == [["-", 1], ["-", 9]]


@pytest.mark.parametrize(
    ("name", "parameters", "code", "message"),
    [
        ("no_such", {}, "OPERATION_UNKNOWN", 'There is no operation "no_such"'),
        (
            "rename_column",
            {"old_name": "z", "new_name": "q"},
            "COLUMN_NOT_FOUND",
            'Column "z" not found',
        ),
        (
            "rename_column",
            {"old_name": "x", "new_name": "y"},
            "COLUMN_EXISTS",
            'Column "y" already exists',
        ),
        (
            "rename_column",
            {"old_name": "x"},
            "INVALID_PARAMETER",
            "Missing required fields: new_name",
        ),
        (
            "rename_column",
            {},
            "INVALID_PARAMETER",
            "Missing required fields: old_name, new_name",
        ),
        ("rename_column", {"old_name": "x", "new_name": " "}, "INVALID_PARAMETER", None),
        ("rename_column", {"old_name": "x", "new_name": "n" * 256}, "INVALID_PARAMETER", None),
        ("rename_column", {"old_name": "x", "new_name": "a\x00"}, "INVALID_PARAMETER", None),
        ("rename_column", {"old_name": "x", "new_name": "\ud800"}, "INVALID_PARAMETER", None),
        ("rename_column", {"old_name": ["x"], "new_name": "q"}, "INVALID_PARAMETER", None),
        ("rename_column", {"old_name": "x", "new_name": "q", "z": 1}, "INVALID_PARAMETER", None),
        ("column_operation_rename", {"new_names": {}}, "INVALID_PARAMETER", None),
        ("column_operation_rename", {"new_names": ["x"]}, "INVALID_PARAMETER", None),
        ("column_operation_rename", {"new_names": {"x": "x"}}, "INVALID_PARAMETER", None),
        (
            "column_operation_rename",
            {"new_names": {"x": "q", "z": "p"}},
            "COLUMN_NOT_FOUND",
            "Columns not found: ['z']",
        ),
        (
            "column_operation_rename",
            {"new_names": {"x": "y"}},
            "COLUMN_EXISTS",
            'Column "y" already exists',
        ),
        ("column_operation_rename", {"new_names": {"x": "q", "y": "q"}}, "COLUMN_EXISTS", None),
        ("column_operation_drop", {"columns": ["x", "y"]}, "INVALID_PARAMETER", None),
        (
            "column_operation_drop",
            {"columns": []},
            "INVALID_PARAMETER",
            "At least one column must be specified",
        ),
        (
            "fill_missing_values",
            {},
            "INVALID_PARAMETER",
            "At least one column must be specified",
        ),
        ("fill_missing_values", {"columns": "x"}, "INVALID_PARAMETER", None),
        ("fill_missing_values", {"columns": ["x", 1]}, "INVALID_PARAMETER", None),
        (
            "fill_missing_values",
            {"columns": ["x", "z"]},
            "COLUMN_NOT_FOUND",
            "Columns not found: ['z']",
        ),
        (
            "fill_missing_values",
            {"columns": ["x", "y"]},
            "INVALID_PARAMETER",
            'Invalid strategy "mean" for column "y" or missing fill_value',
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant"},
            "INVALID_PARAMETER",
            'Invalid strategy "constant" for column "x" or missing fill_value',
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "magic"},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": "abc"},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": True},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": [1]},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": float("nan")},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": 2**64},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "fill_missing_values",
            {"columns": ["y"], "strategy": "constant", "fill_value": "\x00"},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "change_column_type",
            {"column_name": "z", "new_type": "int"},
            "COLUMN_NOT_FOUND",
            "Columns not found: ['z']",
        ),
        (
            "change_column_type",
            {"column_name": "x", "new_type": "complex"},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "change_column_type",
            {"column_name": "x", "new_type": "date"},
            "INVALID_PARAMETER",
            None,
        ),
        (
            "change_column_type",
            {"column_name": "x", "new_type": "str", "on_error": "ignore"},
            "INVALID_PARAMETER",
            None,
        ),
    ],
)
def test_refusal__has_a_code_and_the_message_that_clients_know(
    name: str, parameters: dict[str, Any], code: str, message: str | None
) -> None:
    refused = refusal(column([1, None], "integer"), name, **parameters)

    assert refused.code == code
    assert message is None or str(refused) == message
    assert refused.details


ODD_TEXTS = [
    *("", " ", "0", "-0", "+7", " 12\t", "12\n", "007", "1_000", "1,5", "0x10", "١", "12\u00a0"),
    *("9223372036854775807", "9223372036854775808", "-9223372036854775808", "9" * 300, "1" * 500),
    *("0" * 390 + "12", "1.0", "1.5", ".5", "5.", ".", "-.5e-3", "1e5", "1E+05", "1e0005", "e5"),
    *("1e308", "1.7976931348623157e308", "1.8e308", "1e309", "-1e999", "1e-320", "1e-400", "0e999"),
    *("5e-324", "0." + "0" * 200 + "1", "inf", "-Infinity", "nan", "NaN", "true", "TRUE", "t", "F"),
    *("9007199254740991", "-9007199254740992", "9007199254740993", " -9007199254740993 "),
    *("+9007199254740994", "9007199254740992.0", "9007199254740993.", "9007199254740993e0"),
    *("0" * 300 + "9007199254740993", "0" * 300 + "9007199254740992", "1" + "0" * 22, "1e22"),
    *("no", "Yes", "y", "n", "on", "2", "False", "2013-01-31", "2013-02-29", "2012-02-29"),
    *("2013-1-31", "31/01/2013", "0000-01-01", "0001-01-01", "9999-12-31", "2013-13-01"),
    *("1900-02-29", "2000-02-29", "2013-04-31", "2013-01-00", "20130131", "2013-W05-4"),
    *("2013-01-31T05:00:00", "2013-01-31 05:00", "2013-01-31T05", "2013-01-31T24:00", "T05:00"),
    *("2013-01-31T05:00:60", "2013-01-31T05:60", "2013-01-31T05:00:00.5", "2013-01-31t05:00"),
    *("2013-01-31T05:00:00.123456789", "2013-01-31T05:00:00.000000", "2013-01-31T05:00:00,25Z"),
    *("2013-01-31T05:00:00Z", "2013-01-31T05:00:00+05:30", "2013-01-31T05:00:00-0530"),
    *("2013-01-31T05:00+14", "2013-01-31T05:00+24", "2013-01-31Z", "0001-01-01T00:00+01:00"),
    *("9999-12-31T23:00:00-02:00", "9999-12-31T23:59:59.999999", "2013-01-31T05:00:00.5-00:30"),
]


@pytest.mark.parametrize("target", ["integer", "float", "boolean", "date", "datetime"])
def test_type_of_text__each_value_as_the_reference_reads_it(target: str) -> None:
    rows, _ = done(
        column(ODD_TEXTS, "text"),
        "change_column_type",
        column_name="x",
        new_type=target,
        on_error="null",
    )

    expected = {text: from_text(text, target) for text in ODD_TEXTS}
    assert dict(zip(ODD_TEXTS, values_of(rows), strict=True)) == expected
    assert sum(value is not None for value in expected.values()) >= 5


ODD_NUMBERS = {
    "integer": [0, 1, 2, -1, 2**53, 2**53 + 1, -(2**53) - 1, 2**63 - 1, -(2**63)],
    "float": [
        *(0.0, 1.0, 2.0, -1.5, 0.1, 1 / 3, 1e15, 1e16, 123456789012345.0, 1e22, 1e-4, 1e-5, 1e300),
        *(5e-324, 2.0**62, 2.0**63, -(2.0**63), 1.7976931348623157e308, 12345678.9, 1.5e-7),
    ],
    "boolean": [True, False],
    "date": ["2013-01-31", "0001-01-01"],
    "datetime": ["2013-01-31T05:00:00", "2013-01-31T05:00:00.500000Z"],
}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        *((a, b) for a in ("integer", "float", "boolean") for b in ("integer", "float", "boolean")),
        *((a, "text") for a in ODD_NUMBERS),
        ("date", "datetime"),
        ("datetime", "date"),
    ],
)
def test_type_of_value__each_value_as_the_reference_converts_it(source: str, target: str) -> None:
    rows, _ = done(
        column(ODD_NUMBERS[source], source),
        "change_column_type",
        column_name="x",
        new_type=target,
        on_error="null",
    )

    expected = [converted(value, source, target) for value in ODD_NUMBERS[source]]
    assert values_of(rows) == expected


def test_type__a_misfit_refuses_and_names_the_count_and_the_first_rows() -> None:
    texts = ["1", None, *("no number" for _ in range(7)), "2"]

    refused = refusal(column(texts, "text"), "change_column_type", column_name="x", new_type="int")

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details == {
        "column": "x",
        "count": 7,
        "row_numbers": [3, 4, 5, 6, 7],
        "first_value": "no number",
    }
    assert str(refused) == (
        'Failed to convert column to int: 7 values of "x" do not fit, first in rows 3, 4, 5, 6, 7: '
        '"no number"'
    )


def test_type__misfits_become_missing_on_request_and_are_counted() -> None:
    rows, message = done(
        column(["1", "x", None], "text"),
        "change_column_type",
        column_name="x",
        new_type="Int64",
        on_error="null",
    )

    assert values_of(rows) == [1, None, None]
    assert message == 'Column "x" converted to Int64; 1 became missing'


def test_type__unreadable_datetimes_become_missing_by_default_and_are_counted() -> None:
    rows, message = done(
        column(["2013-01-31", "soon"], "text"),
        "change_column_type",
        column_name="x",
        new_type="datetime",
    )

    assert values_of(rows) == ["2013-01-31T00:00:00", None]
    assert message == 'Column "x" converted to datetime; 1 became missing'


def test_type__a_text_that_spells_an_integer_is_a_float_only_if_that_integer_is_exact() -> None:
    texts = ["9007199254740992", "9007199254740993", "12345678901234567890", "0.1"]

    refused = refusal(
        column(texts, "text"), "change_column_type", column_name="x", new_type="float"
    )

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details == {
        "column": "x",
        "count": 2,
        "row_numbers": [2, 3],
        "first_value": "9007199254740993",
    }


def test_type__the_text_false_is_false() -> None:
    rows, _ = done(
        column(["False", "true", None], "text"),
        "change_column_type",
        column_name="x",
        new_type="boolean",
    )

    assert values_of(rows) == [False, True, None]


@pytest.mark.parametrize(
    ("column_type", "values", "strategy", "filling", "type_after"),
    [
        ("integer", [1, None, 2], "mean", 1.5, "float"),
        ("integer", [1, None, 3], "mean", 2, "integer"),
        ("integer", [2**62, None, 2**62], "mean", 2**62, "integer"),
        ("integer", [2**63 - 1, None, 2**63 - 1], "median", 2**63 - 1, "integer"),
        ("integer", [1, 2, None, 10], "median", 2, "integer"),
        ("integer", [1, 2, None, 3, 10], "median", 2.5, "float"),
        ("float", [1e308, None, 1.5e308], "mean", 1.25e308, "float"),
        ("float", [1.7e308, None, 1.7e308], "median", 1.7e308, "float"),
        ("float", [-1.0, None, 4.0], "mean", 1.5, "float"),
        ("float", [5e-324, None, 1.5e-323], "mean", 1e-323, "float"),
        ("float", [5e-324, None, -1.7e308, 1.7e308], "mean", 0.0, "float"),
        ("float", [1e279, None, 3e280, -1e279], "mean", 1e280, "float"),
        ("float", [0.0, None, -5e-324, 0.1, 1e308], "mean", 2.5e307, "float"),
        ("integer", [3, 1, None], "mode", 1, "integer"),
        ("text", ["b", "a", None, "b", "a"], "mode", "a", "text"),
        ("text", ["a", "B", None], "mode", "B", "text"),
        ("boolean", [True, False, None, True], "mode", True, "boolean"),
        ("datetime", ["2013-01-31T05:00:00Z", None], "mode", "2013-01-31T05:00:00Z", "datetime"),
    ],
)
def test_fill__with_a_learned_value(
    column_type: str, values: list[Any], strategy: str, filling: Any, type_after: str
) -> None:
    rows, message = done(
        column(values, column_type), "fill_missing_values", columns=["x"], strategy=strategy
    )

    assert values_of(rows) == [filling if value is None else value for value in values]
    assert rows.columns[0].type == type_after
    assert message == f"Filled {values.count(None)} missing values using {strategy} strategy"


@pytest.mark.parametrize(
    ("column_type", "typed", "filling", "type_after"),
    [
        ("integer", "0", 0, "integer"),
        ("integer", " 12 ", 12, "integer"),
        ("integer", "2.5", 2.5, "float"),
        ("integer", 3.0, 3, "integer"),
        ("integer", 2.5, 2.5, "float"),
        ("float", "0", 0.0, "float"),
        ("float", 7, 7.0, "float"),
        ("text", 0, "0", "text"),
        ("text", True, "true", "text"),
        ("text", "", "", "text"),
        ("text", "'); DROP TABLE x; --%s", "'); DROP TABLE x; --%s", "text"),
        ("boolean", "False", False, "boolean"),
        ("boolean", 1, True, "boolean"),
        ("date", "2013-01-31", "2013-01-31", "date"),
        ("datetime", "2013-01-31", "2013-01-31T00:00:00", "datetime"),
        ("datetime", "2013-01-31 05:00+01:00", "2013-01-31T04:00:00Z", "datetime"),
    ],
)
def test_fill__with_a_constant_of_the_column_s_type(
    column_type: str, typed: Any, filling: Any, type_after: str
) -> None:
    rows, _ = done(
        column([None], column_type),
        "fill_missing_values",
        columns=["x"],
        strategy="constant",
        fill_value=typed,
    )

    assert values_of(rows) == [filling]
    assert type(values_of(rows)[0]) is type(filling)
    assert rows.columns[0].type == type_after


@pytest.mark.parametrize("strategy", ["mean", "median", "mode"])
def test_fill__an_empty_column_has_nothing_to_learn_from(strategy: str) -> None:
    refused = refusal(
        column([None, None], "integer"), "fill_missing_values", columns=["x"], strategy=strategy
    )

    assert refused.code == "NOTHING_TO_FIT"


def test_fill__refuses_to_lose_digits_of_large_integers() -> None:
    refused = refusal(column([2**53 + 1, 0, None], "integer"), "fill_missing_values", columns=["x"])

    assert refused.code == "VALUES_DO_NOT_FIT"


def test_fill__all_columns_or_none() -> None:
    rows = stored(
        Table(names=["x", "y"], types=["float", "float"], rows=[[1.0, None], [None, None]])
    )

    assert refusal(rows, "fill_missing_values", columns=["x", "y"]).code == "NOTHING_TO_FIT"


@pytest.mark.parametrize(
    ("strategy", "filling"),
    [("constant", 7), ("mean", 2), ("median", 2), ("mode", 1), ("forward_fill", 3)],
)
def test_fill__more_columns_than_one_query_selects(strategy: str, filling: int) -> None:
    width = 1_900
    names = [f"c{at}" for at in range(width)]
    rows = stored(
        Table(
            names=names,
            types=["integer", "float"] * (width // 2),
            rows=[[1] * width, [3] * width, [None] * width],
        )
    )
    constant = {"fill_value": 7} if strategy == "constant" else {}

    filled, message = done(
        rows, "fill_missing_values", columns=names, strategy=strategy, **constant
    )

    assert message == f"Filled {width} missing values using {strategy} strategy"
    assert all_rows(filled)[2] == [filling] * width


@pytest.mark.parametrize(
    ("name", "parameters", "path", "reason"),
    [
        (
            "fill_missing_values",
            {"columns": ["x"], "strategy": "constant", "fill_value": "é" * 10_001},
            "fill_value",
            "must be at most 10,000 characters",
        ),
        (
            "column_operation_drop",
            {"columns": ["x"] * 10_001},
            "columns",
            "must name at most 10,000 columns",
        ),
        (
            "column_operation_rename",
            {"new_names": {str(number): "y" for number in range(10_001)}},
            "new_names",
            "must name at most 10,000 columns",
        ),
    ],
)
def test_parameters__are_bounded(
    name: str, parameters: dict[str, Any], path: str, reason: str
) -> None:
    refused = refusal(column([None], "text"), name, **parameters)

    assert refused.code == "INVALID_PARAMETER"
    assert refused.details == {"path": path, "reason": reason}


def test_fill__with_the_longest_text() -> None:
    rows, _ = done(
        column([None], "text"),
        "fill_missing_values",
        columns=["x"],
        strategy="constant",
        fill_value="é" * 10_000,
    )

    assert values_of(rows) == ["é" * 10_000]


def test_fill__of_a_full_column_compiles_to_nothing() -> None:
    before = column([1, 2], "integer")

    rows, message = done(before, "fill_missing_values", columns=["x"])

    assert message == "Filled 0 missing values using mean strategy"
    assert rows.cells["b0"] is before.cells["b0"] or rows.operations[-1].column_changes == ()
    assert rows.columns == before.columns


def test_fill__forward_leaves_the_first_missing_cells_and_backward_the_last() -> None:
    values = [None, 1, None, None, 2, None]

    forward, said = done(
        column(values, "integer"), "fill_missing_values", columns=["x"], strategy="forward_fill"
    )
    backward, _ = done(
        column(values, "integer"), "fill_missing_values", columns=["x"], strategy="backward_fill"
    )

    assert values_of(forward) == [None, 1, 1, 1, 2, 2]
    assert values_of(backward) == [1, 1, 2, 2, 2, None]
    assert said == "Filled 3 missing values using forward_fill strategy"


def test_prepare__changes_nothing() -> None:
    rows = column([1, None], "integer")

    rows.prepare("fill_missing_values", {"columns": ["x"]})

    assert rows.operations == ()
    assert values_of(rows) == [1, None]
