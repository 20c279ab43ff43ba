"""S: every call that the URLconf answers, and what comes before and after it when it is measured.

`tests/unit/test_benchmarks.py` fails while an address of the register has no call here. Nothing is
imported that needs the benchmark's own environment.

Every call finds an open session with one operation, which renamed `few_1`, and leaves one behind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

UNIQUE = "a client operation id, new for each call"
DATASET = "{dataset}/"


class Sent(StrEnum):
    """How a call is sent, and as whom."""

    WITH_TOKEN = "JSON, with a token"
    AS_FILE = "a form with the rows as a CSV file, with a token"
    WITH_THROWAWAY_TOKEN = "JSON, with a token that the call may end"
    BY_BROWSER = "by a browser that is signed in"
    BY_VISITOR = "by a browser that is not"
    BY_STAFF = "by a browser whose user is staff"


class On(StrEnum):
    """Which dataset a call is about."""

    MEASURED = "the one that is measured"
    COPY = "a copy that the call may change or delete"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A request to an endpoint below the dataset, which is not measured."""

    endpoint: str
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A method and an address, as the register of addresses writes it.

    `given` is the body, or the query of a GET. Of calls that are measured in another state than all
    others, `state` names it, and `reached_by` leads to it from a session without operations.
    """

    method: str
    address: str
    given: Mapping[str, Any] = field(default_factory=dict)
    before: tuple[Step, ...] = ()
    after: tuple[Step, ...] = ()
    sent: Sent = Sent.WITH_TOKEN
    on: On = On.MEASURED
    state: str = ""
    reached_by: tuple[Step, ...] = ()

    @property
    def name(self) -> str:
        return f"{self.method} /{self.address}"


def below(method: str, endpoint: str, given: Mapping[str, Any] | None = None, **with_: Any) -> Call:
    return Call(method=method, address=DATASET + endpoint, given=given or {}, **with_)


RENAME = Step(endpoint="session/rename-column/", body={"old_name": "few_1", "new_name": "region"})
UNDO, REDO = Step(endpoint="session/undo/"), Step(endpoint="session/redo/")
CLEAR, INITIALIZE = Step(endpoint="session/clear/"), Step(endpoint="session/initialize/")
PAUSE, RESUME = Step(endpoint="session/pause/"), Step(endpoint="session/resume/")
ANEW = (INITIALIZE, RENAME)
FROM_NOTHING = (CLEAR, *ANEW)
_RECIPE = {
    "format": "data-studio-recipe",
    "format_version": 1,
    "operations": [
        {
            "operation": "rename_column",
            "parameters": {"old_name": "few_2", "new_name": "condition"},
        }
    ],
}
_FILTER = '[{"column":"float_2","op":"gt","value":200}]'
_FLOATS = [f"float_{place}" for place in range(1, 13)]
_FILL = "session/fill-missing-values/"
_OF_RANGE = {"method": "winsorize", "columns": ["float_2"]}
_SUM = {"method": "math", "operation": "sum", "columns": ["float_1", "float_2"]}
_UPPER = {"operation": "change_case", "parameters": {"columns": ["few_3", "many"], "case": "upper"}}
EIGHT_OPERATIONS = (
    RENAME,
    Step(endpoint="transform/imputation/", body={"method": "mean", "columns": _FLOATS}),
    Step(endpoint="transform/outliers/", body=_OF_RANGE),
    Step(endpoint="transform/scaling/", body={"method": "standard", "columns": ["float_3"]}),
    Step(endpoint=_FILL, body={"columns": ["few_2"], "strategy": "mode"}),
    Step(endpoint="operations/", body=_UPPER),
    Step(endpoint="transform/engineering/", body=_SUM),
    Step(
        endpoint="session/change-column-type/", body={"column_name": "moment", "new_type": "text"}
    ),
)
_KEPT = [{"column": "float_5", "op": "gt", "value": 480}]
ROWS_REMOVED = (
    Step(
        endpoint="operations/", body={"operation": "filter_rows", "parameters": {"filter": _KEPT}}
    ),
)
_LOOKED_AT = {
    "client_operation_id": UNIQUE,
    "type": "view_changed",
    "view": {"page_number": 2, "page_size": 50},
}


def in_states(endpoint: str, given: Mapping[str, Any] | None = None) -> tuple[Call, ...]:
    """Return calls whose answer is computed, and not what was kept while the rows were loaded."""
    return tuple(
        below("GET", endpoint, given, state=state, reached_by=steps)
        for state, steps in (
            ("after 8 operations", EIGHT_OPERATIONS),
            ("after rows were removed", ROWS_REMOVED),
        )
    )


def operation(endpoint: str, given: Mapping[str, Any]) -> Call:
    """Return a call that applies an operation, which is undone after it."""
    return below("POST", endpoint, given, after=(UNDO,))


BELOW_DATASET = (
    below("POST", "session/initialize/", before=(CLEAR,), after=(RENAME,)),
    below("GET", "session/status/"),
    below("POST", "session/undo/", after=(REDO,)),
    below("POST", "session/redo/", before=(UNDO,)),
    below("POST", "session/reset/", after=(RENAME,)),
    below("POST", "session/pause/", after=(RESUME,)),
    below("POST", "session/resume/", before=(PAUSE,)),
    below("POST", "session/clear/", after=ANEW),
    below("POST", "session/save/", {"name": "saved to be measured"}, after=ANEW),
    below("GET", "session/validate/"),
    below("POST", "session/recover/", {"strategy": "auto"}, before=(CLEAR,)),
    below("POST", "session/fork/", {"from_version": 2}, after=FROM_NOTHING),
    below("GET", "session/recipe/"),
    operation("session/apply-recipe/", {"recipe": _RECIPE}),
    below("GET", "session/changes/", {"from_version": 1, "to_version": 2}),
    operation("session/rename-column/", {"old_name": "few_2", "new_name": "condition"}),
    operation("session/change-column-type/", {"column_name": "float_2", "new_type": "string"}),
    operation("session/fill-missing-values/", {"columns": ["float_2"], "strategy": "median"}),
    operation("transform/columns/", {"operation": "drop", "columns": ["few_2"]}),
    operation("transform/imputation/", {"method": "mean"}),
    operation("transform/encoding/", {"method": "onehot", "columns": ["few_3"]}),
    operation("transform/scaling/", {"method": "standard"}),
    operation("transform/outliers/", {"method": "winsorize", "columns": ["float_2"]}),
    operation(
        "transform/engineering/",
        {"method": "math", "operation": "sum", "columns": ["float_1", "float_2"]},
    ),
    below("GET", "operations/"),
    operation("operations/", {"operation": "trim_text", "parameters": {"columns": ["many"]}}),
    below("GET", "session/events/"),
    below("POST", "session/activity/", {"items": [_LOOKED_AT]}),
    below("GET", "session/column-statistics/"),
    below("GET", "nan/analysis/"),
    below("GET", "columns/"),
    below("GET", "columns/values/", {"column": "many", "q": "42"}),
    below("GET", "columns/{column}/values/"),
    below("GET", "columns/histogram/", {"column": "float_2"}),
    below("GET", "columns/{column}/histogram/"),
    below("GET", "columns/values/", {"column": "many", "q": "42", "filter": _FILTER}),
    below("GET", "columns/histogram/", {"column": "float_2", "filter": _FILTER}),
    *in_states("session/column-statistics/"),
    *in_states("columns/"),
    *in_states("nan/analysis/"),
    *in_states("columns/values/", {"column": "many", "q": "42"}),
    *in_states("columns/histogram/", {"column": "float_2"}),
    operation("nan/quick-clean/", {"remove_nan_rows": True}),
    below("GET", "data/", {"page_number": 1_000, "page_size": 50}),
    below("GET", "data/", {"page_size": 50, "sort": "float_2"}),
    below("GET", "data/", {"page_size": 50, "sort": "many"}),
    below(
        "GET",
        "data/",
        {"page_size": 50, "filter": _FILTER},
    ),
    below("GET", "data/cell/", {"row": 50_000, "column": "many"}),
    below("GET", "export/", {"format": "csv"}),
)
_ONE = "api/datasources/{datasource_id}/"
ELSEWHERE = (
    Call(method="GET", address="tools/api/get_data/{datasource_id}/"),
    Call(method="GET", address=_ONE),
    Call(method="PATCH", address=_ONE, given={"name": "every endpoint"}),  # as it is called
    Call(method="DELETE", address=_ONE, on=On.COPY),
    Call(method="POST", address=f"{_ONE}file/", on=On.COPY, sent=Sent.AS_FILE),
    Call(method="DELETE", address=f"{_ONE}sessions/", before=FROM_NOTHING),
    Call(method="GET", address="api/datasources/"),
    Call(method="POST", address="api/datasources/", sent=Sent.AS_FILE),
    Call(method="POST", address="api/datasources/preview/", sent=Sent.AS_FILE),
    Call(method="GET", address="api/account/usage/"),
    Call(method="GET", address="api/sessions/"),
    Call(method="GET", address="api/auth/token/"),
    Call(method="POST", address="api/auth/token/"),
    Call(method="DELETE", address="api/auth/token/", sent=Sent.WITH_THROWAWAY_TOKEN),
    Call(method="POST", address="api/auth/token/rotate/", sent=Sent.WITH_THROWAWAY_TOKEN),
    Call(method="DELETE", address="api/auth/token/{token_id}/"),
    Call(method="GET", address="api/schema/", sent=Sent.BY_VISITOR),
    Call(method="GET", address="api/docs/", sent=Sent.BY_VISITOR),
    Call(method="GET", address="healthz", sent=Sent.BY_VISITOR),
    Call(method="GET", address="readyz", sent=Sent.BY_VISITOR),
    Call(method="GET", address="metrics", sent=Sent.BY_VISITOR),
    Call(method="GET", address="accounts/login/", sent=Sent.BY_VISITOR),
    Call(method="POST", address="accounts/login/", sent=Sent.BY_VISITOR),
    Call(method="POST", address="accounts/logout/", sent=Sent.BY_BROWSER),
    Call(method="GET", address="", sent=Sent.BY_BROWSER),
    Call(method="GET", address="studio/{datasource_id}/", sent=Sent.BY_BROWSER),
    Call(method="GET", address="admin/", sent=Sent.BY_STAFF),
    Call(method="POST", address="admin/", sent=Sent.BY_STAFF),
)
CALLS = (*BELOW_DATASET, *ELSEWHERE)
