"""All operations by name, in the order in which `operations/` lists them.

To add an operation:

1. Write its `Declaration` in a module of this package: parameters of the kinds in `parameters`, a
   `plan`, and a `compile` or `query_kept_rows`. `added_columns` and `replaced_cells` plan and
   compile the usual forms; `text` is a good example.
2. Add it to `OPERATIONS` below. `POST operations/`, recipes, the OpenAPI document and recovery know
   it from then on, and its name and parameters stay as they are: events hold them.
3. Add a case to `tests/support/operation_cases.py` that says what pandas or another reference makes
   of the same rows. For an operation that removes rows, add one to `reference_rows.py` there too.
   `test_operation_stacks.py` needs a request for it.
4. Add its section to `docs/operations.md`, as `test_operations_reference.py` prints it, and a
   sentence to `CHANGELOG.md`.

Tests fail while a case, a request or the section is missing.
"""

from __future__ import annotations

from data_tools.operations import (
    bins,
    category_encoding,
    column_types,
    dates,
    engineering,
    find_and_replace,
    header_row,
    joined_columns,
    missing_values,
    outliers,
    regular_expressions,
    rounding,
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
        whole_columns.REORDER_COLUMNS,
        whole_columns.KEEP_COLUMNS,
        *missing_values.IMPUTATION,
        *category_encoding.ENCODING,
        *scaling.SCALING,
        outliers.WINSORIZE,
        *engineering.ENGINEERING,
        rounding.ROUND_NUMBERS,
        find_and_replace.FIND_AND_REPLACE,
        regular_expressions.REGEX_REPLACE,
        *text.TEXT,
        joined_columns.JOIN_COLUMNS,
        dates.EXTRACT_DATE_PARTS,
        bins.BIN_COLUMN,
        row_removal.DROP_MISSING_ROWS,
        row_removal.DROP_DUPLICATE_ROWS,
        row_removal.FILTER_ROWS,
        outliers.TRIM_OUTLIERS,
        row_removal.QUICK_NAN_CLEANING,
        header_row.FIRST_ROW_AS_HEADER,
    )
}


def require_operation(name: str) -> Declaration:
    """Return the operation of that name.

    Raises:
        OperationUnknown: there is none; `details.known` lists the names.
    """
    if name not in OPERATIONS:
        raise OperationUnknown(
            f'There is no operation "{name[:100]}"',
            details={"operation": name[:100], "known": sorted(OPERATIONS)},
        )
    return OPERATIONS[name]
