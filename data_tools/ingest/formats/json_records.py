"""The records of a JSON file, in any of three layouts.

| layout | looks like |
| --- | --- |
| records | `[{"a": 1}, {"a": 2}]` |
| lines | `{"a": 1}` and `{"a": 2}`, each on a line of its own |
| split | `{"columns": ["a"], "data": [[1], [2]]}` |
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from data_tools.ingest.exceptions import BrokenJson, EmptyFile
from data_tools.ingest.formats.json_reader import JsonReader, WrittenNumber
from data_tools.ingest.limits import Limits

_SPLIT_KEYS = ("columns", "index", "data")


class JsonRecords:
    """The records as lists of values, in the order of `names`, which grows as keys appear.

    A record holds values for the names that were known when it was read. A key that it lacks is
    missing, like null.
    """

    def __init__(self, reader: JsonReader, *, is_lines: bool, limits: Limits) -> None:
        """`is_lines` says that the file's name settles the layout; else its beginning does."""
        self._reader = reader
        self._is_lines = is_lines
        self._limits = limits
        self._positions: dict[str, int] = {}
        self._split_names: list[str] | None = None
        self._width = 0
        self.layout = "lines"
        self.leaves_index_out = False
        self.number = 0
        """The number of records read so far."""

    @property
    def names(self) -> list[str]:
        return list(self._positions) if self._split_names is None else self._split_names

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield the records.

        Raises:
            BrokenJson: the file is not JSON, or not in one of the layouts.
            EmptyFile: the file holds only blanks.
            RecordTooLong, TooManyColumns, TooManyRows: a limit is exceeded.
        """
        match self._reader.peek():
            case "":
                raise EmptyFile("The file is empty: it holds no JSON.")
            case "[" if not self._is_lines:
                self.layout = "records"
                for _ in self._parts_in("[]"):
                    yield self._record()
            case "{" if not self._is_lines and self._reader.first_list_key() in _SPLIT_KEYS:
                self.layout = "split"
                yield from self._split()
            case "{":
                yield self._record()
                while self._reader.next_line():
                    yield self._record()
            case _:
                raise self._reader.broken("a table begins with { or [")
        if self._reader.peek():
            raise self._reader.broken("there is more after the end of the table")

    def _parts_in(self, brackets: str) -> Iterator[None]:
        """Stop at each part of the array or object in these brackets, for the caller to read it."""
        reader, (first, last) = self._reader, brackets
        reader.skip(first)
        if reader.peek() != last:
            yield
            while reader.peek() != last:
                reader.skip(",", f", or {last}")
                yield
        reader.skip(last)

    def _next_value(self) -> Any:
        """Return the next record's value, and count it."""
        self._limits.refuse_rows(self.number + 1)
        self.number += 1
        return self._reader.value(f"record {self.number:,}")

    def _record(self) -> list[Any]:
        record = self._next_value()
        if not isinstance(record, dict):
            raise self._reader.broken(f"record {self.number:,} is not an object")
        values: list[Any] = [None] * len(self._positions)
        for key, value in record.items():
            position = self._positions.get(key)
            if position is None:
                self._positions[key] = len(self._positions)
                self._limits.refuse_columns(len(self._positions))
                values.append(value)
            else:
                values[position] = value
        return values

    def _split(self) -> Iterator[list[Any]]:
        reader = self._reader
        seen: set[str] = set()
        for _ in self._parts_in("{}"):
            key = reader.value("a key")
            if key not in _SPLIT_KEYS or isinstance(key, WrittenNumber) or key in seen:
                raise reader.broken(
                    f"there is something other than {', '.join(_SPLIT_KEYS)}, each once"
                )
            seen.add(key)
            reader.skip(":")
            if key == "columns":
                self._read_columns()
                continue
            for _ in self._parts_in("[]"):
                if key == "data":
                    yield self._split_row()
                else:
                    self.leaves_index_out = True
                    reader.value("the index")
        if self._split_names is None:
            raise reader.broken("there is no list of “columns”")
        if self.number and self._width != len(self._split_names):
            raise self._ragged(1, self._width, len(self._split_names))

    def _read_columns(self) -> None:
        names = self._reader.value("the list of columns")
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            raise self._reader.broken("“columns” must be a list of names")
        self._limits.refuse_columns(len(names))
        self._split_names = [str(name) for name in names]

    def _split_row(self) -> list[Any]:
        row = self._next_value()
        if not isinstance(row, list):
            raise self._reader.broken(f"record {self.number:,} of “data” is not a list")
        if self.number == 1:
            self._width = len(row)
        expected = self._width if self._split_names is None else len(self._split_names)
        if len(row) != expected:
            raise self._ragged(self.number, len(row), expected)
        return row

    def _ragged(self, number: int, value_count: int, column_count: int) -> BrokenJson:
        return self._reader.broken(
            f"record {number:,} has {value_count:,} values; there are {column_count:,} columns"
        )
