"""What an operation is: its name, its parameters, how it is planned and how it is compiled.

Each operation is declared once. The same declaration checks a request, describes it as JSON Schema
and tells which columns an applied operation named.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from enum import StrEnum
from typing import Any

from data_tools.columns import ColumnType
from data_tools.figures.row_flags import Flags
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import CHOOSE_COLUMNS, counted
from data_tools.operations.parameters import Parameter
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql
from session_events.events import ColumnChange, Effect, Operation, OperationApplied, fields_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PreparedOperation(Effect):
    """An operation checked and fitted, ready to become an event; nothing is changed yet.

    `parameters` is the normalised request, `message` says in a sentence what it would do.
    """

    message: str


def event_of(prepared: PreparedOperation) -> OperationApplied:
    """Return the event that applies a prepared operation."""
    return OperationApplied(**fields_of(prepared))


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What an operation would do to some rows, besides removing rows.

    `parameters` are what the event holds in place of the checked request, where it differs. Without
    a message, that of an operation that removes rows counts them.
    """

    message: str = ""
    parameters: dict[str, Any] | None = None
    fitted: dict[str, Any] = field(default_factory=dict)
    column_changes: Iterable[ColumnChange] = ()
    cells_changed: int = 0


PlanOperation = Callable[[dict[str, Any], Rows], Plan]
CompileCells = Callable[[Operation, Mapping[str, Expression]], dict[str, Expression]]
QueryKeptRows = Callable[[Mapping[str, Any], Mapping[str, Any], Rows], Sql]
FindKeptRows = Callable[[Mapping[str, Any], Mapping[str, Any], Rows], Flags | None]


def rule_of(operation: str, parameters: Mapping[str, Any], fitted: Mapping[str, Any]) -> Any:
    """Return what defines the rows that an operation keeps, without the proof of them (`kept`)."""
    return (operation, parameters, {name: fitted[name] for name in fitted if name != "kept"})


def query_every_row(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    """Return the query of the `row_number` of every row: the operation removes none."""
    return rows.cells_query([])


class Group(StrEnum):
    """Under which heading a menu lists an operation."""

    COLUMNS = "Columns"
    MISSING_VALUES = "Missing values"
    TEXT = "Text"
    NUMBERS = "Numbers"
    DATES = "Dates"
    CATEGORIES = "Categories"
    ROWS = "Rows"


@dataclass(frozen=True, slots=True)
class Declaration:
    """One operation.

    `title` says in a few words what it does, as a command.
    `plan` turns checked parameters into a Plan, or raises RequestRejected; without one, the
    parameters say everything.
    `compile` takes an applied operation and the cells before it, and returns the cells that get a
    new expression, by column key; by default none do.
    `query_kept_rows` takes parameters, what was fitted and the rows before, and returns the query
    of the `row_number` of each row that stays: the same rows whenever it is run.
    `find_kept_rows` finds those rows in the values that blocks hold; it returns None, as it does by
    default, where the query has to find them.
    `looks_at_values` is false for an operation that treats columns of every type alike.
    """

    name: str
    description: str
    _: KW_ONLY
    title: str
    group: Group
    parameters: tuple[Parameter, ...]
    plan: PlanOperation = lambda parameters, rows: Plan()
    compile: CompileCells = lambda operation, cells: {}
    query_kept_rows: QueryKeptRows = query_every_row
    find_kept_rows: FindKeptRows = lambda parameters, fitted, rows: None
    looks_at_values: bool = True

    def check(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Return the parameters with their defaults.

        Raises:
            InvalidParameter: names the first parameter that is missing or wrong. One that is not
                declared is refused too: it is usually a typo.
        """
        if not isinstance(request, Mapping):
            raise InvalidParameter("", "must be an object")
        declared = {parameter.name for parameter in self.parameters}
        for name in request:
            if name not in declared:
                raise InvalidParameter(
                    str(name), "is not a parameter of this operation", known=sorted(declared)
                )
        missing = [
            parameter
            for parameter in self.parameters
            if parameter.required and request.get(parameter.name) is None
        ]
        for parameter in missing:
            if message := parameter.kind.empty_message:
                raise InvalidParameter(
                    parameter.name, "is required", message=message, told=CHOOSE_COLUMNS
                )
        if missing:
            names = [parameter.name for parameter in missing]
            raise InvalidParameter(
                names[0],
                "is required",
                message=f"Missing required fields: {', '.join(names)}",
                told="This step is not complete. It lacks: "
                f"{', '.join(parameter.label for parameter in missing)}.",
                missing=names,
            )
        return {
            parameter.name: parameter.check(request.get(parameter.name))
            for parameter in self.parameters
        }

    def prepare(self, parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
        """Fit the operation with checked parameters to the rows, and store which of them it keeps.

        To find the rows that stay takes one look at all of them. If any row goes, `fitted` gets
        `kept`: the count and the SHA-256 of the numbers that stay.

        Raises:
            RequestRejected: the operation cannot be applied to these rows.
        """
        plan = self.plan(parameters, rows)
        fitted, message, rows_after = plan.fitted, plan.message, rows.total_rows
        if plan.parameters is not None:
            parameters = plan.parameters
        if self.query_kept_rows is not query_every_row:
            rows_after, proof = self.keep_rows(parameters, fitted, rows)
            removed = rows.total_rows - rows_after
            message = message or f"Removed {counted(removed, 'row')}, {rows_after} left"
            if removed:
                fitted = fitted | {"kept": {"count": rows_after, "sha256": proof}}
        return PreparedOperation(
            operation=self.name,
            parameters=parameters,
            fitted=fitted,
            column_changes=tuple(plan.column_changes),
            rows_before=rows.total_rows,
            rows_after=rows_after,
            cells_changed=plan.cells_changed,
            message=message,
        )

    def keep_rows(
        self, parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows
    ) -> tuple[int, str]:
        """Find the rows that stay, and store them as `Rows.keep`, which says what is returned."""
        kept: Sql | Flags | None = self.find_kept_rows(parameters, fitted, rows)
        if kept is None:
            kept = self.query_kept_rows(parameters, fitted, rows)
        return rows.keep(rule_of(self.name, parameters, fitted), kept)

    @property
    def suits(self) -> list[ColumnType] | None:
        """The types that the columns it works on may have; None if not their types alone decide."""
        types = (parameter.kind.suits for parameter in self.parameters)
        return next(filter(None, types), None)

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON Schema (draft 2020-12) of the object that a request must be."""
        return {
            "type": "object",
            "properties": {
                parameter.name: parameter.json_schema() for parameter in self.parameters
            },
            "required": [parameter.name for parameter in self.parameters if parameter.required],
            "additionalProperties": False,
        }

    def columns_named(self, parameters: Mapping[str, Any]) -> list[str]:
        """Return the columns that an applied operation's parameters name, in order, each once."""
        named: list[str] = []
        for parameter in self.parameters:
            value = parameters.get(parameter.name)
            if value is not None:
                named.extend(parameter.kind.columns_named(value))
        return list(dict.fromkeys(named))

    def original_request(self, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """Return the request that would give an applied operation's parameters on other rows.

        Leaves out what an event holds beyond the request, such as a column's old type.
        """
        declared = {parameter.name for parameter in self.parameters}
        return {name: value for name, value in parameters.items() if name in declared}
