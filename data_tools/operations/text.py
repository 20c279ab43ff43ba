"""Operations on columns of text: trim, letter case, split into columns."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, LiteralString

from data_tools.columns import ColumnType
from data_tools.operations import added_columns, replaced_cells
from data_tools.operations.added_columns import Addition, added
from data_tools.operations.column_lookup import suitable_columns
from data_tools.operations.declaration import Declaration, Kind, Parameter, PreparedOperation
from data_tools.operations.exceptions import NothingToFit
from data_tools.operations.replaced_cells import Replacement, replaced
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression
from data_tools.sql.fragment import Sql, bound, compose, sql
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


def columns_of_text(rows: Rows, names: Sequence[str]) -> list[Column]:
    return suitable_columns(rows.columns, names, {ColumnType.TEXT}, of_what="text")


def _plan_trim(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    return _letters(asked, rows, "trim_text", {"side": asked["side"]}, _trimmed, "Trimmed")


def _plan_case(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    fitted = {"case": asked["case"]}
    return _letters(asked, rows, "change_case", fitted, _in_case, "Changed the case of")


def _letters(
    asked: dict[str, Any],
    rows: Rows,
    operation: str,
    fitted: dict[str, Any],
    express: replaced_cells.Express,
    did: str,
) -> PreparedOperation:
    return replaced(
        rows,
        operation=operation,
        parameters=asked,
        replacements=[
            Replacement(column=column, fitted=fitted)
            for column in columns_of_text(rows, asked["columns"])
        ],
        express=express,
        did=did,
    )


def _trimmed(cell: Expression, fitted: dict[str, Any]) -> Expression:
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


def _in_case(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return Computed(
        type=ColumnType.TEXT,
        inputs=(cell,),
        write=lambda cell: sql(
            "{function}({cell})", function=Sql(_CASES[fitted["case"]]), cell=cell
        ),
    )


def _plan_split(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    """As many columns as the value of most parts has, but not more than were asked for."""
    [column] = suitable_columns(
        rows.columns, [asked["column"]], {ColumnType.TEXT}, of_what="text", path="column"
    )
    cells = rows.cells_query([rows.cells[column.key]])
    [found] = rows.fetch_one(
        compose(
            *("SELECT max(greatest(cardinality(string_to_array(v0, ", bound(asked["separator"])),
            *(")), 1)) FILTER (WHERE v0 IS NOT NULL) FROM (", cells, ") AS c"),
        )
    )
    if found is None:
        raise NothingToFit(
            f'Column "{column.name}" has no value to split', details={"column": column.name}
        )
    parts = min(found, asked["maximum_parts"])
    return added(
        rows,
        operation="split_column",
        parameters=asked,
        additions=[
            Addition(
                name=f"{column.name}_{part}",
                inputs=(column,),
                fitted={
                    "separator": asked["separator"],
                    "part": part,
                    "and_rest": part == parts,
                },
            )
            for part in range(1, parts + 1)
        ],
        express=_part,
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


COLUMNS = Parameter(
    name="columns",
    kind=Kind.COLUMNS,
    required=True,
    description="Names of the columns.",
    empty_message="At least one column must be specified",
)

TEXT = (
    Declaration(
        name="trim_text",
        description="Take blanks away at the ends of texts, of every kind that Unicode has.",
        parameters=(
            COLUMNS,
            Parameter(
                name="side",
                kind=Kind.CHOICE,
                choices=tuple(_TRIMS),
                default="both",
                description="At which end.",
            ),
        ),
        plan=_plan_trim,
        compile=replaced_cells.compiling(_trimmed),
    ),
    Declaration(
        name="change_case",
        description="Put texts into lower case, upper case or title case (a capital after every "
        "character that is no letter), letter by letter: one whose other case would be two stays.",
        parameters=(
            COLUMNS,
            Parameter(
                name="case",
                kind=Kind.CHOICE,
                choices=tuple(_CASES),
                required=True,
                description="The case.",
            ),
        ),
        plan=_plan_case,
        compile=replaced_cells.compiling(_in_case),
    ),
    Declaration(
        name="split_column",
        description="Add columns <column>_1, <column>_2 … of the parts of a text; what a text has "
        "not is missing, and the last column holds the rest. The column itself stays.",
        parameters=(
            Parameter(
                name="column", kind=Kind.COLUMN, required=True, description="The column's name."
            ),
            Parameter(
                name="separator",
                kind=Kind.TEXT,
                required=True,
                description="What stands between the parts.",
            ),
            Parameter(
                name="maximum_parts",
                kind=Kind.INTEGER,
                default=10,
                minimum=2,
                maximum=MOST_PARTS,
                description="How many columns at most.",
            ),
        ),
        plan=_plan_split,
        compile=added_columns.compiling(_part),
    ),
)
