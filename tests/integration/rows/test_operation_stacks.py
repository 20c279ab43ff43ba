"""Operations on top of each other: the rows they make, the SQL they take, the names they see."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from data_tools.exceptions import RequestRejected
from data_tools.operations import OPERATIONS, PreparedOperation
from data_tools.operations.declaration import query_every_row
from data_tools.rows.rendering import SHARED_ROWS
from data_tools.rows.session_rows import SessionRows
from tests.support.flights_frame import flights_table
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.no_cover,  # the same lines, very often
]

NAMES = sorted(OPERATIONS)
REMOVING = [name for name in NAMES if OPERATIONS[name].query_kept_rows is not query_every_row]
MOST_ROWS_REMOVED = 0.1  # by one operation of a stack, so that some rows are left at its end
NUMBERS, TEXTS = ("integer", "float"), ("text",)
MOST_COLUMNS = 60
NOT_NAMES = ("parts", "strategy", "method", "operator", "case", "find", "replace_with", "pattern")
NOT_NAMES += ("replacement", "missing", "half", "matches")
REPLACEMENTS = ((r"[AN]+", r"<\&>"), (r"(.)1(.)", r"\2\1"), ("e$", "%s"), ("^", "x"))
CHARACTERS_PER_OPERATION = 2_000
HOSTILE_NAMES = (
    *("2024", "-1", "a__b", 'x"; drop', "'; DROP TABLE data_tools_datarow; --", "%", "%s", "%(x)s"),
    *("\\", "{}", "$1", "größe 日本 🙂", "long " * 2000, " ", "v0", "r0"),
)


class Picker:
    """Requests for an operation on the columns that exist, picked at random."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.count = 0

    def request(self, name: str, rows: SessionRows) -> dict[str, Any]:
        """Return a request for the operation.

        Raises:
            IndexError: no column suits.
        """
        self.count += 1
        number, text, anything, moment = (
            [column.name for column in rows.columns if column.type in types]
            for types in (NUMBERS, TEXTS, (*NUMBERS, *TEXTS, "date"), ("date", "datetime"))
        )
        pick, sample = self.random.choice, self._sample
        family = name.rpartition("_")[0]
        if name == "calculate_column":
            return {
                "left_column": pick(number),
                "operator": pick(("add", "subtract", "multiply", "divide", "floor_divide")),
                "right_column": pick(number),
                "new_name": f"new {self.count}",
                "on_error": "null",
            }
        if family == "feature_engineering_math":
            return {"columns": sample(number, 2), "on_error": "null"}
        if family == "feature_engineering_relative":
            return {
                "columns": sample(number, 1),
                "reference_columns": sample(number, 1),
                "on_error": "null",
            }
        if family == "feature_scaling":
            return {"columns": sample(number, 2), "on_error": "null"}
        if name in ("missing_data_imputation_mean", "missing_data_imputation_median"):
            return {"columns": sample(number, 2)}
        if family == "outlier_treatment":
            return {"columns": sample(number, 1), "tail": "both", "capping_method": "gaussian"}
        if name.startswith("missing_data_imputation"):
            return {"columns": sample(number, 1)}
        if name.startswith("feature_encoding"):
            return {"columns": sample(text, 1)}
        requests = {
            "fill_missing_values": lambda: {
                "columns": sample(anything, 1),
                "strategy": pick(("mode", "forward_fill", "backward_fill")),
            },
            "rename_column": lambda: {
                "old_name": pick(anything),
                "new_name": f"renamed {self.count}",
            },
            "column_operation_rename": lambda: {
                "new_names": {pick(anything): f"renamed {self.count}"}
            },
            "column_operation_drop": lambda: {"columns": sample(number, 1)},
            "column_operation_duplicate": lambda: {"columns": sample(anything, 2)},
            "reorder_columns": lambda: {"columns": sample(anything, 3)},
            "keep_columns": lambda: {
                "columns": [
                    column.name
                    for at, column in enumerate(rows.columns)
                    if at < 15 or len(rows.columns) - at <= 20
                ]
            },
            "change_column_type": lambda: {
                "column_name": pick(number),
                "new_type": pick(("text", "float")),
                "on_error": "null",
            },
            "find_and_replace": lambda: {
                "columns": sample(text, 1),
                "find": pick("AN1e"),
                "replace_with": pick(("", "x%s", "A")),
                "ignore_case": pick((True, False)),
            },
            "regex_replace": lambda: {
                "columns": sample(text, 1),
                **dict(zip(("pattern", "replacement"), pick(REPLACEMENTS), strict=True)),
                "matches": pick(("all", "first")),
                "ignore_case": pick((True, False)),
            },
            "round_numbers": lambda: {
                "columns": sample(number, 2),
                "digits": pick((-1, 0, 3)),
                "half": pick(("away_from_zero", "to_even")),
                "on_error": "null",
            },
            "join_columns": lambda: {
                "columns": sample(anything, 2),
                "new_name": f"joined {self.count}",
                "missing": pick(("skip", "missing", "text")),
            },
            "first_row_as_header": lambda: {},
            "trim_text": lambda: {"columns": sample(text, 1)},
            "change_case": lambda: {
                "columns": sample(text, 1),
                "case": pick(("lower", "upper", "title")),
            },
            "split_column": lambda: {
                "column": pick(text),
                "separator": pick("AN1"),
                "maximum_parts": 3,
            },
            "extract_date_parts": lambda: {"column": pick(moment), "parts": ["month", "weekday"]},
            "bin_column": lambda: {"column": pick(number), "bins": 4},
            "drop_missing_rows": lambda: {
                "columns": sample(anything, 2),
                "how": pick(("any", "all")),
            },
            "drop_duplicate_rows": lambda: {
                "columns": sample(anything, 4),
                "keep": pick(("first", "last")),
            },
            "filter_rows": lambda: {"filter": self._filter(number, text)},
            "quick_nan_cleaning": lambda: {
                "remove_nan_rows": pick((True, False)),
                "remove_nan_columns": True,
            },
        }
        return requests[name]()

    def _filter(self, number: list[str], text: list[str]) -> dict[str, Any]:
        """Return a filter that most rows pass."""
        large = {"column": self.random.choice(number), "op": "gt", "value": 10}
        named = {"column": self.random.choice(text), "op": "contains", "value": "J"}
        return {"not": {"all": [large, named]}}

    def _sample(self, names: list[str], count: int) -> list[str]:
        return self.random.sample(names, min(count, len(names))) or [names[0]]


def stacked(rows: SessionRows, count: int, seed: int) -> Iterator[tuple[str, Any, SessionRows]]:
    """Yield `count` operations of all kinds, in random order, each with the rows before it.

    A request that does not suit the columns is passed over. Ends with the rows after the last.
    """
    picker = Picker(seed)
    names: list[str] = []
    applied = tries = 0
    while applied < count:
        tries += 1
        assert tries < 10 * count
        if not names:
            names = [
                *NAMES,
                *REMOVING,
                *REMOVING,
            ]  # most removals are passed over
            picker.random.shuffle(names)
        name = "keep_columns" if len(rows.columns) > MOST_COLUMNS else names.pop()
        try:
            request = picker.request(name, rows)
            prepared = rows.prepare(name, request)
        except (IndexError, RequestRejected):
            continue
        if prepared.rows_after < (1 - MOST_ROWS_REMOVED) * prepared.rows_before:
            continue
        yield name, request, rows
        rows = rows.after(prepared)
        applied += 1
    yield "", None, rows


def as_stored(rows: SessionRows) -> SessionRows:
    return stored(
        Table(
            names=[column.name for column in rows.columns],
            types=[column.type for column in rows.columns],
            rows=all_rows(rows),
        )
    )


def rekeyed(prepared: PreparedOperation, keys: dict[str, str]) -> PreparedOperation:
    """Return the same operation on columns that have other keys."""
    return replace(
        prepared,
        fitted=respelled(prepared.fitted, keys),
        column_changes=tuple(
            replace(change, key=keys.get(change.key, change.key))
            for change in prepared.column_changes
        ),
    )


def shown(rows: SessionRows, page_size: int = 1000) -> Any:
    cells = [[(type(value).__name__, value) for value in row] for row in all_rows(rows, page_size)]
    return [(column.name, column.type) for column in rows.columns], cells


@pytest.mark.parametrize("seed", [1, 2])
def test_two_hundred_operations_of_all_kinds_page_as_if_each_result_had_been_stored(
    flights_csv: Path, seed: int
) -> None:
    """The stored results get what each operation learned, so that cells agree to the last digit."""
    used: set[str] = set()
    stepwise = None
    for name, request, rows in stacked(stored(flights_table(flights_csv, 120)), 200, seed):
        if stepwise is not None:
            assert shown(stepwise) == shown(rows), f"before {name} {request}"
        if name:
            used.add(name)
            prepared = rows.prepare(name, request)
            before = as_stored(rows)
            keys = {
                column.key: base.key
                for column, base in zip(rows.columns, before.columns, strict=True)
            }
            step = rekeyed(prepared, keys)
            if "kept" in step.fitted:  # the stored result numbers its rows anew
                anew = before.prepare(name, request).fitted
                step.fitted.update(
                    {field: anew[field] for field in ("kept", "row") if field in anew}
                )
            stepwise = before.after(step)

    assert shown(rows, page_size=7) == shown(rows)
    assert len(rows.kept) >= 5
    assert used >= set(NAMES) - {"feature_encoding_rare_label"}


def sql_length(rows: SessionRows) -> int:
    text = rows._compiled.row_text(SHARED_ROWS)
    return len(text.json.text + text.layers.text)


def test_sql_grows_linearly_with_the_operations(flights_csv: Path) -> None:
    lengths = [
        sql_length(rows)
        for _, _, rows in stacked(stored(flights_table(flights_csv, 20)), 200, seed=3)
    ]

    assert max(lengths) < 200 * CHARACTERS_PER_OPERATION
    growth = [after - before for before, after in zip(lengths, lengths[1:], strict=False)]
    assert max(growth) < 20 * CHARACTERS_PER_OPERATION  # a one-hot column for each of 20 categories


@pytest.mark.parametrize("operation", ["add", "subtract", "multiply"])
def test_sums_of_sums_do_not_double_the_sql(operation: str) -> None:
    rows = stored(Table(names=["a", "b"], types=["float"] * 2, rows=[[1.0, 1.5], [None, 2.0]]))
    lengths = []
    for count in range(120):
        left, right = (column.name for column in rows.columns[-2:])
        request = {
            "left_column": left,
            "operator": operation,
            "right_column": right,
            "new_name": f"c{count}",
            "on_error": "null",
        }
        rows = rows.after(rows.prepare("calculate_column", request))
        lengths.append(sql_length(rows))

    growth = [after - before for before, after in zip(lengths, lengths[1:], strict=False)]
    assert max(growth[60:]) <= 2 * max(growth[:60])
    assert all_rows(rows)[1][0] is None


def store_other_rows() -> None:
    """Store other rows: in a table that is almost empty, PostgreSQL would sort for each search."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO data_tools_datarow (dataset_id, revision, row_number, values)"
            " SELECT gen_random_uuid(), 1, n, '[]' FROM generate_series(1, 20000) AS n"
        )
        cursor.execute("ANALYZE data_tools_datarow")


def test_fills_of_columns_made_of_fills_are_refused_before_they_multiply() -> None:
    """Each round takes out two values, fills them, and makes two columns from the two."""
    store_other_rows()
    values = [[row + 0.5, 100.0 + row**2] for row in range(40)]
    rows = stored(Table(names=["a", "b"], types=["float"] * 2, rows=values))

    def do(name: str, **request: Any) -> None:
        nonlocal rows
        rows = rows.after(rows.prepare(name, request))

    def fill_again_and_again() -> None:
        for _ in range(17):
            names = [column.name for column in rows.columns[-2:]]
            for name, value in zip(names, all_rows(rows)[-1][-2:], strict=True):
                do("find_and_replace", columns=[name], find=value, match="cell")
            do("fill_missing_values", columns=names, strategy="forward_fill")
            do("feature_engineering_math_add", columns=names)
            do("feature_engineering_math_divide", columns=names)

    with pytest.raises(RequestRejected) as refused:
        fill_again_and_again()

    assert refused.value.code == "SESSION_TOO_COMPLEX"
    assert len(rows.operations) > 20


@pytest.mark.parametrize("name", NAMES)
def test_a_column_s_name_is_only_ever_a_name(flights_csv: Path, name: str) -> None:
    table = flights_table(flights_csv, 40)
    plain = stored(table)
    hostile = Table(names=[*HOSTILE_NAMES[: len(table.names)]], types=table.types, rows=table.rows)
    spelled = dict(zip(table.names, hostile.names, strict=True))
    for seed in range(8):  # enough that nearly every column has a turn
        try:
            request = Picker(seed).request(name, plain)
            prepared = plain.prepare(name, request)
        except RequestRejected:
            continue
        rows = stored(hostile)
        request = {
            field: value if field in NOT_NAMES else respelled(value, spelled)
            for field, value in request.items()
        }
        after = rows.after(rows.prepare(name, request))
        assert all_rows(after) == all_rows(plain.after(prepared))


def respelled(value: Any, spelled: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {spelled.get(key, key): respelled(item, spelled) for key, item in value.items()}
    if isinstance(value, list):
        return [respelled(item, spelled) for item in value]
    return spelled.get(value, value) if isinstance(value, str) else value
