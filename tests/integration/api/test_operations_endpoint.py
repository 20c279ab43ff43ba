"""Every operation over HTTP: described, applied, taken back exactly, refused without effect."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User

from data_tools.exceptions import RequestRejected
from data_tools.operations import OPERATIONS
from data_tools.operations.declaration import Declaration, Group
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.number_parameters import AscendingNumbers, Integer, Number
from data_tools.operations.parameters import (
    AnyText,
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
    WrittenDate,
)
from data_tools.rows.session_rows import SessionRows
from data_tools.services.session_data import facts
from session_events.events import Column
from tests.contract.error_shape import faults
from tests.contract.shapes import FULL_BODY, mismatches
from tests.support.flights_frame import TYPES, flights_table
from tests.support.operation_cases import CASES, Case
from tests.support.small_datasets import publish
from tests.support.studio_client import Studio
from tests.support.studios import open_studio
from tests.support.written_log import everything

pytestmark = pytest.mark.django_db

ONE_EACH = list({case.operation: case for case in reversed(CASES)}.values())[::-1]
ROWS = 400  # of the sample: enough for more than ten carriers, and with cancelled flights


@pytest.fixture
def studio(user: User, flights_csv: Path) -> Studio:
    """A session on the flights, before anything was done to them."""
    table = flights_table(flights_csv, ROWS)
    datasource = publish(user, list(TYPES.items()), table.rows)
    return open_studio(user, datasource)


def shown(studio: Studio) -> Any:
    body = studio.get("data/", {"page": 1, "pageSize": 1000}).body
    return body["columnDefs"], body["data"]


def test_the_catalogue_describes_every_operation(studio: Studio) -> None:
    answer = studio.get("operations/")

    assert answer.status == 200
    listed = {entry["operation"]: entry for entry in answer.body["operations"]}
    assert list(listed) == list(OPERATIONS)
    for name, entry in listed.items():
        declared = {parameter.name: parameter for parameter in OPERATIONS[name].parameters}
        schema = entry["parameters"]
        assert entry["description"]
        assert entry["group"] in set(Group)
        assert entry["title"]
        assert not entry["title"].endswith(".")
        assert list(schema["properties"]) == list(declared)
        assert schema["additionalProperties"] is False
        for field, described in schema["properties"].items():
            parameter = declared[field]
            assert described["description"]
            assert described["title"]
            assert described["x-kind"] == parameter.kind.name
            assert (field in schema["required"]) == parameter.required
            if not parameter.required:
                assert described["default"] == parameter.default
                assert "null" in described["type"]
    titles = [entry["title"] for entry in listed.values()]
    assert len(set(titles)) == len(titles), "two operations could not be told apart in a menu"


def test_what_suits_an_operation_is_what_it_takes(user: User) -> None:
    """The declaration repeats what the plan checks."""
    rows = SessionRows.of_dataset(facts(publish(user)))
    for case in ONE_EACH:
        declaration = OPERATIONS[case.operation]
        with_columns = [each for each in declaration.parameters if each.kind.suits]
        assert declaration.suits == (with_columns[0].kind.suits if with_columns else None)
        for parameter in with_columns:
            for column in rows.columns:
                named = {other.name: some_that_suits(other, rows) for other in with_columns}
                named[parameter.name] = as_value_of(parameter, column)
                of_case = {**case.parameters, "value": None}  # a second column takes its place

                refused = is_refused_for_its_type(rows, declaration, {**of_case, **named})

                suits = column.type in parameter.kind.suits
                assert refused is not suits, (declaration.name, parameter.name, column)


def as_value_of(parameter: Parameter, column: Column) -> Any:
    return [column.name] if parameter.kind.name == "columns" else column.name


def some_that_suits(parameter: Parameter, rows: SessionRows) -> Any:
    return as_value_of(
        parameter, next(each for each in rows.columns if each.type in parameter.kind.suits)
    )


def is_refused_for_its_type(
    rows: SessionRows, declaration: Declaration, parameters: dict[str, Any]
) -> bool:
    declared = {parameter.name for parameter in declaration.parameters}
    asked = {name: value for name, value in parameters.items() if name in declared}
    try:
        rows.prepare(declaration.name, asked)
    except InvalidParameter as error:
        return "and one is of" in error.details["reason"]
    except RequestRejected:
        return False
    return False


@pytest.mark.parametrize(
    "kind",
    [
        ColumnName(),
        ColumnNames(),
        NewName(),
        NewNames(),
        Choice(choices=("a",)),
        RowFilter(),
        Flag(),
        Scalar(),
        Choices(choices=("a",)),
        Text(),
        AnyText(),
        WrittenDate(),
        Integer(),
        Number(),
        AscendingNumbers(),
    ],
    ids=lambda kind: kind.name,
)
def test_every_kind_of_parameter_has_a_schema(kind: ParameterKind) -> None:
    parameter = Parameter(name="x", kind=kind, description="-", required=True)
    declaration = Declaration(
        name="-",
        description="-",
        title="-",
        group=Group.COLUMNS,
        parameters=(parameter,),
        plan=lambda parameters, rows: None,
    )

    assert declaration.json_schema()["properties"]["x"]["type"]


@pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.operation)
def test_an_operation_is_applied_taken_back_exactly_and_put_back_exactly(
    studio: Studio, case: Case
) -> None:
    before = shown(studio)

    answer = studio.post(
        "operations/", {"operation": case.operation, "parameters": case.parameters}
    )
    assert answer.status == 200, answer
    after = shown(studio)
    assert mismatches(answer.body, FULL_BODY) == []
    assert after != before

    assert studio.post("session/undo/").status == 200
    assert shown(studio) == before
    assert studio.post("session/redo/").status == 200
    assert shown(studio) == after


def test_a_request_sent_again_under_its_id_is_done_once(studio: Studio) -> None:
    request = {
        "operation": "calculate_column",
        "parameters": {
            "left_column": "distance",
            "operator": "add",
            "value": 1,
            "new_name": "further",
        },
        "client_operation_id": "00000000-0000-4000-8000-000000000001",
        "expected_version": 1,
    }

    first, second = studio.post("operations/", request), studio.post("operations/", request)

    assert (first.body["repeated"], second.body["repeated"]) == (False, True)
    assert first.body["version"] == second.body["version"] == 2
    assert second.body["column_info"].count("further") == 1


WRONG_BY_KIND: dict[type[ParameterKind], tuple[Any, ...]] = {
    ColumnName: (5, True, [], {}, "no such column", ["dest"]),
    ColumnNames: (5, True, {}, "dest", [5], [None], ["no such column"]),
    NewName: (5, True, [], {}, "", " ", "x" * 256),
    NewNames: (5, True, [], {}, "x", {"no such column": "x"}, {"dest": ""}),
    Choice: (5, True, [], {}, "", "no such choice"),
    Choices: (5, True, [], {}, "year", ["no such choice"], [5]),
    Text: (5, True, [], {}, "", "x" * 10_001),
    AnyText: (5, True, [], {}, "x" * 10_001),
    WrittenDate: (5, True, [], {}, "", "%d", "%d/%m/%Q", "x" * 101),
    Scalar: ([], {}, "x" * 10_001),
    Integer: (True, [], {}, "2", 2.5, -1, 10**9),
    Number: (True, [], {}, "2", 1e301),
    Flag: (5, "true", [], {}),
    RowFilter: (5, True, "x", {}, [], [{}], [{"column": "no such column", "op": "is_null"}]),
    AscendingNumbers: (True, {}, "2", [1], [1, 1], [2, 1], [1, "2"], [1, None], [1, 1e301]),
}


@pytest.mark.parametrize("case", ONE_EACH, ids=lambda case: case.operation)
def test_a_wrong_parameter_is_refused_by_name_and_changes_nothing(
    studio: Studio, case: Case
) -> None:
    declaration = OPERATIONS[case.operation]
    before = everything()
    wrong = [("surprise", 1)] + [
        (parameter.name, value)
        for parameter in declaration.parameters
        for value in WRONG_BY_KIND[type(parameter.kind)]
        if not (value == -1 and isinstance(parameter.kind, Integer) and parameter.kind.minimum < 0)
    ]
    wrong += [(parameter.name, None) for parameter in declaration.parameters if parameter.required]
    found = []
    for name, value in wrong:
        answer = studio.post(
            "operations/",
            {"operation": case.operation, "parameters": {**case.parameters, name: value}},
        )
        code = answer.error["code"] if answer.status != 200 else ""
        if code not in ("INVALID_PARAMETER", "INVALID_FILTER", "COLUMN_NOT_FOUND"):
            found.append((name, value, answer))
            continue
        found += list(faults(answer, code))
        if code == "INVALID_PARAMETER":
            assert answer.error["details"]["path"].startswith(name), answer

    assert found == []
    assert everything() == before


@pytest.mark.parametrize(
    ("method", "path", "sent", "said"),
    [
        ("POST", "transform/scaling/", {"method": "log", "base": 2}, "must be one of e, 10"),
        ("POST", "session/recover/", {"strategy": "best"}, "must be one of auto, "),
        ("GET", "export/", {"format": "xls"}, "must be one of csv, parquet, jsonl, xlsx"),
    ],
)
def test_who_makes_no_possible_choice_is_told_all_there_are(
    studio: Studio, method: str, path: str, sent: Any, said: str
) -> None:
    answer = studio.get(path, sent) if method == "GET" else studio.post(path, sent)

    assert said in answer.error["message"]
