"""How operations treat missing cells, numbers at the limits of their types, and taken names.

Where the old service failed or gave a wrong result, these tests hold what replaced that.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data_tools.exceptions import RequestRejected
from data_tools.filtering import EVERYTHING
from data_tools.operations import OPERATIONS
from data_tools.operations.needed_columns import each_needs
from data_tools.rows.pages import read_cell
from data_tools.rows.session_rows import SessionRows
from tests.support.examples import examples
from tests.support.flights_frame import flights_table
from tests.support.operation_cases import CASES
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db


def table(**columns: tuple[str, list[Any]]) -> SessionRows:
    """Store columns by name, each a type and its values."""
    rows = [list(row) for row in zip(*(values for _, values in columns.values()), strict=True)]
    return stored(Table(names=list(columns), types=[of for of, _ in columns.values()], rows=rows))


def done(rows: SessionRows, name: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(name, parameters))


def values_of(rows: SessionRows, name: str) -> list[Any]:
    at = [column.name for column in rows.columns].index(name)
    return [row[at] for row in all_rows(rows)]


def types_of(rows: SessionRows) -> dict[str, str]:
    return {column.name: column.type for column in rows.columns}


def refusal(rows: SessionRows, name: str, **parameters: Any) -> RequestRejected:
    with pytest.raises(RequestRejected) as refused:
        rows.prepare(name, parameters)
    return refused.value


# Missing cells


def test_one_hot__a_missing_cell_is_missing_in_every_column_since_all_zeros_is_a_category() -> None:
    rows = done(table(x=("text", ["b", None, "a", "c"])), "feature_encoding_onehot", columns=["x"])

    assert [column.name for column in rows.columns] == ["x_b", "x_a"]
    assert all_rows(rows) == [[1, 0], [None, None], [0, 1], [0, 0]]


def test_ordinal__numbers_by_first_appearance_and_keeps_missing_cells() -> None:
    rows = done(
        table(x=("text", [None, "b", "a", "", "b"])), "feature_encoding_ordinal", columns=["x"]
    )

    assert values_of(rows, "x") == [None, 0, 1, 2, 0]
    assert types_of(rows) == {"x": "integer"}


def test_math__a_missing_part_makes_the_result_missing() -> None:
    rows = table(a=("integer", [1, None]), b=("integer", [2, 2]))

    assert values_of(done(rows, "feature_engineering_math_sum"), "sum_a_b") == [3, None]
    assert values_of(done(rows, "feature_engineering_math_max"), "max_a_b") == [2, None]


@pytest.mark.parametrize(
    "name",
    [
        "missing_data_imputation_mean",
        "missing_data_imputation_median",
        "missing_data_imputation_mode",
        "feature_encoding_ordinal",
        "feature_encoding_onehot",
        "feature_scaling_standard",
        "outlier_treatment_winsorize",
    ],
)
def test_a_column_without_a_value_is_refused_by_name_and_left_out_otherwise(name: str) -> None:
    of_type = "text" if "mode" in name or "encoding" in name else "float"
    present = ["a", "b", "b", "d"] if of_type == "text" else [1.0, 2.0, 3.5, 90.0]
    rows = table(x=(of_type, [None] * 4), y=(of_type, present))

    assert refusal(rows, name, columns=["x"]).code == "NOTHING_TO_FIT"
    assert rows.prepare(name, {"columns": []}).parameters["columns"] == ["y"]


def test_encoding__without_names_leaves_out_texts_that_are_dates() -> None:
    rows = table(x=("text", ["2013-01-01", None]), y=("text", ["a", "2013-01-01"]))

    prepared = rows.prepare("feature_encoding_ordinal", {})

    assert prepared.parameters["columns"] == ["y"]


# Bounds


def test_encoding__too_many_categories_are_refused_with_their_number() -> None:
    rows = table(x=("text", [f"c{number}" for number in range(202)]))

    refused = refusal(rows, "feature_encoding_onehot", columns=["x"])

    assert refused.code == "INVALID_PARAMETER"
    assert refused.details["categories"] == 202
    assert refused.details["maximum"] == 201


def test_one_hot__a_category_too_long_for_a_name_is_refused() -> None:
    rows = table(x=("text", ["c" * 256, "d"]))

    assert refusal(rows, "feature_encoding_onehot", columns=["x"]).code == "INVALID_PARAMETER"


def test_one_hot__must_leave_a_column() -> None:
    assert refusal(table(x=("text", ["a"])), "feature_encoding_onehot").code == "INVALID_PARAMETER"


def test_replace__a_text_never_grows_beyond_a_million_characters() -> None:
    rows = table(x=("text", ["a" * 1000]))
    rows = done(rows, "find_and_replace", columns=["x"], find="a", replace_with="a" * 1000)

    assert read_cell(rows, EVERYTHING, 1, rows.columns[0]) == "a" * 1_000_000
    refused = refusal(rows, "find_and_replace", columns=["x"], find="a", replace_with="aa")
    assert refused.code == "VALUES_DO_NOT_FIT"


def test_encoding__categories_too_long_together_are_refused() -> None:
    rows = table(x=("text", [f"{number}" * 30_000 for number in range(8)]))

    assert refusal(rows, "feature_encoding_ordinal").code == "INVALID_PARAMETER"


def test_values_bound_in_a_page_query_count_towards_its_size() -> None:
    rows = table(x=("text", [f"{number}" * 25_000 for number in range(7)]))

    def encode_copies() -> None:
        nonlocal rows
        for _ in range(8):
            rows = done(rows, "column_operation_duplicate", columns=["x"])
            rows = done(rows, "feature_encoding_ordinal", columns=[rows.columns[-1].name])

    with pytest.raises(RequestRejected) as refused:
        encode_copies()

    assert refused.value.code == "SESSION_TOO_COMPLEX"
    assert len(rows.operations) > 5


# Names


def test_new_columns_never_replace_an_existing_column() -> None:
    rows = table(a=("integer", [1]), b=("integer", [2]), sum_a_b=("text", ["here"]))

    again = done(rows, "feature_engineering_math_sum", columns=["a", "b"])
    again = done(again, "feature_engineering_math_sum", columns=["a", "b"])

    assert [column.name for column in again.columns][2:] == ["sum_a_b", "sum_a_b_2", "sum_a_b_3"]
    assert all_rows(again) == [[1, 2, "here", 3, 3]]
    for name, request in (
        ("calculate_column", {"left_column": "a", "operator": "add", "value": 1}),
        ("bin_column", {"column": "a", "method": "edges", "edges": [0, 2]}),
    ):
        assert refusal(rows, name, new_name="b", **request).code == "COLUMN_EXISTS"


def test_reorder__keeps_cells_and_later_operations_find_their_columns() -> None:
    rows = table(a=("integer", [1]), b=("integer", [2]), c=("integer", [3]))

    moved = done(rows, "reorder_columns", columns=["c", "a"])
    after = done(moved, "column_operation_duplicate", columns=["a"])

    assert all_rows(after) == [[3, 1, 2, 1]]
    assert [column.key for column in after.columns] == ["b2", "b0", "b1", "d1"]
    assert [list(needs.types) for needs in each_needs(rows.columns, after.operations)] == [
        ["a", "c"],
        ["a"],
    ]


# Arithmetic at the limits


@pytest.mark.parametrize(
    ("operator", "of", "left", "right"),
    [
        ("divide", "integer", 1, 0),
        ("divide", "float", 1e308, 1e-10),
        ("floor_divide", "integer", 5, 0),
        ("floor_divide", "integer", -(2**63), -1),
        ("modulo", "float", 5.5, 0.0),
        ("add", "integer", 2**63 - 1, 1),
        ("subtract", "integer", -(2**63), 1),
        ("multiply", "integer", 2**40, 2**40),
        ("add", "float", 1.7e308, 1.7e308),
        ("multiply", "float", 1e200, -1e200),
        ("power", "float", 10.0, 400.0),
        ("power", "float", 0.0, -1.0),
        ("power", "float", -2.0, 0.5),
        ("divide", "integer", 2**53 + 1, 1),
    ],
)
def test_a_result_that_is_not_finite_is_refused_or_missing_on_request(
    operator: str, of: str, left: float, right: float
) -> None:
    rows = table(a=(of, [None, 2, left]), b=(of, [1, 1, right]))
    request = {"left_column": "a", "operator": operator, "right_column": "b", "new_name": "c"}

    refused = refusal(rows, "calculate_column", **request)
    after = done(rows, "calculate_column", **request, on_error="null")

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details == {"column": "c", "count": 1, "row_numbers": [3]}
    assert values_of(after, "c")[0] is None
    assert values_of(after, "c")[1] is not None
    assert values_of(after, "c")[2] is None


PYTHON = {
    "add": lambda a, b: a + b,
    "subtract": lambda a, b: a - b,
    "multiply": lambda a, b: a * b,
    "divide": lambda a, b: a / b,
    "floor_divide": lambda a, b: a // b,
    "modulo": lambda a, b: a % b,
}
NEXT_TO_LARGEST = 1.797693134862314e308
DOUBLES = st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from(
    [0.0, 5e-324, -5e-324, 1.7e308, -1.7e308, 2.2e-308, 1e150, 1e-150, 0.1, 0.3, -7.5, 1.0]
)
INTEGERS = st.integers(-(2**63), 2**63 - 1) | st.integers(-50, 50)


@settings(max_examples=examples(10))
@example(pairs=[(-5166377243399683.0, 0.75)], integers=[(1, 1)])  # next to 2^52
@given(
    pairs=st.lists(st.tuples(DOUBLES, DOUBLES), min_size=40, max_size=40),
    integers=st.lists(st.tuples(INTEGERS, INTEGERS), min_size=40, max_size=40),
)
def test_arithmetic_agrees_with_python_for_any_two_numbers(
    db: None, pairs: list[tuple[float, float]], integers: list[tuple[int, int]]
) -> None:
    """To the last digit; near the largest doubles ours may be null, near the smallest 0."""
    rows = table(
        a=("float", [a + 0.0 for a, _ in pairs]),
        b=("float", [b + 0.0 for _, b in pairs]),
        m=("integer", [a for a, _ in integers]),
        n=("integer", [b for _, b in integers]),
    )
    for operator, compute in PYTHON.items():
        for left, right, numbers in (("a", "b", pairs), ("m", "n", integers)):
            if left == "m" and operator == "divide":
                continue  # of doubles, above
            after = done(
                rows,
                "calculate_column",
                left_column=left,
                operator=operator,
                right_column=right,
                new_name="c",
                on_error="null",
            )
            for (a, b), result in zip(numbers, values_of(after, "c"), strict=True):
                if result is None and max(abs(a), abs(b)) > NEXT_TO_LARGEST:
                    continue
                assert agrees(result, expected(compute, a, b)), (operator, a, b, result)


def expected(compute: Any, a: float, b: float) -> float | None:
    try:
        result = compute(a, b)
    except (ZeroDivisionError, OverflowError):
        return None
    if isinstance(result, int):
        return result if -(2**63) <= result < 2**63 else None
    return result if math.isfinite(result) else None


def agrees(result: float | None, wanted: float | None) -> bool:
    if result is None or wanted is None:
        return result == wanted or (result is None and abs(wanted) > NEXT_TO_LARGEST)
    return result == wanted or abs(result - wanted) < 1e-300 * (isinstance(wanted, float))


def test_standard_scaling_of_one_value_is_zeros() -> None:
    rows = done(table(x=("float", [0.1, 0.1, None])), "feature_scaling_standard")

    assert values_of(rows, "x") == [0.0, 0.0, None]


def test_numbers_too_large_to_be_squared_are_refused() -> None:
    rows = table(x=("float", [1e200, 1.0]), y=("integer", [2**53 + 1, 1]))

    for name in ("x", "y"):
        assert refusal(rows, "feature_scaling_standard", columns=[name]).code == "VALUES_DO_NOT_FIT"


def test_winsorize__integers_stay_integers_under_whole_caps() -> None:
    rows = table(x=("integer", [0, 1, 2, 3, 4, 100]))

    whole = done(rows, "outlier_treatment_winsorize", fold=0.5)
    fraction = done(rows, "outlier_treatment_winsorize", fold=1.5)

    assert (types_of(whole), values_of(whole, "x")[-1]) == ({"x": "integer"}, 5)
    assert (types_of(fraction), values_of(fraction, "x")[-1]) == ({"x": "float"}, 7.5)


def test_winsorize__integers_that_a_float_cannot_hold_are_refused_under_other_caps() -> None:
    rows = table(x=("integer", [0, 1, 2, 3, 4, 2**53 + 1]))

    assert refusal(rows, "outlier_treatment_winsorize", columns=["x"]).code == "VALUES_DO_NOT_FIT"
    whole = done(rows, "outlier_treatment_winsorize", fold=0.5)
    assert values_of(whole, "x")[-1] == 5


def test_winsorize__a_named_column_that_varies_too_little_is_refused() -> None:
    rows = table(x=("integer", [1, 1, 1, 1, 100]))

    assert refusal(rows, "outlier_treatment_winsorize", columns=["x"]).code == "NOTHING_TO_FIT"


def test_winsorize__the_default_fold_fits_the_method() -> None:
    rows = table(x=("float", [float(number) for number in range(101)]))

    after = done(rows, "outlier_treatment_winsorize", capping_method="quantiles")

    assert max(values_of(after, "x")) == 95.0


def test_mode__of_a_tie_is_the_first_in_sort_order() -> None:
    rows = table(x=("text", ["b", "a", None]))

    assert values_of(done(rows, "missing_data_imputation_mode"), "x")[-1] == "a"


def test_find_and_replace__a_value_of_another_type_than_the_column_is_refused() -> None:
    rows = table(x=("integer", [1, 2]))

    assert values_of(
        done(rows, "find_and_replace", columns=["x"], find="2", match="cell"), "x"
    ) == [1, None]
    for wrong in ("abc", 1.5, True):
        refused = refusal(rows, "find_and_replace", columns=["x"], find=wrong, match="cell")
        assert refused.details["path"] == "find"


def test_bins__a_number_outside_the_edges_is_in_no_bin() -> None:
    rows = table(x=("float", [-0.1, 0.0, 1.0, 1.5, 2.0, 2.1, None]))

    after = done(rows, "bin_column", column="x", method="edges", edges=[0, 1, 2], labels="number")

    assert values_of(after, "x_bin") == [None, 1, 1, 2, 2, None, None]


def test_date_parts__a_date_has_no_hour() -> None:
    rows = table(x=("date", ["2013-01-31"]))

    refused = refusal(rows, "extract_date_parts", column="x", parts=["year", "hour"])

    assert refused.details["path"] == "parts"


def test_date_parts__of_a_datetime_with_offset_are_those_of_utc() -> None:
    rows = table(x=("datetime", ["2013-12-30T23:59:59.999999Z", "0001-01-01T00:00:00", None]))

    after = done(
        rows, "extract_date_parts", column="x", parts=["year", "week", "weekday", "second"]
    )

    assert [row[1:] for row in all_rows(after)] == [
        [2013, 1, 0, 59],
        [1, 1, 0, 0],
        [None] * 4,
    ]


def test_letter_case__is_that_of_unicode_in_any_locale_of_the_database() -> None:
    rows = table(x=("text", ["ÉCOLE straße Ωmega", "они", "x'y"]))

    for case, function in (("lower", str.lower), ("upper", str.upper), ("title", str.title)):
        changed = values_of(done(rows, "change_case", columns=["x"], case=case), "x")
        assert changed == [function(text).replace("SS", "ß") for text in values_of(rows, "x")], case


# Recipes: requested on other rows, everything is learned anew


@pytest.mark.parametrize("case", {case.operation: case for case in CASES}.values(), ids=str)
def test_an_operation_requested_again_on_other_rows_is_fitted_to_them(
    flights_csv: Any, case: Any
) -> None:
    first_flights, later_flights = flights_table(flights_csv, 500), flights_table(flights_csv)
    later_flights.rows[:] = later_flights.rows[500:1100]
    first_rows, later_rows = stored(first_flights), stored(later_flights)
    prepared = first_rows.prepare(case.operation, case.parameters)

    request = OPERATIONS[case.operation].original_request(prepared.parameters)
    request = {name: value for name, value in request.items() if value is not None}
    again = later_rows.prepare(case.operation, request)

    directly = later_rows.prepare(case.operation, {**case.parameters, **request})
    assert again == directly
    assert all_rows(later_rows.after(again)) == all_rows(later_rows.after(directly))


def test_an_operation_learns_other_values_on_other_rows(flights_csv: Any) -> None:
    first, second = (
        stored(table).prepare("feature_scaling_standard", {"columns": ["arr_delay"]})
        for table in (flights_table(flights_csv, 500), flights_table(flights_csv))
    )

    assert first.parameters == second.parameters
    assert first.fitted != second.fitted


def test_an_operation_learns_from_the_rows_that_are_left() -> None:
    rows = table(x=("integer", [0, 10, 20, 1000]), y=("text", ["a", "b", "c", "d"]))
    rows = done(rows, "filter_rows", filter=[{"column": "x", "op": "lt", "value": 100}])
    rows = done(rows, "feature_scaling_minmax", columns=["x"])
    rows = done(rows, "feature_encoding_onehot", columns=["y"])

    assert all_rows(rows) == [[0.0, 1, 0], [0.5, 0, 1], [1.0, 0, 0]]


@pytest.mark.parametrize(("count", "first"), [(10, "c0"), (11, "Rare")])
def test_rare_label__leaves_columns_of_up_to_ten_categories_alone(count: int, first: str) -> None:
    labels = [f"c{number}" for number in range(count)]

    rows = done(
        table(x=("text", [*labels, *labels[1:] * 20])),
        "feature_encoding_rare_label",
        columns=["x"],
    )

    assert values_of(rows, "x")[0] == first


def test_split__the_last_column_holds_the_rest() -> None:
    rows = done(
        table(x=("text", ["a-b-c", "a"])),
        "split_column",
        column="x",
        separator="-",
        maximum_parts=2,
    )

    assert all_rows(rows) == [["a-b-c", "a", "b-c"], ["a", "a", None]]


def test_duplicates__the_last_of_them_stays_on_request() -> None:
    rows = done(
        table(n=("integer", [1, 2, 3]), x=("text", ["a", "b", "a"])),
        "drop_duplicate_rows",
        columns=["x"],
        keep="last",
    )

    assert values_of(rows, "n") == [2, 3]
