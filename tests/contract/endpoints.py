"""The table of all endpoints: for each a request that works, and changes that make it fail.

`tests/integration/api/test_bad_input.py` goes through the table, and fails if `data_tools.urls` has
an endpoint that is missing here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
Wrong = tuple[Body, str]  # fields that replace those of the working request, and the error's code

NOT_TEXT: tuple[Any, ...] = (5, 1.5, True, [], ["id"], {}, {"id": 1})
LONG = "x" * 1_000_000
NO_COLUMN = "no such column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path and method. `path` is below a dataset unless it begins with a slash.

    `column` is the name that stands for `{column}` in it.

    `works` is the body, or for GET the query, of a request that works; `wrong` are changes to it.
    Existing endpoints keep `error` a sentence for old clients; see Note [Two forms of an error] in
    `error_answers`. `takes_commands` says that the endpoint reads `expected_version` and
    `client_operation_id`, `shows_rows` that it takes a page, `reads_plain_text` that JSON may come
    as text, `reads_forms` that the body may be an HTML form.
    """

    path: str
    method: str = "POST"
    works: Mapping[str, Any] = field(default_factory=dict)
    wrong: tuple[Wrong, ...] = ()
    is_existing: bool = True
    answers_200_when_refused: bool = False
    takes_commands: bool = True
    shows_rows: bool = True
    is_upload: bool = False
    reads_plain_text: bool = False
    reads_forms: bool = False
    column: str = "carrier"

    @property
    def is_below_dataset(self) -> bool:
        return not self.path.startswith("/")

    @property
    def needs_login(self) -> bool:
        return (self.method, self.path) != ("POST", "/api/auth/token/")

    @property
    def reads_json(self) -> bool:
        return self.method in ("POST", "PATCH") and not self.is_upload

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def each(name: str, values: tuple[Any, ...], code: str, **with_: Any) -> tuple[Wrong, ...]:
    return tuple(({name: value, **with_}, code) for value in values)


def no_column_name(name: str, **with_: Any) -> tuple[Wrong, ...]:
    return (
        *each(name, (*NOT_TEXT, None, "\x00", "a\x00"), "INVALID_PARAMETER", **with_),
        *each(name, ("", " ", NO_COLUMN, LONG, "ID", "id ", "%s"), "COLUMN_NOT_FOUND", **with_),
    )


def no_column_list(name: str, **with_: Any) -> tuple[Wrong, ...]:
    not_lists = (5, 1.5, True, "id", {}, {"id": 1}, None, [], [5], [None], [["id"]], ["id", "\x00"])
    return (
        *each(name, not_lists, "INVALID_PARAMETER", **with_),
        *each(name, ([NO_COLUMN], ["id", ""], [LONG]), "COLUMN_NOT_FOUND", **with_),
    )


PAGES: tuple[Any, ...] = (
    *(0, -1, "0", "-1", "abc", "", " ", "1.5", 1.5, "1e3", "0x1", "NaN", "Infinity", "1 "),
    *("１", "9" * 30, "9" * 5000, "\x00", 10**13),
)
WRONG_PAGES: tuple[Wrong, ...] = (
    *each("page_number", PAGES, "INVALID_PAGINATION"),
    *each("page_size", (*PAGES, 1001), "INVALID_PAGINATION"),
)
# One of each kind, for the many endpoints that read a page as the first two do.
SOME_WRONG_PAGES: tuple[Wrong, ...] = (
    *each("page_number", (0, "abc", 10**13), "INVALID_PAGINATION"),
    *each("page_size", (-1, "1.5", 1001), "INVALID_PAGINATION"),
)
WRONG_PAGES_IN_JSON = each("page_size", (True, [], [1], {}), "INVALID_PAGINATION")
WRONG_COMMANDS: tuple[Wrong, ...] = (
    *each(
        "expected_version",
        (0, -1, 1.5, "x", "", [], [1], {}, True, 1e300, LONG),
        "INVALID_PARAMETER",
    ),
    *each("expected_session_id", (5, True, "", "x", []), "INVALID_PARAMETER"),
    *each("expected_session_id", ("00000000-0000-4000-8000-000000000002",), "SESSION_CONFLICT"),
    *each(
        "client_operation_id",
        (5, 0, 1.5, True, "", "x", [], {}, LONG, "zzzzzzzz-0000-4000-8000-000000000000"),
        "INVALID_PARAMETER",
    ),
)

WRONG_VERSIONS: tuple[Any, ...] = ("0", "-1", "1.5", "x", "", " ", "NaN", "1e3", "\x00", LONG)
SOME_ID = "00000000-0000-4000-8000-000000000001"
PENDING: Body = {"client_operation_id": SOME_ID, "operation": "rename_column", "parameters": {}}
WRONG_PENDING: tuple[tuple[str, Any], ...] = (
    *(("client_operation_id", value) for value in (None, "", "x", 5, True, [], {}, LONG)),
    *(("operation", value) for value in (None, "", 5, True, [], {})),
    *(("parameters", value) for value in (None, "", "x", 5, True, [])),
)
STEP: Body = {"operation": "rename_column", "parameters": {"old_name": "id", "new_name": "key"}}
RECIPE: Body = {"format": "data-studio-recipe", "format_version": 1, "operations": [STEP]}
NO_RECIPE: tuple[tuple[str, Any], ...] = (
    *(("format", value) for value in (None, "", "DATA-STUDIO-RECIPE", 1, [], {}, LONG)),
    *(("format_version", value) for value in (None, 0, -1, 2, 1.0, "1", True, [], {}, 2**63)),
    *(("operations", value) for value in (None, "", {}, 5, [STEP] * 1001)),
    *(("source", value) for value in ("", "x", 5, True, [])),
    ("surprise", 1),
    (LONG, 1),
)
NO_STEPS: tuple[Any, ...] = (
    *(None, "", "rename_column", 5, True, [], [STEP], {}, {**STEP, "surprise": 1}),
    *({**STEP, "operation": value} for value in (None, "", 5, True, [], {}, "x" * 101, LONG)),
    *({**STEP, "parameters": value} for value in (None, "", "x", 5, True, [])),
)
NO_FILTERS: tuple[str, ...] = (
    *("x", "\x00", "{}", "5", '"x"', "[5]", "null", "true", "[[]]", "[{}]", "NaN", "[" * 100_000),
    *('{"all":[]}', '{"any":{}}', '{"not":[]}', '{"all":[5]}', '{"any":[],"all":[]}', LONG),
    *('{"not":' * 9 + '{"column":"id","op":"is_null"}' + "}" * 9, "[" + "5," * 100 + "5]"),
    *(
        '[{"column":%s,"op":%s,"value":%s}]' % condition  # noqa: UP031 - braces are JSON's
        for condition in (
            *(('"no such column"', '"eq"', "1"), ("5", '"eq"', "1"), ("null", '"eq"', "1")),
            *(('"id"', '"like"', '"x"'), ('"id"', "5", "1"), ('"id"', '"contains"', '"1"')),
            *(('"id"', '"eq"', '"1"'), ('"id"', '"eq"', "true"), ('"id"', '"eq"', "null")),
            *(('"id"', '"eq"', "[1]"), ('"id"', '"in"', "1"), ('"id"', '"in"', "[]")),
            *(('"id"', '"in"', "[null]"), ('"id"', '"between"', "[1]"), ('"id"', '"eq"', "{}")),
            *(('"id"', '"between"', "[2,1]"), ('"id"', '"between"', '[1,"2"]')),
            *(('"id"', '"is_null"', "1"), ('"id"', '"in"', "[" + "1," * 1000 + "1]")),
            *(('"carrier"', '"lt"', '"A"'), ('"carrier"', '"eq"', "5")),
            *(('"carrier"', '"eq"', '"\\u0000"'), ('"carrier"', '"eq"', '"%s"' % ("x" * 10_001))),
            *(('"cancelled"', '"eq"', '"true"'), ('"cancelled"', '"ne"', "true")),
            *(('"day"', '"eq"', '"2013-02-29"'), ('"day"', '"gt"', '"2013-01-01T00:00"')),
            *(('"seen_at"', '"lt"', '"yesterday"'), ('"seen_at"', '"lt"', "5")),
        )
    ),
    '[{"column":"id","op":"eq","value":1,"surprise":1}]',
    '[{"column":"id","op":"eq","value":1,"ignore_case":true}]',
    '[{"column":"carrier","op":"eq","value":"x","ignore_case":"yes"}]',
    '[{"column":"carrier","op":"eq","value":"x","ignore_case":true,"case_sensitive":true}]',
)
LOOKED: Body = {
    "client_operation_id": SOME_ID,
    "type": "view_changed",
    "view": {"page_number": 2, "page_size": 50},
}
MET: Body = {
    "client_operation_id": "00000000-0000-4000-8000-000000000002",
    "type": "client_error",
    "message": "it broke",
    "context": {},
}


def looked_at(**over: Any) -> Body:
    return {**LOOKED, "view": {**LOOKED["view"], **over}}


NO_ITEM: tuple[tuple[str, Any], ...] = (
    *(("client_operation_id", value) for value in (None, "", "x", 5, True, [], {}, LONG)),
    *(("type", value) for value in (None, "", "nope", 5, True, [], {}, LONG)),
    *(("message", value) for value in (None, "", 5, True, [], {}, "x" * 2_001, LONG)),
    *(("context", value) for value in (None, "", "x", 5, True, [], {"x": "x" * 9_000})),
    *(("view", value) for value in (None, {}, LOOKED["view"])),
    ("surprise", 1),
)
NO_NAMES: tuple[Any, ...] = (None, "id", 5, True, {}, [5], [None], [["id"]], ["x" * 70_000])
NO_VIEW: tuple[Body, ...] = (
    *({"sort": value} for value in (*NO_NAMES, ["id"] * 11)),
    *({"hidden_columns": value} for value in (*NO_NAMES, [""] * 10_001)),
    *({"column_order": value} for value in NO_NAMES),
    *({"column_widths": value} for value in (None, "id", 5, True, [], ["id"], {"": "x" * 70_000})),
    *({"column_widths": {"id": value}} for value in (None, 23, 2_001, 99.5, "99", True, [], {})),
    *({"frozen_columns": value} for value in (None, -1, 10_001, 1.5, "1", True, [], {})),
    *({"filter": value} for value in ("x", 5, True, ["x" * 70_000])),
    {"surprise": 1},
)
NO_PAGE_SEEN: tuple[Body, ...] = (
    *({"page_number": value} for value in (None, 0, -1, 1.5, "1", True, [], {}, 10**13)),
    *({"page_size": value} for value in (None, 0, -1, 1.5, "1", True, [], {}, 1_001)),
)
# Well formed, of a session that there is not.
FOREIGN_CURSOR = base64.urlsafe_b64encode(bytes(23) + b"\x01").decode()
NO_SESSION = "00000000-0000-4000-8000-000000000000"
# The session of the table's scene is at version 4.
WRONG_PAST: tuple[Wrong, ...] = (
    *each("at_version", WRONG_VERSIONS, "INVALID_PARAMETER"),
    *each("at_version", ("5", "9" * 19), "INVALID_VERSION"),
    *each("session_id", ("x", "", "\x00", LONG), "INVALID_PARAMETER"),
    *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND"),
    *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND", at_version="1"),
)

WRONG_SUGGESTIONS: tuple[Wrong, ...] = (
    *each("limit", ("0", "-1", "101", "1.5", "x", "", "NaN", "\x00", LONG), "INVALID_PARAMETER"),
    *each("q", ("\x00", "a\x00", "x" * 201, LONG), "INVALID_PARAMETER"),
    *each("filter", NO_FILTERS, "INVALID_FILTER"),
)

NO_NUMBERS = ["carrier", "cancelled"]  # of the table's dataset: a text and a boolean


def no_optional_columns(**with_: Any) -> tuple[Wrong, ...]:
    """Wrong lists of columns where none at all means every column that suits."""
    not_lists = (5, 1.5, True, "id", {}, {"id": 1}, [5], [None], [["id"]], ["id", "\x00"])
    return (
        *each("columns", not_lists, "INVALID_PARAMETER", **with_),
        *each("columns", ([NO_COLUMN], ["id", ""], [LONG]), "COLUMN_NOT_FOUND", **with_),
    )


def no_method(name: str = "method", **with_: Any) -> tuple[Wrong, ...]:
    return each(name, (*NOT_TEXT, "", "nope", "MEAN", LONG), "INVALID_PARAMETER", **with_)


NOT_A_NUMBER: tuple[Any, ...] = (True, "1", "", [], {}, [1], 1e301, -1e301)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(path="session/initialize/"),
    Endpoint(
        path="session/status/",
        method="GET",
        takes_commands=False,
        wrong=(
            *WRONG_PAGES,
            *WRONG_PAST,
            *each("filter", NO_FILTERS, "INVALID_FILTER"),
            *each("sort", (NO_COLUMN, "-", "\x00"), "COLUMN_NOT_FOUND"),
            *each("sort", (LONG, "[1]", "id,-id"), "INVALID_SORT"),
        ),
    ),
    Endpoint(path="session/undo/"),
    Endpoint(path="session/redo/"),
    Endpoint(path="session/reset/", is_existing=False),
    Endpoint(path="session/pause/", is_existing=False, shows_rows=False),
    Endpoint(path="session/resume/", is_existing=False),
    Endpoint(path="session/clear/", shows_rows=False),
    Endpoint(
        path="session/save/",
        works={"name": "filled", "description": "Carriers filled"},
        shows_rows=False,
        wrong=(
            *each(
                "name",
                (*NOT_TEXT, "", " \t", "\x00", "a\x00", "x" * 256, LONG),
                "INVALID_PARAMETER",
            ),
            *each("description", (*NOT_TEXT, "\x00", "x" * 10_001, LONG), "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/validate/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        wrong=(
            *each("known_version", ("x", "-1", "1.5", "NaN", LONG), "INVALID_PARAMETER"),
            *each("session_id", ("x", "\x00", LONG), "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/recover/",
        is_existing=False,
        works={"strategy": "auto"},
        wrong=(
            *each("strategy", (*NOT_TEXT, None, "", "nope", "AUTO", LONG), "INVALID_PARAMETER"),
            *each(
                "to_version",
                (0, -1, 1.5, "x", [], {}, True, LONG),
                "INVALID_PARAMETER",
                strategy="to_version",
            ),
            *each("to_version", (None, 10**6, 2**63), "INVALID_RECOVERY", strategy="to_version"),
            *each("session_id", ("x", 5, True, [], {}, ""), "INVALID_PARAMETER"),
            ({"session_id": NO_SESSION}, "RECOVERY_IMPOSSIBLE"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
            *each(
                "pending_operations",
                (
                    *("x", 5, True, {}, [None], [5], [[]], [{}], [PENDING] * 101),
                    *([{**PENDING, name: value}] for name, value in WRONG_PENDING),
                    *([{**PENDING, "surprise": 1}], [PENDING, {**PENDING, "parameters": 1}]),
                ),
                "INVALID_PARAMETER",
            ),
            *each(
                "pending_operations",
                ([PENDING],),
                "INVALID_PARAMETER",
                strategy="to_version",
                to_version=2,
            ),
            (
                {"pending_operations": [PENDING], "client_operation_id": SOME_ID},
                "INVALID_PARAMETER",
            ),
        ),
    ),
    Endpoint(
        path="session/fork/",
        works={"from_version": 2},
        is_existing=False,
        wrong=(
            *each(
                "from_version",
                (0, -1, 1.5, "x", "", None, [], [1], {}, True, LONG),
                "INVALID_PARAMETER",
            ),
            *each("from_version", (5, 2**63), "INVALID_VERSION"),
            *each("session_id", ("x", 5, True, [], {}, ""), "INVALID_PARAMETER"),
            ({"session_id": NO_SESSION}, "SESSION_NOT_FOUND"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/recipe/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=WRONG_PAST,
    ),
    Endpoint(
        path="session/apply-recipe/",
        works={"recipe": RECIPE},
        is_existing=False,
        wrong=(
            ({"recipe": None}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
            *each("dry_run", (None, 0, 1, "true", "", [], {}), "INVALID_PARAMETER"),
            *each("recipe", ("", "x", 5, True, [], [RECIPE], {}), "INVALID_RECIPE"),
            *(({"recipe": {**RECIPE, name: value}}, "INVALID_RECIPE") for name, value in NO_RECIPE),
            *(
                ({"recipe": {**RECIPE, "operations": [STEP, entry]}}, "INVALID_RECIPE")
                for entry in NO_STEPS
            ),
        ),
    ),
    Endpoint(
        path="session/changes/",
        method="GET",
        works={"from_version": "1", "to_version": "3"},
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("from_version", WRONG_VERSIONS, "INVALID_PARAMETER"),
            *each("to_version", WRONG_VERSIONS, "INVALID_PARAMETER"),
            *each("from_version", ("5", "9" * 19), "INVALID_VERSION"),
            *each("to_version", ("5", "9" * 19), "INVALID_VERSION"),
            *each("session_id", ("x", "", "\x00", LONG), "INVALID_PARAMETER"),
            *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND"),
        ),
    ),
    Endpoint(
        path="session/rename-column/",
        works={"old_name": "carrier", "new_name": "airline"},
        wrong=(
            *no_column_name("old_name"),
            *each(
                "new_name",
                (*NOT_TEXT, None, "", " \t", "\x00", "x" * 256, LONG),
                "INVALID_PARAMETER",
            ),
            *each("new_name", ("id", "carrier"), "COLUMN_EXISTS"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/change-column-type/",
        works={"column_name": "id", "new_type": "string"},
        wrong=(
            *no_column_name("column_name"),
            *each(
                "new_type",
                (*NOT_TEXT, None, "", "nope", "INT", LONG, "datetime"),
                "INVALID_PARAMETER",
            ),
            *each("on_error", (*NOT_TEXT, "", "ignore"), "INVALID_PARAMETER"),
            ({"column_name": "carrier", "new_type": "int"}, "VALUES_DO_NOT_FIT"),
            ({"new_type": "float"}, "VALUES_DO_NOT_FIT"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/fill-missing-values/",
        works={"columns": ["delay"], "strategy": "median"},
        wrong=(
            *no_column_list("columns"),
            *each("strategy", (*NOT_TEXT, "", "nope", "Mean", LONG), "INVALID_PARAMETER"),
            *each("columns", (["carrier"], ["delay", "day"], ["cancelled"]), "INVALID_PARAMETER"),
            *each(
                "fill_value",
                (None, [], {}, [1], "abc", "\x00", "", True, LONG),
                "INVALID_PARAMETER",
                strategy="constant",
            ),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/columns/",
        works={"operation": "drop", "columns": ["carrier"]},
        answers_200_when_refused=True,
        wrong=(
            *each(
                "operation",
                (*NOT_TEXT, None, "", "nope", "column_operation_drop", LONG),
                "INVALID_PARAMETER",
            ),
            *no_column_list("columns"),
            *no_column_list("columns", operation="duplicate"),
            *each(
                "columns",
                (5, "id", {}, [5]),
                "INVALID_PARAMETER",
                operation="rename",
                new_names={"id": "key"},
            ),
            *each(
                "new_names",
                (*NOT_TEXT[:5], "id", {}, None, {"id": 5}, {"id": ""}, {"id": LONG}),
                "INVALID_PARAMETER",
                operation="rename",
            ),
            *each(
                "new_names", ({NO_COLUMN: "a"}, {LONG: "a"}), "COLUMN_NOT_FOUND", operation="rename"
            ),
            *each(
                "new_names",
                ({"id": "carrier"}, {"id": "a", "carrier": "a"}),
                "COLUMN_EXISTS",
                operation="rename",
            ),
            (
                {"columns": ["id", "carrier", "late", "cancelled", "day", "seen_at", "delay"]},
                "COLUMN_NOT_FOUND",
            ),
            (
                {"columns": ["id", "carrier", "delay", "cancelled", "day", "seen_at"]},
                "INVALID_PARAMETER",
            ),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/events/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("limit", ("0", "-1", "201", "1.5", "x", "", "\x00", LONG), "INVALID_PARAMETER"),
            *each(
                "cursor",
                ("", "x", "\x00", "A" * 31 + "=", "A" * 32, "é" * 32, LONG),
                "INVALID_PARAMETER",
            ),
            *each("session_id", ("x", "", "\x00", LONG), "INVALID_PARAMETER"),
            *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND"),
            ({"cursor": FOREIGN_CURSOR}, "SESSION_NOT_FOUND"),
            ({"cursor": FOREIGN_CURSOR, "session_id": SOME_ID}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="session/activity/",
        works={"items": [LOOKED]},
        is_existing=False,
        shows_rows=False,
        reads_plain_text=True,
        wrong=(
            *each("items", (None, "", "x", 5, True, {}, [], [LOOKED] * 101), "INVALID_PARAMETER"),
            *each("items", ([None], [5], [[]], [{}], [LOOKED, LOOKED]), "INVALID_PARAMETER"),
            *(
                ({"items": [LOOKED, {**MET, name: value}]}, "INVALID_PARAMETER")
                for name, value in NO_ITEM
            ),
            *(({"items": [looked_at(**over)]}, "INVALID_PARAMETER") for over in NO_VIEW),
            *(({"items": [looked_at(**over)]}, "INVALID_PAGINATION") for over in NO_PAGE_SEEN),
            ({"surprise": 1}, "INVALID_PARAMETER"),
            *each("client_operation_id", (SOME_ID,), "INVALID_PARAMETER"),
            *each("expected_version", (1, 99), "SESSION_CONFLICT"),
        ),
    ),
    Endpoint(
        path="session/column-statistics/", method="GET", takes_commands=False, shows_rows=False
    ),
    Endpoint(path="nan/analysis/", method="GET", takes_commands=False, shows_rows=False),
    Endpoint(
        path="columns/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=WRONG_PAST,
    ),
    Endpoint(
        path="data/cell/",
        method="GET",
        works={"row": 1, "column": "carrier"},
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("column", ("", NO_COLUMN, "\x00", "Carrier", LONG), "COLUMN_NOT_FOUND"),
            *each("row", ("", 0, -1, "x", 1.5, 10**30, 1_000), "INVALID_PARAMETER"),
            ({"key": "b1"}, "INVALID_PARAMETER"),
            ({"rows": 1}, "INVALID_PARAMETER"),
            ({"filter": "{"}, "INVALID_FILTER"),
            ({"sort": NO_COLUMN}, "COLUMN_NOT_FOUND"),
            ({"at_version": 99}, "INVALID_VERSION"),
        ),
    ),
    Endpoint(
        path="columns/values/",
        method="GET",
        works={"column": "carrier"},
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("column", ("", NO_COLUMN, "\x00", "Carrier", LONG), "COLUMN_NOT_FOUND"),
            ({"key": "b1"}, "INVALID_PARAMETER"),
            *WRONG_SUGGESTIONS,
            *WRONG_PAST,
        ),
    ),
    Endpoint(
        path="columns/histogram/",
        method="GET",
        works={"column": "delay"},
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("column", ("", NO_COLUMN, "\x00", "Delay", LONG), "COLUMN_NOT_FOUND"),
            *each("column", ("carrier", "cancelled"), "INVALID_PARAMETER"),
            ({"key": "b2"}, "INVALID_PARAMETER"),
            *each("filter", NO_FILTERS, "INVALID_FILTER"),
            *WRONG_PAST,
        ),
    ),
    Endpoint(
        path="columns/{column}/histogram/",
        method="GET",
        column="id",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=each("filter", ("x", "{}", "[5]"), "INVALID_FILTER"),
    ),
    Endpoint(
        path="columns/{column}/values/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=WRONG_SUGGESTIONS,
    ),
    Endpoint(
        path="nan/quick-clean/",
        works={"remove_nan_rows": True},
        reads_forms=True,
        wrong=(
            *each("remove_nan_rows", (5, 1.5, "yes", "", [], {}, LONG), "INVALID_PARAMETER"),
            *each("remove_nan_columns", (0, "no", "True", [True]), "INVALID_PARAMETER"),
            ({"remove_nan_rows": False, "remove_nan_columns": False}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/imputation/",
        works={"method": "mean", "columns": ["delay"], "constant_value": 3},
        answers_200_when_refused=True,
        wrong=(
            *no_method(),
            *no_optional_columns(),
            *each("columns", (["carrier"], ["delay", "day"]), "INVALID_PARAMETER"),
            *each(
                "constant_value",
                ([], {}, [1], "abc", "\x00", "", True, LONG),
                "INVALID_PARAMETER",
                method="constant",
            ),
            ({"custom_value": 1}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/encoding/",
        works={"method": "onehot", "columns": ["carrier"]},
        answers_200_when_refused=True,
        wrong=(
            *no_method(),
            *no_optional_columns(),
            *each("columns", (["id"], ["carrier", "day"]), "INVALID_PARAMETER"),
            *each(
                "rare_threshold",
                (*NOT_A_NUMBER, -0.1, 1.1),
                "INVALID_PARAMETER",
                method="rare_label",
            ),
            ({"encoding_type": "ordinal"}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/scaling/",
        works={"method": "robust", "columns": ["delay"]},
        answers_200_when_refused=True,
        wrong=(
            *no_method(),
            *no_optional_columns(),
            *each("columns", (NO_NUMBERS, ["delay", "day"]), "INVALID_PARAMETER"),
            ({"columns": ["id"]}, "VALUES_DO_NOT_FIT"),
            ({"method": "log"}, "VALUES_DO_NOT_FIT"),
            *each("base", (*NOT_TEXT, "2"), "INVALID_PARAMETER", method="log"),
            *each("on_error", (*NOT_TEXT, "ignore"), "INVALID_PARAMETER"),
            ({"scaler_type": "standard"}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/outliers/",
        works={"method": "winsorize", "columns": ["delay"]},
        answers_200_when_refused=True,
        wrong=(
            *no_method(),
            *no_optional_columns(),
            *each("columns", (NO_NUMBERS, ["delay", "day"]), "INVALID_PARAMETER"),
            *each("capping_method", (*NOT_TEXT, "", "sigma"), "INVALID_PARAMETER"),
            *each("tail", (*NOT_TEXT, "", "up"), "INVALID_PARAMETER"),
            *each("fold", (*NOT_A_NUMBER, -1, 1001), "INVALID_PARAMETER"),
            ({"fold": 0.5, "capping_method": "quantiles"}, "INVALID_PARAMETER"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="transform/engineering/",
        works={
            "method": "math",
            "operation": "sum",
            "columns": ["id", "delay"],
            "on_error": "null",
        },
        answers_200_when_refused=True,
        wrong=(
            *no_method(),
            *no_method("operation"),
            *no_method("operation", method="relative"),
            *no_optional_columns(),
            *each("columns", (NO_NUMBERS, ["delay"], ["delay", "day"]), "INVALID_PARAMETER"),
            *each(
                "reference_columns",
                (5, "id", {}, [], [5], None, NO_NUMBERS),
                "INVALID_PARAMETER",
                method="relative",
                operation="sub",
            ),
            (
                {"method": "relative", "operation": "div", "reference_columns": [NO_COLUMN]},
                "COLUMN_NOT_FOUND",
            ),
            *each("on_error", (*NOT_TEXT, "ignore"), "INVALID_PARAMETER"),
            ({"on_error": "fail"}, "VALUES_DO_NOT_FIT"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="operations/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
    ),
    Endpoint(
        path="operations/",
        works={"operation": "trim_text", "parameters": {"columns": ["carrier"]}},
        is_existing=False,
        wrong=(
            *each("operation", (*NOT_TEXT, None), "INVALID_PARAMETER"),
            *each("operation", ("", "nope", "TRIM_TEXT", "__class__", LONG), "OPERATION_UNKNOWN"),
            *each("parameters", (None, "x", 5, True, [], [1], {}), "INVALID_PARAMETER"),
            ({"parameters": {"columns": ["carrier"], "surprise": 1}}, "INVALID_PARAMETER"),
            ({"parameters": {"columns": [NO_COLUMN]}}, "COLUMN_NOT_FOUND"),
            ({"surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="data/",
        method="GET",
        takes_commands=False,
        wrong=(
            *WRONG_PAGES,
            *WRONG_PAST,
            *each("page", PAGES, "INVALID_PAGINATION"),
            *each("pageSize", (*PAGES, 1001), "INVALID_PAGINATION"),
            ({"page": 1, "page_number": 2}, "INVALID_PAGINATION"),
            ({"page": [1, 1]}, "INVALID_PAGINATION"),
            *each(
                "sort",
                (NO_COLUMN, "-", "--id", "id,", "id,,carrier", '["--id"]', "\x00", "'; --"),
                "COLUMN_NOT_FOUND",
            ),
            *each("sort", (LONG, "[", "[1]", "[[]]", '[{"column":1}]'), "INVALID_SORT"),
            *each("sort", ("id,-id", "id,carrier,delay,day,seen_at"), "INVALID_SORT"),
            *each("sortField", (NO_COLUMN, "-id", "\x00"), "COLUMN_NOT_FOUND"),
            *each("sortOrder", ("up", "1", "asc ", "\x00"), "INVALID_SORT", sortField="id"),
            *each("sort_by", (NO_COLUMN, "-id", "\x00"), "COLUMN_NOT_FOUND"),
            *each("sort_order", ("up", "1", "asc ", "\x00"), "INVALID_SORT", sort_by="id"),
            *each("filter", NO_FILTERS, "INVALID_FILTER"),
            ({"filter": ["[]", "[]"]}, "INVALID_FILTER"),
            ({"sort": ["id", "id"]}, "INVALID_SORT"),
            ({"sort": "id", "sortField": "carrier"}, "INVALID_SORT"),
        ),
    ),
    Endpoint(
        path="/tools/api/get_data/{datasource_id}/",
        method="GET",
        takes_commands=False,
        shows_rows=False,
    ),
    Endpoint(
        path="export/",
        method="GET",
        works={"format": "csv"},
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=(
            *each("format", ("", "CSV", "xls", "json", "\x00", LONG), "INVALID_PARAMETER"),
            *each("formulas", ("", "KEEP", "yes", "\x00"), "INVALID_PARAMETER"),
            *each("delimiter", ("", "x", ";;", "TAB", "\x00", LONG), "INVALID_PARAMETER"),
            *each("encoding", ("", "utf8", "UTF-8", "rot13", "\x00"), "INVALID_PARAMETER"),
            *each("bom", ("", "yes", "1", "\x00"), "INVALID_PARAMETER"),
            *each("nothing", ("", "x"), "INVALID_PARAMETER"),
            *each("filter", NO_FILTERS, "INVALID_FILTER"),
            *each("sort", (NO_COLUMN, "-", "--id", "id,", "\x00"), "COLUMN_NOT_FOUND"),
            ({"sort": ["id", "id"]}, "INVALID_SORT"),
            *WRONG_PAST,
        ),
    ),
    Endpoint(
        path="/api/datasources/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        wrong=WRONG_PAGES,
    ),
    Endpoint(
        path="/api/datasources/",
        is_existing=False,
        takes_commands=False,
        is_upload=True,
    ),
    Endpoint(
        path="/api/datasources/preview/",
        is_existing=False,
        takes_commands=False,
        is_upload=True,
    ),
    Endpoint(
        path="/api/datasources/{datasource_id}/",
        method="GET",
        is_existing=False,
        takes_commands=False,
    ),
    Endpoint(
        path="/api/datasources/{datasource_id}/",
        method="PATCH",
        is_existing=False,
        takes_commands=False,
        works={"name": "Another name"},
        wrong=(
            *each("name", (*NOT_TEXT, None, "", " ", "\x00", LONG), "INVALID_PARAMETER"),
            ({"name": "x", "surprise": 1}, "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(
        path="/api/datasources/{datasource_id}/",
        method="DELETE",
        is_existing=False,
        takes_commands=False,
    ),
    Endpoint(
        path="/api/datasources/{datasource_id}/file/",
        is_existing=False,
        takes_commands=False,
        is_upload=True,
    ),
    Endpoint(
        path="/api/datasources/{datasource_id}/sessions/",
        method="DELETE",
        is_existing=False,
        takes_commands=False,
    ),
    Endpoint(
        path="/api/sessions/",
        method="GET",
        is_existing=False,
        takes_commands=False,
        shows_rows=False,
        wrong=each("limit", ("0", "-1", "51", "1.5", "x", "", "\x00", LONG), "INVALID_PARAMETER"),
    ),
    Endpoint(
        path="/api/account/usage/",
        method="GET",
        is_existing=False,
        takes_commands=False,
    ),
    Endpoint(
        path="/api/auth/token/",
        works={"username": "ada", "password": "password"},
        is_existing=False,
        takes_commands=False,
        wrong=(
            *each(
                "username",
                (True, [], {}, None, "", "a\x00", "x" * 151, LONG),
                "INVALID_PARAMETER",
            ),
            *each("password", (True, [], {}, None, "", "a\x00", LONG), "INVALID_PARAMETER"),
            *each("username", ("nobody", "ADA", " ' OR 1=1 --", 5.5), "INVALID_CREDENTIALS"),
            *each("password", ("wrong", "Password", " password"), "INVALID_CREDENTIALS"),
            *each("name", (5, 1.5, True, [], {}, "a\x00", "x" * 101, LONG), "INVALID_PARAMETER"),
            *each("expires_in", ([], {}, "soon", 1.5, 59, -1, 10**9), "INVALID_PARAMETER"),
        ),
    ),
    Endpoint(path="/api/auth/token/", method="GET", is_existing=False, takes_commands=False),
    Endpoint(path="/api/auth/token/", method="DELETE", is_existing=False, takes_commands=False),
    Endpoint(path="/api/auth/token/rotate/", is_existing=False, takes_commands=False),
    Endpoint(
        path="/api/auth/token/{token_id}/",
        method="DELETE",
        is_existing=False,
        takes_commands=False,
    ),
)

NOT_THE_API = frozenset(
    {
        "/",
        "/api/docs/",
        "/api/schema/",
        "/healthz",
        "/metrics",
        "/readyz",
        "/studio/{datasource_id}/",
    }
)
