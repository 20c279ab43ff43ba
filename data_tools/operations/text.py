"""Operations on columns of text: trim, letter case, split into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    prepare_added_columns,
)
from data_tools.operations.column_lookup import COLUMN, COLUMNS, suitable_columns, text_columns
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import NothingToFit
from data_tools.operations.parameters import Choice, Integer, Parameter, Text
from data_tools.operations.replaced_cells import (
    FittedColumn,
    ReplaceCell,
    prepare_replaced_cells,
    replaced_cells_compiler,
)
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, bound, sql

MOST_PARTS = 50
# What Python's str.strip and pandas take for blank.
BLANKS = "".join(letter for letter in map(chr, range(0x3001)) if letter.isspace())
_TRIMS: dict[str, LiteralString] = {"both": "btrim", "start": "ltrim", "end": "rtrim"}
_CASES: dict[str, LiteralString] = {
    "lower": "data_tools_lower",
    "upper": "data_tools_upper",
    "title": "data_tools_title",
}


def _plan_trim(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    return _plan_new_text(parameters, rows, "trim_text", "side", _trim, "Trimmed")


def _plan_case(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
    return _plan_new_text(parameters, rows, "change_case", "case", _set_case, "Changed the case of")


def _plan_new_text(
    parameters: dict[str, Any],
    rows: Rows,
    operation: str,
    choice: str,
    replace: ReplaceCell,
    verb: str,
) -> PreparedOperation:
    """Plan an operation on texts that needs only the parameter `choice` on a page."""
    return prepare_replaced_cells(
        rows,
        operation=operation,
        parameters=parameters,
        columns=[
            FittedColumn(column=column, fitted={choice: parameters[choice]})
            for column in text_columns(rows.columns, parameters["columns"])
        ],
        replace=replace,
        verb=verb,
    )


def _trim(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.TEXT,
        inputs=(cell,),
        write=lambda cell: sql(
            "{trim}({cell}, {blanks})",
            trim=Sql(_TRIMS[fitted["side"]]),
            cell=cell,
            blanks=bound(BLANKS),
        ),
    )


def _set_case(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.TEXT,
        inputs=(cell,),
        write=lambda cell: sql(
            "{function}({cell})", function=Sql(_CASES[fitted["case"]]), cell=cell
        ),
    )


def _plan_split(parameters: dict[str, Any], rows: Rows) -> PreparedOperation:
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
    return prepare_added_columns(
        rows,
        operation="split_column",
        parameters=parameters,
        new_columns=[
            NewColumn(
                name=f"{column.name}_{part}",
                inputs=(column,),
                fitted={
                    "separator": parameters["separator"],
                    "part": part,
                    "and_rest": part == parts,
                },
            )
            for part in range(1, parts + 1)
        ],
        combine=_part,
    )


def _part(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.TEXT,
        inputs=(cells[0],),
        write=lambda cell: sql(
            "data_tools_part({cell}, {separator}, {part}, {and_rest})",
            cell=cell,
            separator=bound(fitted["separator"]),
            part=bound(fitted["part"]),
            and_rest=bound(fitted["and_rest"]),
        ),
    )


TEXT = (
    Declaration(
        name="trim_text",
        description="Take blanks away at the ends of texts, of every kind that Unicode has.",
        parameters=(
            COLUMNS,
            Parameter(
                name="side",
                kind=Choice(choices=tuple(_TRIMS)),
                default="both",
                description="At which end.",
            ),
        ),
        plan=_plan_trim,
        compile=replaced_cells_compiler(_trim),
    ),
    Declaration(
        name="change_case",
        description="Put texts into lower case, upper case or title case (a capital after every "
        "character that is no letter), letter by letter: one whose other case would be two stays.",
        parameters=(
            COLUMNS,
            Parameter(
                name="case",
                kind=Choice(choices=tuple(_CASES)),
                required=True,
                description="The case.",
            ),
        ),
        plan=_plan_case,
        compile=replaced_cells_compiler(_set_case),
    ),
    Declaration(
        name="split_column",
        description="Add columns <column>_1, <column>_2 … of the parts of a text; what a text has "
        "not is missing, and the last column holds the rest. The column itself stays.",
        parameters=(
            COLUMN,
            Parameter(
                name="separator",
                kind=Text(),
                required=True,
                description="What stands between the parts.",
            ),
            Parameter(
                name="maximum_parts",
                kind=Integer(minimum=2, maximum=MOST_PARTS),
                default=10,
                description="How many columns at most.",
            ),
        ),
        plan=_plan_split,
        compile=added_columns_compiler(_part),
    ),
)
