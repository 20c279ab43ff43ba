"""Change a column's type, with a policy for the values that do not fit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.casts import cast, possible_types
from data_tools.operations.column_lookup import require_columns
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.effects import ROWS_NAMED
from data_tools.operations.exceptions import InvalidParameter, ValuesDoNotFit
from data_tools.operations.formatted_dates import OfferedFormat, offered_formats, read_dates
from data_tools.operations.messages import HELD, counted, first_in_rows, what_holds
from data_tools.operations.parameters import Choice, ColumnName, Parameter, WrittenDate
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression
from data_tools.sql.fragment import Sql, number, sql
from session_events.events import Column, ColumnChange, Operation

SPELLINGS: dict[str, ColumnType] = {
    **dict.fromkeys(
        ("integer", "int", "int8", "int16", "int32", "int64", "Int64"), ColumnType.INTEGER
    ),
    **dict.fromkeys(("float", "float32", "float64", "double"), ColumnType.FLOAT),
    **dict.fromkeys(("text", "string", "str", "object", "category"), ColumnType.TEXT),
    **dict.fromkeys(("boolean", "bool"), ColumnType.BOOLEAN),
    "date": ColumnType.DATE,
    **dict.fromkeys(("datetime", "datetime64", "datetime64[ns]"), ColumnType.DATETIME),
}

_DATES = (ColumnType.DATE, ColumnType.DATETIME)
_CHARACTERS_SHOWN = 100


def _plan(parameters: dict[str, Any], rows: Rows) -> Plan:
    [column] = require_columns(rows.columns, [parameters["column_name"]])
    source, target = ColumnType(column.type), SPELLINGS[parameters["new_type"]]
    date_format = parameters["date_format"]
    _require_possible(column, target, parameters)
    # Existing clients, who give no format, expect unreadable dates to become missing.
    lenient = target is ColumnType.DATETIME and not date_format
    on_error = parameters["on_error"] or ("null" if lenient else "fail")
    cell = rows.cells[column.key]
    output = read_dates(cell, date_format, target) if date_format else cast(cell, source, target)
    effect = _CastEffect() if source is target else _effect(rows, cell, output)
    offers = []
    if effect.misfits and source is ColumnType.TEXT and target in _DATES:
        offers = offered_formats(rows, cell, target, more_than=effect.values - effect.misfits)
    if effect.misfits and (on_error == "fail" or effect.misfits == effect.values):
        raise _refusal(rows, column, output, effect, offers, parameters["new_type"])
    lost = f"; {effect.misfits} became missing" if effect.misfits else ""
    if offers:
        lost += f" ({_offered(offers)})"
    if effect.times_lost:
        lost += f"; {counted(effect.times_lost, 'time')} of day left out"
    return Plan(
        parameters={
            "column_name": column.name,
            "old_type": str(source),
            "new_type": str(target),
            "on_error": on_error,
            **({"date_format": date_format} if date_format else {}),
        },
        fitted={
            "key": column.key,
            "from": str(source),
            "made_missing": effect.misfits,
            "cuts_digits": False,
        },
        column_changes=[
            ColumnChange(action="set", key=column.key, name=column.name, type=str(target))
        ],
        cells_changed=effect.values,
        message=f'Column "{column.name}" converted to {parameters["new_type"]}{lost}',
    )


def _require_possible(column: Column, target: ColumnType, parameters: dict[str, Any]) -> None:
    source, new_type = ColumnType(column.type), parameters["new_type"]
    possible = possible_types(source)
    if target not in possible:
        raise InvalidParameter(
            "new_type",
            f"a {source} column cannot become {target}",
            message=f"Failed to convert column to {new_type}: "
            f'a {source} column like "{column.name}" cannot become {target}',
            told=f"{what_holds(column.name, source)}. This cannot become {HELD[target]}.",
            possible=[str(choice) for choice in possible],
        )
    if parameters["date_format"] and (source is not ColumnType.TEXT or target not in _DATES):
        raise InvalidParameter(
            "date_format",
            "is for a column of text that becomes a date or a datetime",
            told="A format of dates is only for text that becomes dates. Leave it empty here.",
            column=column.name,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _CastEffect:
    """How many cells have a value, how many of those do not fit, how many lose a time of day."""

    values: int = 0
    misfits: int = 0
    times_lost: int = 0


def _effect(rows: Rows, cell: Expression, output: Expression) -> _CastEffect:
    """Return what a cast does; one pass."""
    times_lost = Sql("0")
    if (cell.type, output.type) == (ColumnType.DATETIME, ColumnType.DATE):
        times_lost = sql(
            "count(*) FILTER (WHERE v0 !~ {midnight})", midnight=r"T00:00:00([.]0+)?Z?$"
        )
    values, fitting, lost = rows.fetch_one(
        sql(
            "SELECT count(v0), count(v1), {times_lost} FROM ({cells}) AS cells",
            times_lost=times_lost,
            cells=rows.cells_query([cell, output]),
        )
    )
    return _CastEffect(values=values, misfits=values - fitting, times_lost=lost)


def _refusal(
    rows: Rows,
    column: Column,
    output: Expression,
    effect: _CastEffect,
    offers: list[OfferedFormat],
    new_type: str,
) -> ValuesDoNotFit:
    misfits = rows.fetch_all(
        sql(
            """
            SELECT row_number, left(CAST(v0 AS text), {most_characters})
            FROM ({cells}) AS cells
            WHERE v0 IS NOT NULL AND v1 IS NULL
            ORDER BY row_number LIMIT {limit}
            """,
            most_characters=number(_CHARACTERS_SHOWN),
            cells=rows.cells_query([rows.cells[column.key], output]),
            limit=number(ROWS_NAMED),
        )
    )
    row_numbers, first_value = [row for row, _ in misfits], misfits[0][1]
    if effect.misfits == effect.values:
        said = f'no value of "{column.name}" fits'
    else:
        do = "does" if effect.misfits == 1 else "do"
        said = f'{counted(effect.misfits, "value")} of "{column.name}" {do} not fit'
    return ValuesDoNotFit(
        f"Failed to convert column to {new_type}: {said}, {first_in_rows(row_numbers)}: "
        f'"{first_value}"' + (f"; {_offered(offers)}" if offers else ""),
        details={
            "column": column.name,
            "count": effect.misfits,
            "row_numbers": row_numbers,
            "first_value": first_value,
            **({"date_formats": [offer.as_json() for offer in offers]} if offers else {}),
        },
    )


def _offered(offers: list[OfferedFormat]) -> str:
    formats = " and ".join(f'"{offer.format}" ({offer.format.order})' for offer in offers)
    read = "the format {} reads" if len(offers) == 1 else "the formats {} read"
    return f"{read.format(formats)} {counted(offers[0].fits, 'value')}"


def _compile(operation: Operation, cells: Mapping[str, Expression]) -> dict[str, Expression]:
    [change] = operation.column_changes
    target = ColumnType(change.type)
    none_is_lost = operation.fitted["made_missing"] == 0
    if date_format := operation.parameters.get("date_format"):
        dates = read_dates(cells[change.key], date_format, target)
        return {change.key: replace(dates, keeps_gaps=none_is_lost)}
    output = cast(
        cells[change.key],
        ColumnType(operation.fitted["from"]),
        target,
        all_fit=none_is_lost,
        none_is_lost=none_is_lost,
        cuts_digits=operation.fitted.get("cuts_digits", True),
    )
    return {change.key: output}


CHANGE_COLUMN_TYPE = Declaration(
    "change_column_type",
    "Turn a column's values into another type.",
    title="Change a column's type",
    group=Group.COLUMNS,
    parameters=(
        Parameter("column_name", ColumnName(), "The column's name.", required=True, title="Column"),
        Parameter(
            "new_type",
            Choice(tuple(SPELLINGS), shown=tuple(ColumnType)),
            "The new type, in our spelling or in that of pandas.",
            required=True,
        ),
        Parameter(
            "on_error",
            Choice(("fail", "null")),
            "What becomes of values that do not fit: refuse the change, or make them "
            "missing. By default null for a datetime without date_format, otherwise fail. Refused "
            "either way where no value fits.",
            title="If a value does not fit",
        ),
        Parameter(
            "date_format",
            WrittenDate(),
            "How texts spell a date: `%d/%m/%Y` is day first, `%m/%d/%Y` month first. Without it "
            "they are ISO 8601.",
            title="How dates are written",
        ),
    ),
    plan=_plan,
    compile=_compile,
)
