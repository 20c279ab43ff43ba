"""The columns of a Parquet file in the types in which they are handed on."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pyarrow as pa

from data_tools.sandbox.nested_json import NoNumbers, NotText, json_texts, plain_texts
from data_tools.sandbox.parquet_types import is_nested, is_uuid, plain
from data_tools.sandbox.refusal import Code, Refusal

_MONTH_DAYS_MILLISECONDS = 12


class ColumnConverter:
    """Converts one column, batch by batch."""

    def __init__(self, name: str, type_: pa.DataType, *, is_interval: bool) -> None:
        """`is_interval` says that 12 bytes are months, days and milliseconds."""
        self._name = name
        self._type = type_
        self._is_interval = is_interval
        self._no_numbers = NoNumbers()
        self._pending = NoNumbers()
        self.plain_type = pa.large_string() if is_interval else plain(type_)

    def converted(self, values: pa.Array, *, first_row: int) -> pa.Array:
        """Return the values in the plain type. `first_row` counts from 1, for errors.

        Call `commit` if they are used.

        Raises:
            MemoryError: there is more text than an array can hold.
            Refusal: bytes inside a list or struct are no text.
        """
        self._pending = NoNumbers()
        try:
            if self._is_interval:
                return pa.array(map(_interval, values.to_pylist()), self.plain_type)
            elif is_nested(self._type):
                return self._nested(values, first_row)
            elif is_uuid(self._type):
                return pa.array(plain_texts(values), self.plain_type)
            elif pa.types.is_fixed_size_binary(self._type):
                return values.cast(pa.binary()).cast(self.plain_type)
            storage = values.storage if isinstance(values, pa.ExtensionArray) else values
            return storage.cast(self.plain_type)
        except pa.ArrowInvalid as error:
            raise MemoryError from error

    def commit(self) -> None:
        """Count what became null in the values that were converted last."""
        self._no_numbers.nan_count += self._pending.nan_count
        self._no_numbers.infinity_count += self._pending.infinity_count

    def facts(self) -> dict[str, Any] | None:
        """Return what the report says of a nested column; None for another."""
        return asdict(self._no_numbers) if is_nested(self._type) else None

    def _nested(self, values: pa.Array, first_row: int) -> pa.Array:
        try:
            texts = json_texts(values, self._pending)
        except NotText as error:
            raise Refusal(
                Code.UNSUPPORTED_COLUMN,
                f"Column “{self._name[:80]}” holds bytes inside a list or struct that are no UTF-8 "
                f"text, in row {first_row + _first_without_text(values):,}. Convert them to "
                "text, or leave the column out.",
            ) from error
        is_valid = values.is_valid().to_pylist()
        return pa.array(
            [text if valid else None for text, valid in zip(texts, is_valid, strict=True)],
            self.plain_type,
        )


def _first_without_text(values: pa.Array) -> int:
    for row in range(len(values)):
        try:
            json_texts(values.slice(row, 1), NoNumbers())
        except NotText:
            return row
    return 0


def _interval(value: bytes | None) -> str | None:
    """Return an ISO 8601 duration: months and days have no fixed length, so hours cannot tell."""
    if value is None or len(value) != _MONTH_DAYS_MILLISECONDS:
        return None
    months, days, milliseconds = (
        int.from_bytes(value[start : start + 4], "little") for start in (0, 4, 8)
    )
    seconds = f"{milliseconds // 1000}" + (
        f".{milliseconds % 1000:03}".rstrip("0") if milliseconds % 1000 else ""
    )
    return f"P{months}M{days}DT{seconds}S"
