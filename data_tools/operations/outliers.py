"""Outliers: capped, or taken away with their rows. A missing value is no outlier."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from data_tools.columns import ColumnType
from data_tools.operations.caps import CAPPING_PARAMETERS, Caps, checked_fold, fit_caps
from data_tools.operations.declaration import Declaration, PreparedOperation
from data_tools.operations.exceptions import ValuesDoNotFit
from data_tools.operations.kept_rows import removing
from data_tools.operations.number_fitting import EXACT_IN_FLOAT, as_float
from data_tools.operations.replaced_cells import Replacement, compiling, replaced
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression, constant
from data_tools.sql.fragment import Sql, bound, compose, sql


def _fitted(asked: dict[str, Any], rows: Rows) -> tuple[float, list[Caps]]:
    """Return the fold, the method's own by default, and the caps it makes. Raises as `fit_caps`."""
    fold = checked_fold(asked["capping_method"], asked["fold"])
    caps = fit_caps(
        rows,
        asked["columns"],
        capping_method=asked["capping_method"],
        fold=fold,
        tail=asked["tail"],
    )
    return fold, caps


def _plan_winsorize(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    fold, caps = _fitted(asked, rows)
    for one in caps:
        _refuse_inexact(one)
    return replaced(
        rows,
        operation="outlier_treatment_winsorize",
        parameters=asked | {"columns": [one.column.name for one in caps], "fold": fold},
        replacements=[
            Replacement(
                column=one.column,
                fitted={
                    "from": one.column.type,
                    "to": _type(one),
                    "low": one.low,
                    "high": one.high,
                },
            )
            for one in caps
        ],
        express=_capped,
        did="Capped",
    )


def _refuse_inexact(caps: Caps) -> None:
    """An integer column about to become float must not hold integers that a float cannot."""
    becomes_float = caps.column.type == ColumnType.INTEGER and _type(caps) == ColumnType.FLOAT
    if becomes_float and caps.farthest > EXACT_IN_FLOAT:
        raise ValuesDoNotFit(
            f'Column "{caps.column.name}" holds integers over 2^53, which lose digits as floats',
            details={"column": caps.column.name},
        )


def _type(caps: Caps) -> str:
    """Integers stay integers where the caps are whole numbers."""
    given = [cap for cap in (caps.low, caps.high) if cap is not None]
    whole = all(cap.is_integer() and abs(cap) < 2**53 for cap in given)
    return caps.column.type if whole else ColumnType.FLOAT


def _capped(cell: Expression, fitted: dict[str, Any]) -> Expression:
    column_type = ColumnType(fitted["to"])
    caps = [
        int(cap) if cap is not None and column_type is ColumnType.INTEGER else cap
        for cap in (fitted["low"], fitted["high"])
    ]
    return Computed(
        type=column_type,
        inputs=(cell if column_type is ColumnType.INTEGER else as_float(cell),),
        write=lambda cell: sql(
            "data_tools_clip({cell}, {low}, {high})",
            cell=cell,
            low=constant(caps[0], column_type),
            high=constant(caps[1], column_type),
        ),
    )


WINSORIZE = Declaration(
    name="outlier_treatment_winsorize",
    description="Put a bound in the place of every value beyond it. A column of integers becomes "
    "float where a bound is none.",
    parameters=CAPPING_PARAMETERS,
    plan=_plan_winsorize,
    compile=compiling(_capped),
)

_NO_CAP = (float("-inf"), float("inf"))


def _within_caps(parameters: Mapping[str, Any], fitted: Mapping[str, Any], rows: Rows) -> Sql:
    """A missing value is no outlier."""
    caps: dict[str, list[float | None]] = fitted["caps"]
    found = rows.with_cells([rows.cells[key] for key in caps])
    condition = found.condition
    for cell, cap in zip(found.cells, caps.values(), strict=True):
        low, high = (no if value is None else value for value, no in zip(cap, _NO_CAP, strict=True))
        condition = compose(
            *(condition, " AND (", cell, " BETWEEN CAST(", bound(low), " AS float8) AND "),
            *("CAST(", bound(high), " AS float8)) IS NOT FALSE"),
        )
    return compose("SELECT ", found.row, ".row_number FROM ", found.source, " WHERE ", condition)


def _plan_trim(asked: dict[str, Any], rows: Rows) -> PreparedOperation:
    fold, caps = _fitted(asked, rows)
    return removing(
        "outlier_treatment_trim",
        keep=_within_caps,
        parameters=asked,
        fitted={"fold": fold, "caps": {one.column.key: [one.low, one.high] for one in caps}},
        rows=rows,
    )


TRIM_OUTLIERS = Declaration(
    name="outlier_treatment_trim",
    description="Take away the rows with an outlier in a column of numbers; a missing value is "
    "none. The caps are fitted to the rows as they stand.",
    parameters=CAPPING_PARAMETERS,
    plan=_plan_trim,
    keep=_within_caps,
)
