"""All operations by name."""

from __future__ import annotations

from data_tools.operations import (
    bins,
    category_encoding,
    column_order,
    column_types,
    dates,
    engineering,
    find_and_replace,
    imputation,
    missing_values,
    outliers,
    quick_cleaning,
    row_removal,
    scaling,
    text,
    whole_columns,
)
from data_tools.operations.declaration import Declaration
from data_tools.operations.exceptions import OperationUnknown

OPERATIONS: dict[str, Declaration] = {
    declaration.name: declaration
    for declaration in (
        whole_columns.RENAME_COLUMN,
        whole_columns.RENAME_COLUMNS,
        whole_columns.DROP_COLUMNS,
        whole_columns.DUPLICATE_COLUMNS,
        column_types.CHANGE_COLUMN_TYPE,
        missing_values.FILL_MISSING_VALUES,
        column_order.REORDER_COLUMNS,
        column_order.KEEP_COLUMNS,
        *imputation.IMPUTATION,
        *category_encoding.ENCODING,
        *scaling.SCALING,
        outliers.WINSORIZE,
        *engineering.ENGINEERING,
        find_and_replace.FIND_AND_REPLACE,
        *text.TEXT,
        dates.EXTRACT_DATE_PARTS,
        bins.BIN_COLUMN,
        row_removal.DROP_MISSING_ROWS,
        row_removal.DROP_DUPLICATE_ROWS,
        row_removal.FILTER_ROWS,
        outliers.TRIM_OUTLIERS,
        quick_cleaning.QUICK_NAN_CLEANING,
    )
}


def declared(name: str) -> Declaration:
    """Raises: OperationUnknown."""
    if name not in OPERATIONS:
        raise OperationUnknown(
            f'There is no operation "{name[:100]}"',
            details={"operation": name[:100], "known": sorted(OPERATIONS)},
        )
    return OPERATIONS[name]
