"""The records of a JSON file, whichever layout of `json_layout` they are in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from itertools import chain, islice
from typing import Any

from data_tools.ingest.exceptions import BrokenJson, EmptyFile, OptionNotApplicable
from data_tools.ingest.formats.json_columns import ColumnStore
from data_tools.ingest.formats.json_layout import LAYOUTS_READ, JsonLayout
from data_tools.ingest.formats.json_outline import Outline, Shape, read_outline, shape_of
from data_tools.ingest.formats.json_reader import EndsTooEarly, JsonReader
from data_tools.ingest.guess import CHOSEN, Certainty, Guess
from data_tools.ingest.limits import Limits
from data_tools.ingest.options import Open

# A header is looked for among so many rows, of which all but the last are texts alone.
_HEADER_ROWS = 20
_HEADER_CHARACTERS = 1 << 20
_INDEX = "index"
_KEYS_OF_NAME = ("name", "title", "label", "field", "id", "key")


class RaggedRecords(BrokenJson, code=BrokenJson.code):
    """A record has too few or too many values."""


class JsonRecords:
    """The records as lists of values, in the order of `names`, which grows as keys appear.

    A record holds values for the names that were known when it was read. A key that it lacks is
    missing, like null.
    """

    def __init__(
        self,
        reader: JsonReader,
        layout: JsonLayout,
        *,
        header_row: int | Open | None,
        pads_ragged: bool,
        is_cut_off: bool,
        limits: Limits,
    ) -> None:
        """`header_row` and `pads_ragged` are for the layout `values`, in which rows are counted
        from 1. `is_cut_off` leaves out the record in which the file ends."""
        self.layout = layout
        self.leaves_index_out = layout.name in ("columns", "index") and (
            not layout.keeps_keys and (layout.is_keyed or layout.name == "index")
        )
        self.number = 0
        """The number of records read so far."""
        self.header_row: int | None = None
        self._header_is_sure = False
        self._reader = reader
        self._header_row = header_row
        self._pads_ragged = pads_ragged
        self._is_cut_off = is_cut_off
        self._limits = limits
        self._positions: dict[tuple[str, str], int] = {}
        self._fixed_names: list[str] | None = None
        self._has_ended = False

    @property
    def header_guess(self) -> Guess[int | None]:
        """Which row of the layout `values` holds the names."""
        if self._header_row is not Open.GUESS:
            certainty, why = Certainty.CERTAIN, CHOSEN
        elif self.header_row and self._header_is_sure:
            certainty, why = Certainty.LIKELY, "It holds only texts, and a row below it does not."
        elif self.header_row:
            certainty, why = Certainty.GUESS, "It holds only texts, but so do the rows below it."
        else:
            certainty, why = Certainty.GUESS, "The first row does not look like names."
        return Guess(value=self.header_row, certainty=certainty, why=why)

    @property
    def names(self) -> list[str]:
        if self._fixed_names is not None:
            return self._fixed_names
        return [key for _, key in self._positions]

    def __iter__(self) -> Iterator[list[Any]]:
        """Yield the records.

        Raises:
            BrokenJson: the file is not JSON, or does not keep to its layout.
            OptionNotApplicable: the layout has names of its own, and `header_row` is given.
            RecordTooLong, TooManyColumns, TooManyRows: a limit is exceeded.
        """
        if self.layout.name != "values" and self._header_row is not Open.GUESS:
            raise OptionNotApplicable(
                f"The file is JSON in the layout “{self.layout.name}”, whose columns have names, "
                "so the option “header_row” does not apply.",
                report={"options": ["header_row"]},
            )
        try:
            for _ in self._at(self.layout.path):
                yield from self._table()
                if self._has_ended:
                    return
        except EndsTooEarly:
            if not self._is_cut_off:
                raise
        if self._reader.peek() and not self._is_cut_off:
            raise self._reader.broken("there is more after the end of the table")

    def _at(self, path: tuple[str, ...]) -> Iterator[None]:
        """Stop at the value under these keys, for the caller to read it; check all others."""
        if not path:
            yield
            return
        for _ in self._reader.parts_in("{}"):
            if self._reader.key() == path[0]:
                yield from self._at(path[1:])
            else:
                read_outline(self._reader, Outline())

    def _table(self) -> Iterator[list[Any]]:
        match self.layout.name:
            case "records" | "geojson":
                for _ in self._reader.parts_in("[]"):
                    yield self._record()
            case "lines" if self.layout.path:
                yield self._record()
            case "lines":
                while self._reader.peek():
                    yield self._record()
            case "values":
                yield from self._values()
            case "split":
                yield from self._split()
            case "index":
                for _ in self._reader.parts_in("{}"):
                    yield self._record(key=self._reader.key())
            case "columns":
                yield from self._columns()

    def _next_value(self) -> Any:
        """Return the next record's value, and count it."""
        self._count_record()
        return self._reader.value(f"record {self.number:,}")

    def _count_record(self) -> None:
        self._limits.refuse_rows(self.number + 1)
        self.number += 1

    def _record(self, key: str = "") -> list[Any]:
        record = self._next_value()
        if not isinstance(record, dict):
            raise self._reader.broken(f"record {self.number:,} is not an object. {LAYOUTS_READ}")
        pairs = _pairs_of_feature(record) if _is_feature(record) else _pairs(record)
        if self.layout.keeps_keys:
            pairs = chain([(("key", _INDEX), key)], pairs)
        values: list[Any] = [None] * len(self._positions)
        for place, value in pairs:
            position = self._positions.get(place)
            if position is None:
                self._positions[place] = len(self._positions)
                self._limits.refuse_columns(len(self._positions))
                values.append(value)
            else:
                values[position] = value
        return values

    def _columns(self) -> Iterator[list[Any]]:
        with closing(ColumnStore()) as columns, closing(ColumnStore()) as keys:
            names = self._store_columns(columns, keys)
            keeps_keys = self.layout.keeps_keys
            self._fixed_names = [_INDEX, *names] if keeps_keys else names
            rows = columns.rows()
            for row in _joined(keys.rows(), rows) if keeps_keys else rows:
                self._count_record()
                yield row

    def _store_columns(self, columns: ColumnStore, keys: ColumnStore) -> list[str]:
        """Store each column, and the keys of the rows if they are kept; return the names."""
        names: list[str] = []
        try:
            for _ in self._reader.parts_in("{}"):
                names.append(self._reader.key())
                self._limits.refuse_columns(len(names))
                columns.begin()
                if len(names) == 1:
                    keys.begin()
                for _ in self._reader.parts_in("{}" if self.layout.is_keyed else "[]"):
                    key = self._reader.key() if self.layout.is_keyed else None
                    columns.append(self._reader.value("a value"))
                    if len(names) == 1 and self.layout.keeps_keys:
                        keys.append(key)
        except EndsTooEarly:
            if not self._is_cut_off:
                raise
            self._has_ended = True
            if len(names) > 1:  # the last column has only some of the rows
                names.pop()
                columns.drop_last()
        return names

    def _values(self) -> Iterator[list[Any]]:
        """Yield the rows below the one with the names, if there is one."""
        rows = self._lists()
        top = self._take_header(rows)
        for row in chain(top, rows):
            self._count_record()
            if self._fixed_names is None:
                self._limits.refuse_columns(len(row))
                self._fixed_names = [""] * len(row)
            width = len(self._fixed_names)
            missing = width - len(row) if self._pads_ragged else 0
            if len(row) + max(0, missing) != width:
                raise self._ragged(self.number, len(row), width)
            yield [*row, *[None] * missing]

    def _lists(self) -> Iterator[list[Any]]:
        reader = self._reader
        lists = self._until_the_end() if self.layout.is_sequence else reader.parts_in("[]")
        for number, _ in enumerate(lists, start=1):
            value = reader.value(f"list {number:,}")
            if not isinstance(value, list):
                raise reader.broken(f"list {number:,} of the table is not a list. {LAYOUTS_READ}")
            yield value

    def _until_the_end(self) -> Iterator[None]:
        while self._reader.peek():
            yield

    def _take_header(self, rows: Iterator[list[Any]]) -> list[list[Any]]:
        """Set the names from the rows; return the rows below them that were looked at."""
        top: list[list[Any]] = []
        if isinstance(self._header_row, int):
            top = list(islice(rows, self._header_row))
            if len(top) < self._header_row:
                raise EmptyFile(f"The file has no row {self._header_row:,} to hold the names.")
            top = top[-1:]
            self.header_row = self._header_row
        elif self._header_row is Open.GUESS:
            characters = 0
            for row in rows:
                top.append(row)
                characters += sum(map(len, row)) if _are_texts(row) else 0
                is_enough = len(top) == _HEADER_ROWS or characters > _HEADER_CHARACTERS
                if not _are_texts(row) or is_enough:
                    break
            first = top[0] if top else []
            is_header = bool(first) and _are_texts(first) and len(set(first)) == len(first)
            self._header_is_sure = not _are_texts(top[-1]) if top else False
            if len(top) > 1 and is_header:
                self.header_row = 1
        if self.header_row:
            header, *top = top
            self._limits.refuse_columns(len(header))
            self._fixed_names = ["" if name is None else str(name) for name in header]
        return top

    def _split(self) -> Iterator[list[Any]]:
        reader, (names_key, rows_key) = self._reader, self.layout.keys
        width: int | None = None
        for _ in reader.parts_in("{}"):
            key = reader.key()
            if key == names_key:
                self._read_names()
            elif key == rows_key:
                for _ in reader.parts_in("[]"):
                    row = self._split_row()
                    width = len(row) if width is None else width
                    expected = width if self._fixed_names is None else len(self._fixed_names)
                    if len(row) != expected:
                        raise self._ragged(self.number, len(row), expected)
                    yield row
            else:
                self.leaves_index_out |= key == _INDEX
                read_outline(reader, Outline())
        assert self._fixed_names is not None
        if width not in (None, len(self._fixed_names)):
            raise self._ragged(1, width or 0, len(self._fixed_names))

    def _read_names(self) -> None:
        names = self._reader.value("the list of columns")
        names = [_described(name) if isinstance(name, dict) else name for name in names]
        if not all(isinstance(name, str) for name in names):
            raise self._reader.broken(f"“{self.layout.keys[0]}” must be a list of names")
        self._limits.refuse_columns(len(names))
        self._fixed_names = [str(name) for name in names]

    def _split_row(self) -> list[Any]:
        row = self._next_value()
        if not isinstance(row, list):
            raise self._reader.broken(
                f"record {self.number:,} of “{self.layout.keys[1]}” is not a list"
            )
        return row

    def _ragged(self, number: int, value_count: int, column_count: int) -> BrokenJson:
        values, columns = (
            f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
            for count, noun in ((value_count, "value"), (column_count, "column"))
        )
        there_are = "there is" if column_count == 1 else "there are"
        broken = self._reader.broken(f"record {number:,} has {values}; {there_are} {columns}")
        return RaggedRecords(broken.reason, report=broken.report)


def _pairs(record: dict[str, Any]) -> Iterable[tuple[tuple[str, str], Any]]:
    return ((("", key), value) for key, value in record.items())


def _is_feature(record: dict[str, Any]) -> bool:
    return (
        record.get("type") == "Feature"
        and "geometry" in record
        and isinstance(record.get("properties", 0), dict | None)
    )


def _pairs_of_feature(feature: dict[str, Any]) -> Iterable[tuple[tuple[str, str], Any]]:
    """Yield the cells of a GeoJSON feature: its properties among its other members."""
    for key, value in feature.items():
        if key == "properties":
            yield from ((("property", name), inner) for name, inner in (value or {}).items())
        elif key != "type":
            yield ("", key), value


def _described(column: dict[str, Any]) -> str | None:
    """Return the name in an object that describes a column; None if it has none."""
    names = (column.get(key) for key in _KEYS_OF_NAME)
    return next((name for name in names if isinstance(name, str)), None)


def _are_texts(row: list[Any]) -> bool:
    return all(shape_of(value) is Shape.TEXT for value in row)


def _joined(keys: Iterator[list[Any]], rows: Iterator[list[Any]]) -> Iterator[list[Any]]:
    return ([*key, *row] for key, row in zip(keys, rows, strict=False))
