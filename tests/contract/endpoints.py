"""Every endpoint of the API, once: a request that works, and what must be wrong with others.

`tests/integration/test_bad_input.py` walks this table, and fails when `data_tools.urls` has an
endpoint that is not in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

Body = dict[str, Any]
Wrong = tuple[Body, str]  # fields put over the request that works, and the code of the refusal

NOT_TEXT: tuple[Any, ...] = (5, 1.5, True, [], ["id"], {}, {"id": 1})
LONG = "x" * 1_000_000
NO_COLUMN = "no such column"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """One path and method; `path` is below a dataset unless it begins with a slash.

    `works` is the body, or for GET the query, of a request that works; `wrong` are changes to it.
    Existing endpoints keep `error` a sentence for old clients; see `errors` Note [Two forms of an
    error]. `takes_commands` says that `expected_version` and `client_operation_id` are read,
    `shows_rows` that a page can be asked for.
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

    @property
    def is_below_dataset(self) -> bool:
        return not self.path.startswith("/")

    @property
    def needs_login(self) -> bool:
        return self.path != "/api/auth/token/"

    @property
    def reads_json(self) -> bool:
        return self.method == "POST" and not self.is_upload

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
NO_SESSION = "00000000-0000-4000-8000-000000000000"
# The session of the table's scene is at version 4.
WRONG_PAST: tuple[Wrong, ...] = (
    *each("at_version", WRONG_VERSIONS, "INVALID_PARAMETER"),
    *each("at_version", ("5", "9" * 19), "INVALID_VERSION"),
    *each("session_id", ("x", "", "\x00", LONG), "INVALID_PARAMETER"),
    *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND"),
    *each("session_id", (NO_SESSION,), "SESSION_NOT_FOUND", at_version="1"),
)

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint(path="session/initialize/"),
    Endpoint(
        path="session/status/",
        method="GET",
        takes_commands=False,
        wrong=(*WRONG_PAGES, *WRONG_PAST),
    ),
    Endpoint(path="session/undo/"),
    Endpoint(path="session/redo/"),
    Endpoint(path="session/reset/", is_existing=False),
    Endpoint(path="session/pause/", is_existing=False, shows_rows=False),
    Endpoint(path="session/resume/", is_existing=False),
    Endpoint(path="session/clear/", shows_rows=False),
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
                (NO_COLUMN, "-", "--id", "id,carrier", "\x00", "'; --", LONG),
                "COLUMN_NOT_FOUND",
            ),
            *each("sortField", (NO_COLUMN, "-id", "\x00"), "COLUMN_NOT_FOUND"),
            *each("sortOrder", ("up", "1", "asc ", "\x00"), "INVALID_SORT", sortField="id"),
            *each("sort_by", (NO_COLUMN, "-id", "\x00"), "COLUMN_NOT_FOUND"),
            *each("sort_order", ("up", "1", "asc ", "\x00"), "INVALID_SORT", sort_by="id"),
            *each("filter", ("x", "[]", "\x00"), "INVALID_PARAMETER"),
            ({"sort": ["id", "carrier"]}, "INVALID_SORT"),
            ({"sort": "id", "sortField": "carrier"}, "INVALID_SORT"),
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
        path="/api/datasources/{datasource_id}/",
        method="GET",
        is_existing=False,
        takes_commands=False,
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
        ),
    ),
)

NOT_THE_API = frozenset({"/healthz", "/readyz", "/"})
