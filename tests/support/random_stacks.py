"""Random tables, stacks of operations on them and filters of them, for Hypothesis."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from tests.support.reference_rows import RefusedByReference, Table, apply

HOSTILE_NAMES = (
    "a",
    "2024",
    "a__b",
    "%",
    "%s",
    "%(x)s",
    "'; DROP TABLE data_tools_datarow; --",
    '"',
    "\\",
    "r0",
    "values",
    "größe 日本 🙂",
    "-x",
    " ",
    "long " * 2000,
)
TEXTS = (
    *("", " ", "x", "'", "%s", "%", "é", "Z", "a\nb", "12", " 7 ", "-0", "+5", "007", "1_000"),
    *("9223372036854775807", "9223372036854775808", "1e999", "1e-999", "2.50", ".5", "5.", "1e3"),
    *("true", "F", "Yes", "no", "0", "1", "nan", "inf", "2013-01-31", "2013-02-29", "2012-02-29"),
    *("2013-01-31T05:00:00", "2013-01-31 05:00", "2013-01-31T05:00:00.120000Z", "0000-01-01"),
    *("2013-01-31T23:30:00-05:00", "0001-01-01T00:00+01:00", "9999-12-31T23:00-02", "24:00"),
)
VALUES = {
    "integer": st.sampled_from((0, 1, 2, 2, -7, 2**53, 2**53 + 1, 2**63 - 1, -(2**63))),
    # Quarters: sums of them are exact, so the mean has one right answer.
    "float": st.integers(-(2**20), 2**20).map(lambda quarters: quarters / 4)
    | st.sampled_from((0.0, 1.0, 1.0, 2.0, 1e9)),
    "text": st.sampled_from(TEXTS),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
    "datetime": st.datetimes().map(lambda time: time.isoformat())
    | st.sampled_from(("2013-01-31T05:00:00Z", "2013-01-31T05:00:00.500000Z")),
}


@st.composite
def tables(draw: st.DrawFn, *, most_rows: int = 9, times_of_one_form: bool = False) -> Table:
    """Draw a table.

    With `times_of_one_form`, a column's datetimes are all written in one way, as those of files.
    """
    names = draw(st.lists(st.sampled_from(HOSTILE_NAMES), min_size=1, max_size=4, unique=True))
    types = [draw(st.sampled_from(sorted(VALUES))) for _ in names]
    values = [
        draw(times()) if column_type == "datetime" and times_of_one_form else VALUES[column_type]
        for column_type in types
    ]
    # Missing cells come in runs, as in real columns.
    row = st.tuples(*(st.none() | of_column for of_column in values)).map(list)
    rows = draw(st.lists(row | st.just([None] * len(types)), max_size=most_rows))
    return Table(names=names, types=types, rows=[list(row) for row in rows])


@st.composite
def times(draw: st.DrawFn) -> st.SearchStrategy[str]:
    """Draw how the datetimes of a column are written; return the strategy of them."""
    precision = draw(st.sampled_from(("seconds", "milliseconds", "microseconds")))
    end = draw(st.sampled_from(("", "Z")))
    return st.datetimes().map(lambda time: time.isoformat(timespec=precision) + end)


@st.composite
def requests(draw: st.DrawFn, names: list[str]) -> tuple[str, dict[str, Any]]:
    name = st.sampled_from(names) if draw(st.integers(0, 15)) else st.just("no such column")
    some_names = st.lists(name, min_size=1, max_size=3)
    new_name = st.sampled_from(HOSTILE_NAMES[:-1])
    return draw(
        st.one_of(
            st.tuples(
                st.just("rename_column"),
                st.fixed_dictionaries({"old_name": name, "new_name": new_name}),
            ),
            st.tuples(
                st.just("column_operation_rename"),
                st.fixed_dictionaries(
                    {
                        "new_names": st.dictionaries(name, new_name, min_size=1, max_size=3)
                        | st.permutations(names).map(
                            lambda other: dict(zip(names, other, strict=True))
                        )
                    }
                ),
            ),
            st.tuples(
                st.just("column_operation_drop"), st.fixed_dictionaries({"columns": some_names})
            ),
            st.tuples(
                st.just("column_operation_duplicate"),
                st.fixed_dictionaries({"columns": some_names}),
            ),
            change_type(name),
            change_type(name),
            fill(some_names),
            fill(some_names),
            *removals(some_names),
        )
    )


def removals(names: st.SearchStrategy[list[str]]) -> list[st.SearchStrategy[Any]]:
    columns = {"columns": names}
    return [
        st.tuples(
            st.just("drop_missing_rows"),
            st.fixed_dictionaries({}, optional=columns | {"how": st.sampled_from(("any", "all"))}),
        ),
        st.tuples(
            st.just("drop_duplicate_rows"),
            st.fixed_dictionaries(
                {}, optional=columns | {"keep": st.sampled_from(("first", "last"))}
            ),
        ),
        st.tuples(
            st.just("quick_nan_cleaning"),
            st.fixed_dictionaries(
                {}, optional={"remove_nan_rows": st.booleans(), "remove_nan_columns": st.booleans()}
            ),
        ),
    ]


@st.composite
def filters(draw: st.DrawFn, table: Table, depth: int = 3) -> Any:
    """Draw a filter that suits the table."""
    kind = draw(st.sampled_from(("one", "one", "one", "list", "all", "any", "not")))
    if depth == 0 or kind == "one":
        return draw(conditions(table))
    if kind == "not":
        return {"not": draw(filters(table, depth - 1))}
    parts = [draw(filters(table, depth - 1)) for _ in range(draw(st.integers(1, 3)))]
    return parts if kind == "list" and depth == 3 else {"any" if kind == "any" else "all": parts}


@st.composite
def conditions(draw: st.DrawFn, table: Table) -> dict[str, Any]:
    at = draw(st.integers(0, len(table.names) - 1))
    column_type = table.types[at]
    ordered = ("eq", "ne", "lt", "lte", "gt", "gte", "between", "in")
    text = ("eq", "ne", "in", "contains", "starts_with", "ends_with")
    operators = {"text": text, "boolean": ("eq",)}.get(column_type, ordered)
    operator = draw(st.sampled_from((*operators, "is_null", "not_null")))
    condition: dict[str, Any] = {"column": table.names[at], "op": operator}
    values = VALUES[column_type]
    if column_type == "integer":
        values = values | st.sampled_from((0.5, 2.0, -7.25, 1e300, 2**63))
    if cells := [cell for cell in table.column(at) if cell is not None]:
        values = st.sampled_from(cells) | values
    if operator == "in":
        condition["value"] = draw(st.lists(values, min_size=1, max_size=3))
    elif operator == "between":
        condition["value"] = sorted(draw(st.tuples(values, values)), key=instant_or_value)
    elif operator not in ("is_null", "not_null"):
        condition["value"] = draw(values)
        if column_type == "text" and draw(st.booleans()):
            condition["value"] = draw(st.sampled_from(("", "t", "%", "_", "T", "É", "\\")))
    if column_type == "text" and operator not in ("is_null", "not_null"):
        condition |= draw(st.sampled_from(({}, {"ignore_case": True}, {"case_sensitive": True})))
    return condition


def instant_or_value(value: Any) -> Any:
    return value.removesuffix("Z") if isinstance(value, str) else value


def change_type(name: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    types = ("int", "float64", "string", "category", "bool", "date", "datetime", "text")
    return st.tuples(
        st.just("change_column_type"),
        st.fixed_dictionaries(
            {"column_name": name, "new_type": st.sampled_from(types)},
            optional={"on_error": st.sampled_from(("fail", "null", "null", "null"))},
        ),
    )


def fill(names: st.SearchStrategy[list[str]]) -> st.SearchStrategy[Any]:
    strategies = ("mean", "median", "mode", "forward_fill", "backward_fill", "constant")
    values = (0, 1, 2, 2.5, -3.0, True, "0", "1", "2.5", "yes", "x'%s", "", "2013-01-31", 2**63 - 1)
    return st.tuples(
        st.just("fill_missing_values"),
        st.fixed_dictionaries(
            {"columns": names},
            optional={
                "strategy": st.sampled_from(strategies),
                "fill_value": st.none() | st.sampled_from(values),
            },
        ),
    )


def reference(table: Table, name: str, parameters: dict[str, Any]) -> tuple[str, Table, int]:
    """Return the code of the refusal, if any, the table afterwards, the number of cells changed."""
    try:
        return ("", *apply(table, name, parameters))
    except RefusedByReference as refusal:
        return refusal.code, table, 0


def exact(rows: list[list[Any]]) -> list[list[Any]]:
    """Return the rows with each value's type, since 1, 1.0 and True are equal in Python."""
    return [[(type(value).__name__, value) for value in row] for row in rows]
