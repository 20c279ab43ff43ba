"""Encode columns of text: as numbers, as a column for each category, or without rare categories.

A missing cell stays missing, in one-hot columns too: all zeros stand for the category that has no
column of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from data_tools.columns import ColumnType
from data_tools.operations.added_columns import (
    NewColumn,
    added_columns_compiler,
    plan_added_columns,
)
from data_tools.operations.categories import categorical_columns, fit_categories
from data_tools.operations.column_functions import codes_of, is_text
from data_tools.operations.declaration import Declaration, Group, Plan
from data_tools.operations.exceptions import InvalidParameter
from data_tools.operations.messages import NO_COLUMN_LEFT
from data_tools.operations.number_parameters import Number
from data_tools.operations.parameters import ColumnNames, Parameter
from data_tools.operations.replaced_cells import plan_replaced_cells, replaced_cells_compiler
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Expression, computed, constant
from data_tools.sql.fragment import Sql, bound
from session_events.events import Column

MOST_CODES = 10_000
MOST_ONE_HOT_COLUMNS = 200  # made of one column
LONGEST_CATEGORY = 255  # characters, as part of a column's name
RARE = "Rare"
CATEGORIES_WITHOUT_RARE_ONES = 10


def _plan_ordinal(parameters: dict[str, Any], rows: Rows) -> Plan:
    fits = [
        (column, {"from": column.type, "codes": {label: at for at, label in enumerate(labels)}})
        for column, labels in _fit(rows, parameters["columns"], at_most=MOST_CODES)
    ]
    return plan_replaced_cells(
        rows,
        fits,
        _encode,
        "Encoded",
        parameters={"columns": [column.name for column, _ in fits]},
    )


def _encode(cell: Expression, fitted: dict[str, Any]) -> Expression:
    template = "CAST(CAST({codes} AS jsonb) ->> {cell} AS bigint)"
    codes = fitted["codes"]
    return computed(ColumnType.INTEGER, template, cell, compute=codes_of(codes), codes=_json(codes))


def _plan_onehot(parameters: dict[str, Any], rows: Rows) -> Plan:
    fits = _fit(rows, parameters["columns"], at_most=MOST_ONE_HOT_COLUMNS + 1)
    sources = [column for column, _ in fits]
    new_columns = [
        NewColumn(f"{column.name}_{label}", (column,), {"category": label})
        for column, labels in fits
        for label in labels[:-1]
    ]
    if not new_columns and len(sources) == len(rows.columns):
        raise InvalidParameter("columns", "must leave at least one column", told=NO_COLUMN_LEFT)
    for column, labels in fits:
        if any(len(label) > LONGEST_CATEGORY for label in labels):
            raise InvalidParameter(
                "columns",
                f"must name columns of categories of at most {LONGEST_CATEGORY} characters",
                message=f'Column "{column.name}" has a category of more than {LONGEST_CATEGORY} '
                "characters, which cannot be a column's name",
                column=column.name,
            )
    return plan_added_columns(
        rows,
        new_columns,
        _is_category,
        parameters={"columns": [column.name for column in sources]},
        drops=sources,
    )


def _is_category(cells: Sequence[Expression], fitted: dict[str, Any]) -> Expression:
    return computed(
        ColumnType.INTEGER,
        "CAST(CAST({cell} = {category} AS integer) AS bigint)",
        cells[0],
        compute=is_text(fitted["category"]),
        category=constant(fitted["category"], ColumnType.TEXT),
    )


def _plan_rare_label(parameters: dict[str, Any], rows: Rows) -> Plan:
    threshold = parameters["rare_threshold"]
    columns = categorical_columns(rows, parameters["columns"])
    fits = []
    for column in columns:
        categories = fit_categories(rows, column, at_least=threshold, at_most=MOST_CODES)
        if categories.count <= CATEGORIES_WITHOUT_RARE_ONES:
            continue
        _refuse_too_many(column, len(categories.labels), MOST_CODES)
        kept = dict.fromkeys(categories.labels, 1)
        fits.append((column, {"from": column.type, "kept": kept}))
    return plan_replaced_cells(
        rows,
        fits,
        _label_rare,
        "Labelled as rare",
        parameters=parameters | {"columns": [column.name for column in columns]},
    )


def _label_rare(cell: Expression, fitted: dict[str, Any]) -> Expression:
    return computed(
        ColumnType.TEXT,
        "data_tools_keep({cell}, CAST({kept} AS jsonb), {rare})",
        cell,
        keeps_gaps=True,
        kept=_json(fitted["kept"]),
        rare=bound(RARE),
    )


def _fit(
    rows: Rows, names: Sequence[str] | None, *, at_most: int
) -> list[tuple[Column, list[str]]]:
    """Return each column with its categories in order of first appearance.

    Raises:
        ColumnNotFound, NothingToFit: as `categorical_columns` does.
        InvalidParameter: a column does not hold text, has more than `at_most` categories, or has
            labels that are too long together.
    """
    fits = []
    for column in categorical_columns(rows, names):
        categories = fit_categories(rows, column, at_most=at_most)
        _refuse_too_many(column, categories.count, at_most)
        fits.append((column, categories.labels))
    return fits


def _refuse_too_many(column: Column, count: int, maximum: int) -> None:
    if count > maximum:
        raise InvalidParameter(
            "columns",
            f"must name columns of at most {maximum:,} categories",
            message=f'Column "{column.name}" has {count:,} categories; at most {maximum:,} can '
            "be encoded",
            column=column.name,
            categories=count,
            maximum=maximum,
        )


def _json(mapping: dict[str, Any]) -> Sql:
    return bound(orjson.dumps(mapping).decode())


_COLUMNS = Parameter(
    "columns",
    ColumnNames(column_types=(ColumnType.TEXT,), empty_is_all=True),
    "Names of columns of text; without them, every column of text but those that hold dates alone.",
)

ENCODING = (
    Declaration(
        "feature_encoding_ordinal",
        "Put a number in the place of each category: 0 for the first to appear, then "
        f"1 … At most {MOST_CODES:,} categories; a missing cell stays missing.",
        title="Number the categories",
        group=Group.CATEGORIES,
        parameters=(_COLUMNS,),
        plan=_plan_ordinal,
        compile=replaced_cells_compiler(_encode),
    ),
    Declaration(
        "feature_encoding_onehot",
        "Put a column of 0 and 1 for each category but the last to appear at the end, "
        "named <column>_<category>, and take the column away. At most "
        f"{MOST_ONE_HOT_COLUMNS} new columns for each; where the cell is missing, so are theirs.",
        title="Make a column of each category",
        group=Group.CATEGORIES,
        parameters=(_COLUMNS,),
        plan=_plan_onehot,
        compile=added_columns_compiler(_is_category),
    ),
    Declaration(
        "feature_encoding_rare_label",
        f'Put "{RARE}" in the place of categories with a share of the values below '
        f"the threshold, in columns of more than {CATEGORIES_WITHOUT_RARE_ONES} categories; a "
        "missing cell stays missing.",
        title="Group rare categories",
        group=Group.CATEGORIES,
        parameters=(
            _COLUMNS,
            Parameter(
                "rare_threshold",
                Number(minimum=0.0, maximum=1.0),
                "The least share of the values that a category keeps its name with.",
                default=0.05,
                title="Rare below this share",
            ),
        ),
        plan=_plan_rare_label,
        compile=replaced_cells_compiler(_label_rare),
    ),
)
