"""Operations on columns of text: trim, letter case, split into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.column_lookup import (
    TEXT_COLUMNS,
    column_of,
    suitable_columns,
    text_columns,
)
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import NothingToFit
from data_tools.operations.letter_case import in_case, trimmed
from data_tools.operations.number_parameters import Integer
from data_tools.operations.parameters import Choice, Parameter, Text
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed
from data_tools.sql.fragment import Sql, bound, sql
from session_events.events import Column

MOST_PARTS = 50
# What Python's str.strip and pandas take for blank.
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
_TRIMS: dict[str, LiteralString] = {"both": "btrim", "start": "ltrim", "end": "rtrim"}
_CASES: dict[str, LiteralString] = {
    "lower": "data_tools_lower",
    "upper": "data_tools_upper",
    "title": "data_tools_title",
}


def _plan_trim(parameters: dict[str, Any], rows: Rows) -> Plan:
    return plan_replaced_cells(rows, _fits(parameters, rows, "side"), _trim, "Trimmed")


def _plan_case(parameters: dict[str, Any], rows: Rows) -> Plan:
    return plan_replaced_cells(
        rows, _fits(parameters, rows, "case"), _set_case, "Changed the case of"
    )


def _fits(
    parameters: dict[str, Any], rows: Rows, choice: str
) -> list[tuple[Column, dict[str, Any]]]:
    """Return the columns of text, each with the parameter `choice`: a page needs only that."""
    columns = text_columns(rows.columns, parameters["columns"])
    return [(column, {choice: parameters[choice]}) for column in columns]


def _trim(cell: Expression, fitted: dict[str, Any]) -> Expression:
    trim = Sql(_TRIMS[fitted["side"]])
    return computed(
        ColumnType.TEXT,
        "{trim}({cell}, {blanks})",
        cell,
        compute=trimmed(fitted["side"], BLANKS),
        keeps_gaps=True,
        trim=trim,
        blanks=bound(BLANKS),
    )


def _set_case(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return computed(
        ColumnType.TEXT,
        "{function}({cell})",
        cell,
        compute=in_case(fitted["case"]),
        keeps_gaps=True,
        function=Sql(_CASES[fitted["case"]]),
    )


def _plan_split(parameters: dict[str, Any], rows: Rows) -> Plan:
    """Add as many columns as the value of most parts has parts, but at most `maximum_parts`."""
    [column] = suitable_columns(
        rows.columns, [parameters["column"]], {ColumnType.TEXT}, of_what="text", path="column"
    )
    [most_parts] = rows.fetch_one(
        sql(
            """
            SELECT max(greatest(cardinality(string_to_array(v0, {separator})), 1))
                FILTER (WHERE v0 IS NOT NULL)
            FROM ({cells}) AS cells
            """,
            separator=bound(parameters["separator"]),
            cells=rows.cells_query([rows.cells[column.key]]),
        )
    )
    if most_parts is None:
        raise NothingToFit(
            f'Column "{column.name}" has no value to split', details={"column": column.name}
        )
    parts = min(most_parts, parameters["maximum_parts"])
    new_columns = [
        NewColumn(
            f"{column.name}_{part}",
            (column,),
            {"separator": parameters["separator"], "part": part, "and_rest": part == parts},
        )
        for part in range(1, parts + 1)
    ]
    return plan_added_columns(rows, new_columns, _part)


def _part(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    return computed(
        ColumnType.TEXT,
        "data_tools_part({cell}, {separator}, {part}, {and_rest})",
        cells[0],
        separator=bound(fitted["separator"]),
        part=bound(fitted["part"]),
        and_rest=bound(fitted["and_rest"]),
    )


TEXT = (
    Declaration(
        "trim_text",
        "Take blanks away at the ends of texts, of every kind that Unicode has.",
        title="Trim blanks",
        group=Group.TEXT,
        parameters=(
            TEXT_COLUMNS,
            Parameter(
                "side", Choice(tuple(_TRIMS)), "At which end.", default="both", title="At which end"
            ),
        ),
        plan=_plan_trim,
        compile=replaced_cells_compiler(_trim),
    ),
    Declaration(
        "change_case",
        "Put texts into lower case, upper case or title case (a capital after every "
        "character that is no letter), letter by letter: one whose other case would be two stays.",
        title="Change to capital or small letters",
        group=Group.TEXT,
        parameters=(
            TEXT_COLUMNS,
            Parameter("case", Choice(tuple(_CASES)), "The case.", required=True),
        ),
        plan=_plan_case,
        compile=replaced_cells_compiler(_set_case),
    ),
    Declaration(
        "split_column",
        "Add columns <column>_1, <column>_2 … of the parts of a text; what a text has "
        "not is missing, and the last column holds the rest. The column itself stays.",
        title="Split a column",
        group=Group.TEXT,
        parameters=(
            column_of({ColumnType.TEXT}),
            Parameter("separator", Text(), "What stands between the parts.", required=True),
            Parameter(
                "maximum_parts",
                Integer(minimum=2, maximum=MOST_PARTS),
                "How many columns at most.",
                default=10,
                title="Columns at most",
            ),
        ),
        plan=_plan_split,
        compile=added_columns_compiler(_part),
    ),
)
