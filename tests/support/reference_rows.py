"""Operations on rows in plain Python: what the SQL must agree with.

Written from the operations' descriptions, on a list of lists. Shares nothing with the code under
test, neither a type nor a function. Slow and obvious on purpose.
"""

from __future__ import annotations

import copy
import datetime as dt
import decimal
import re
import statistics
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

MISSING = None
BLANKS = " \t\n\r"


class RefusedByReference(Exception):
    """The operation must be refused, with this code."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass
class Table:
    """Column names and types, and the rows with their values in column order."""

    names: list[str]
    types: list[str]
    rows: list[list[Any]] = field(default_factory=list)

    def column(self, at: int) -> list[Any]:
        return [row[at] for row in self.rows]

    def selected(
        self, filter: Any = None, sorts: list[tuple[str, bool]] | None = None
    ) -> list[list[Any]]:
        """Return the rows that pass a filter, ordered by (name, descending); first sort first."""
        table = Table(self.names, self.types, [row for row in self.rows if self.holds(filter, row)])
        for name, descending in reversed(sorts or []):
            table.rows = table.sorted_by(name, descending)
        return table.rows

    def holds(self, filter: Any, row: list[Any]) -> bool:
        if filter is None:
            return True
        if isinstance(filter, list):
            return all(self.holds(part, row) for part in filter)
        if "all" in filter:
            return all(self.holds(part, row) for part in filter["all"])
        if "any" in filter:
            return any(self.holds(part, row) for part in filter["any"])
        if "not" in filter:
            return not self.holds(filter["not"], row)
        at = self.names.index(filter["column"])
        return _holds(filter, row[at], self.types[at])

    def sorted_by(self, name: str, descending: bool) -> list[list[Any]]:
        """Return the rows in a stable order, missing values last either way."""
        at = self.names.index(name)
        key = _sort_key(self.types[at])
        present = [row for row in self.rows if row[at] is not MISSING]
        # A stable descending sort: `reverse` keeps equal rows in their order.
        present.sort(key=lambda row: key(row[at]), reverse=descending)
        return present + [row for row in self.rows if row[at] is MISSING]


def apply(table: Table, operation: str, parameters: dict[str, Any]) -> tuple[Table, int]:
    """Return the table after the operation and the number of changed cells; `table` is unchanged.

    Raises:
        RefusedByReference: the operation must be refused.
    """
    after = copy.deepcopy(table)
    changed = _OPERATIONS[operation](after, **parameters)
    return after, changed


def _position(table: Table, name: str) -> int:
    if name not in table.names:
        raise RefusedByReference("COLUMN_NOT_FOUND")
    return table.names.index(name)


def _rename_column(table: Table, old_name: str, new_name: str) -> int:
    _check_new_name(new_name)
    at = _position(table, old_name)
    if new_name in table.names:
        raise RefusedByReference("COLUMN_EXISTS")
    table.names[at] = new_name
    return 0


def _rename_columns(table: Table, new_names: dict[str, str]) -> int:
    for new in new_names.values():
        _check_new_name(new)
    for old in new_names:
        _position(table, old)
    renamed = [new_names.get(name, name) for name in table.names]
    if renamed == table.names:
        raise RefusedByReference("INVALID_PARAMETER")
    if len(set(renamed)) < len(renamed):
        raise RefusedByReference("COLUMN_EXISTS")
    table.names = renamed
    return 0


def _check_new_name(name: str) -> None:
    if not name.strip() or len(name) > 255:
        raise RefusedByReference("INVALID_PARAMETER")


def _drop_columns(table: Table, columns: list[str]) -> int:
    positions = {_position(table, name) for name in columns}
    if len(positions) == len(table.names):
        raise RefusedByReference("INVALID_PARAMETER")
    kept = [at for at in range(len(table.names)) if at not in positions]
    table.names = [table.names[at] for at in kept]
    table.types = [table.types[at] for at in kept]
    table.rows = [[row[at] for at in kept] for row in table.rows]
    return 0


def _duplicate_columns(table: Table, columns: list[str]) -> int:
    for name in columns:
        _position(table, name)
    for name in dict.fromkeys(columns):
        at = _position(table, name)
        copy_name = name + "_copy"
        count = 2
        while copy_name in table.names:
            copy_name = f"{name}_copy_{count}"
            count += 1
        table.names.append(copy_name)
        table.types.append(table.types[at])
        for row in table.rows:
            row.append(row[at])
    return 0


TYPE_SPELLINGS = {
    "int": "integer",
    "int64": "integer",
    "integer": "integer",
    "float": "float",
    "float64": "float",
    "str": "text",
    "string": "text",
    "text": "text",
    "object": "text",
    "category": "text",
    "bool": "boolean",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "datetime64[ns]": "datetime",
}


def _change_column_type(
    table: Table, column_name: str, new_type: str, on_error: str | None = None
) -> int:
    at = _position(table, column_name)
    source, target = table.types[at], TYPE_SPELLINGS[new_type]
    if target != source and not _convertible(source, target):
        raise RefusedByReference("INVALID_PARAMETER")
    if target == source:
        return 0
    if on_error is None:
        on_error = "null" if target == "datetime" else "fail"
    before = table.column(at)
    after = [MISSING if value is MISSING else converted(value, source, target) for value in before]
    lost = sum(a is MISSING and b is not MISSING for a, b in zip(after, before, strict=True))
    values = sum(value is not MISSING for value in before)
    if lost and (on_error == "fail" or lost == values):
        raise RefusedByReference("VALUES_DO_NOT_FIT")
    _put_column(table, at, after)
    table.types[at] = target
    return values


def _convertible(source: str, target: str) -> bool:
    numbers, times = {"integer", "float", "boolean"}, {"date", "datetime"}
    if "text" in (source, target):
        return True
    return {source, target} <= numbers or {source, target} <= times


def converted(value: Any, source: str, target: str) -> Any:
    """Return the value as the other type, MISSING where it has no exact counterpart."""
    if source == target:
        return value
    if source == "text":
        return from_text(value, target)
    if target == "text":
        return to_text(value, source)
    if target == "datetime":
        return value + "T00:00:00"
    if target == "date":
        return value.partition("T")[0]
    if target == "boolean":
        return {0: False, 1: True}.get(value, MISSING)
    if target == "integer":
        fits = Fraction(value).denominator == 1 and -(2**63) <= value < 2**63
        return int(value) if fits else MISSING
    return float(value) if abs(value) <= 2**53 else MISSING


def to_text(value: Any, source: str) -> str:
    if source == "boolean":
        return "true" if value else "false"
    if source == "float":
        return float_text(value)
    return str(value)


def float_text(value: float) -> str:
    """Return the shortest digits that read back as this double; no fraction of whole numbers."""
    if value == 0:
        return "0"
    sign, digits, exponent = decimal.Decimal(repr(value)).normalize().as_tuple()
    written = "".join(map(str, digits))
    power = len(digits) + int(exponent) - 1
    if -4 <= power < 15:
        plain = format(decimal.Decimal((0, digits, exponent)), "f")
    else:
        mantissa = written[0] + ("." + written[1:] if len(written) > 1 else "")
        plain = f"{mantissa}e{'-' if power < 0 else '+'}{abs(power):02d}"
    return ("-" if sign else "") + plain


def from_text(text: str, target: str) -> Any:
    text = text.strip(BLANKS)
    if target == "integer":
        if not re.fullmatch(r"[+-]?[0-9]+", text) or not -(2**63) <= int(text) < 2**63:
            return MISSING
        return int(text)
    if target == "float":
        if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
            return MISSING
        if re.fullmatch(r"[+-]?[0-9]+", text) and abs(int(text)) > 2**53:
            return MISSING  # as from an integer
        value = float(text)
        if value in (float("inf"), float("-inf")):
            return MISSING
        if value == 0 and re.search("[1-9]", re.split("[eE]", text)[0]):
            return MISSING  # too small for a double
        if abs(value) >= 2**53 and decimal.Decimal(repr(value)) != decimal.Decimal(text):
            return MISSING  # another number than is written
        return value + 0.0
    if target == "boolean":
        words = {"true": True, "t": True, "yes": True, "1": True}
        words |= {"false": False, "f": False, "no": False, "0": False}
        return words.get(text.lower(), MISSING)
    if target == "date":
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
            return MISSING
        try:
            return dt.date.fromisoformat(text).isoformat()
        except ValueError:
            return MISSING
    return _datetime_from_text(text)


def _datetime_from_text(text: str) -> str | None:
    """Return ISO 8601 as Python reads it, whole days too; with an offset, in UTC with Z."""
    if not re.fullmatch(
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}([T ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.,][0-9]{1,9})?)?"
        r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?)?",
        text,
    ):
        return MISSING
    if re.search(r"[.,][0-9]{6}[0-9]*[1-9]", text):
        return MISSING  # beyond microseconds
    try:
        value = dt.datetime.fromisoformat(text)
        if value.tzinfo is None:
            return value.isoformat()
        return value.astimezone(dt.UTC).replace(tzinfo=None).isoformat() + "Z"
    except (ValueError, OverflowError):
        return MISSING


def _fill_missing_values(
    table: Table, columns: list[str], strategy: str = "mean", fill_value: Any = None
) -> int:
    positions = [_position(table, name) for name in dict.fromkeys(columns)]
    for at in positions:
        if strategy in ("mean", "median") and table.types[at] not in ("integer", "float"):
            raise RefusedByReference("INVALID_PARAMETER")
        if strategy == "constant" and fill_value is None:
            raise RefusedByReference("INVALID_PARAMETER")
    return sum(_fill_column(table, at, strategy, fill_value) for at in positions)


def _fill_column(table: Table, at: int, strategy: str, fill_value: Any) -> int:
    before = table.column(at)
    if strategy == "forward_fill":
        after = _carried_forward(before)
    elif strategy == "backward_fill":
        after = _carried_forward(before[::-1])[::-1]
    else:
        present = [value for value in before if value is not MISSING]
        if strategy == "constant":
            value = _constant(fill_value, table.types[at])
        elif not present:
            raise RefusedByReference("NOTHING_TO_FIT")
        else:
            value = _statistic(present, strategy, table.types[at])
        if len(present) == len(before):
            return 0
        if table.types[at] == "integer" and isinstance(value, float):
            if any(abs(number) > 2**53 for number in present):
                raise RefusedByReference("VALUES_DO_NOT_FIT")
            table.types[at] = "float"
            before = [number if number is MISSING else float(number) for number in before]
        after = [value if cell is MISSING else cell for cell in before]
    _put_column(table, at, after)
    return sum(a is MISSING and b is not MISSING for a, b in zip(before, after, strict=True))


def _carried_forward(values: list[Any]) -> list[Any]:
    carried, last = [], MISSING
    for value in values:
        last = last if value is MISSING else value
        carried.append(last)
    return carried


def _statistic(present: list[Any], strategy: str, column_type: str) -> Any:
    if strategy == "mode":
        key = (lambda text: text) if column_type == "datetime" else _sort_key(column_type)
        ordered = sorted(present, key=key)
        return max(ordered, key=ordered.count)  # the first of the most frequent
    if strategy == "mean":
        exact = sum(map(Fraction, present)) / len(present)
    else:
        ordered = sorted(present)
        middle = len(ordered) // 2
        exact = Fraction(ordered[middle])
        if len(ordered) % 2 == 0:
            exact = (exact + Fraction(ordered[middle - 1])) / 2
    if column_type == "integer" and exact.denominator == 1:
        return int(exact)
    return float(exact)


def _constant(typed: Any, column_type: str) -> Any:
    """Return the constant as the column's type, or as a float for an integer column."""
    if column_type == "text":
        return str(typed).lower() if isinstance(typed, bool) else str(typed)
    value = MISSING
    if isinstance(typed, str):
        value = from_text(typed, column_type)
        if value is MISSING and column_type == "integer":
            value = from_text(typed, "float")
    elif isinstance(typed, bool):
        value = typed if column_type == "boolean" else MISSING
    elif column_type == "boolean":
        value = {0: False, 1: True}.get(typed, MISSING)
    elif column_type == "float":
        value = float(typed) if float(typed) == typed else MISSING
    elif column_type == "integer":
        if Fraction(typed).denominator == 1 and -(2**63) <= typed < 2**63:
            value = int(typed)
        else:
            value = float(typed)
    if value is MISSING:
        raise RefusedByReference("INVALID_PARAMETER")
    return value


def _holds(condition: dict[str, Any], cell: Any, column_type: str) -> bool:
    operator, value = condition["op"], condition.get("value")
    if operator == "is_null":
        return cell is MISSING
    if operator == "not_null":
        return cell is not MISSING
    if cell is MISSING:
        return operator == "ne"
    if column_type == "datetime":
        cell = _instant(cell)
        value = [_instant(v) for v in value] if isinstance(value, list) else _instant(value)
    if condition.get("ignore_case"):
        cell = cell.lower()
        value = [v.lower() for v in value] if isinstance(value, list) else value.lower()
    match operator:
        case "eq":
            return bool(cell == value)
        case "ne":
            return bool(cell != value)
        case "lt":
            return bool(cell < value)
        case "lte":
            return bool(cell <= value)
        case "gt":
            return bool(cell > value)
        case "gte":
            return bool(cell >= value)
        case "between":
            return bool(value[0] <= cell <= value[1])
        case "in":
            return cell in value
        case "contains":
            return value in cell
        case "starts_with":
            return bool(cell.startswith(value))
        case "ends_with":
            return bool(cell.endswith(value))
    raise AssertionError(operator)


def _instant(text: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(text)
    return moment if moment.tzinfo is None else moment.astimezone(dt.UTC).replace(tzinfo=None)


def _drop_missing_rows(table: Table, columns: list[str] | None = None, how: str = "any") -> int:
    positions = [_position(table, name) for name in columns or table.names]
    drops = any if how == "any" else all
    table.rows = [row for row in table.rows if not drops(row[at] is MISSING for at in positions)]
    return 0


def _drop_duplicate_rows(
    table: Table, columns: list[str] | None = None, keep: str = "first"
) -> int:
    positions = [_position(table, name) for name in columns or table.names]
    kept: list[list[Any]] = []
    seen: list[list[Any]] = []
    for row in table.rows if keep == "first" else table.rows[::-1]:
        values = [row[at] for at in positions]
        if values not in seen:
            seen.append(values)
            kept.append(row)
    table.rows = kept if keep == "first" else kept[::-1]
    return 0


def _filter_rows(table: Table, filter: Any) -> int:
    table.rows = [row for row in table.rows if table.holds(filter, row)]
    return 0


def _quick_nan_cleaning(
    table: Table, remove_nan_rows: bool = True, remove_nan_columns: bool = True
) -> int:
    if not remove_nan_rows and not remove_nan_columns:
        raise RefusedByReference("INVALID_PARAMETER")
    empty = [
        name
        for at, name in enumerate(table.names)
        if table.rows and all(cell is MISSING for cell in table.column(at))
    ]
    if remove_nan_columns and empty:
        _drop_columns(table, empty)
    if remove_nan_rows:
        _drop_missing_rows(table)
    return 0


def _trim(
    table: Table,
    columns: list[str] | None = None,
    capping_method: str = "iqr",
    fold: float | None = None,
    tail: str = "right",
) -> int:
    if fold is None:
        fold = 0.05 if capping_method == "quantiles" else 1.5
    if fold <= 0 or (capping_method == "quantiles" and fold > 0.2):
        raise RefusedByReference("INVALID_PARAMETER")
    numeric = [name for name, of in zip(table.names, table.types, strict=True) if of in NUMBERS]
    names = list(dict.fromkeys(numeric if columns is None else columns))
    for name in names:
        _position(table, name)
    if not names or not set(names) <= set(numeric):
        raise RefusedByReference("INVALID_PARAMETER")
    columns_of_values = [
        [float(cell) for cell in table.column(_position(table, name)) if cell is not MISSING]
        for name in names
    ]
    if not all(columns_of_values):
        raise RefusedByReference("NOTHING_TO_FIT")
    caps = [_caps(values, capping_method, fold) for values in columns_of_values]
    kept = []
    for row in table.rows:
        cells = [row[_position(table, name)] for name in names]
        too_small = [c is not MISSING and c < low for c, (low, _) in zip(cells, caps, strict=True)]
        too_large = [
            c is not MISSING and c > high for c, (_, high) in zip(cells, caps, strict=True)
        ]
        if not (tail != "right" and any(too_small)) and not (tail != "left" and any(too_large)):
            kept.append(row)
    table.rows = kept
    return 0


NUMBERS = ("integer", "float")


def _caps(values: list[float], method: str, fold: float) -> tuple[float, float]:
    if method == "gaussian":
        spread = fold * statistics.pstdev(values)
        return statistics.fmean(values) - spread, statistics.fmean(values) + spread
    if method == "mad":
        middle = statistics.median(values)
        spread = fold * statistics.median(abs(value - middle) for value in values) / 0.67449
        return middle - spread, middle + spread
    if method == "quantiles":
        return _quantile(values, fold), _quantile(values, 1 - fold)
    low, high = _quantile(values, 0.25), _quantile(values, 0.75)
    return low - fold * (high - low), high + fold * (high - low)


def _quantile(values: list[float], share: float) -> float:
    """Return the quantile, interpolated linearly."""
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def _put_column(table: Table, at: int, values: list[Any]) -> None:
    for row, value in zip(table.rows, values, strict=True):
        row[at] = value


def _sort_key(column_type: str) -> Any:
    if column_type == "datetime":
        return lambda text: dt.datetime.fromisoformat(text.removesuffix("Z"))
    return lambda value: value


_OPERATIONS = {
    "rename_column": _rename_column,
    "column_operation_rename": _rename_columns,
    "column_operation_drop": _drop_columns,
    "column_operation_duplicate": _duplicate_columns,
    "change_column_type": _change_column_type,
    "fill_missing_values": _fill_missing_values,
    "drop_missing_rows": _drop_missing_rows,
    "drop_duplicate_rows": _drop_duplicate_rows,
    "filter_rows": _filter_rows,
    "quick_nan_cleaning": _quick_nan_cleaning,
    "outlier_treatment_trim": _trim,
}
