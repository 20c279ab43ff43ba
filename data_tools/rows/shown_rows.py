"""The rows of a page: as many as fit, with long texts cut, and their values on demand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from data_tools.columns import ColumnType
from data_tools.rows.answer_room import Room
from data_tools.rows.on_demand import OnDemand
from session_events.events import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class CutText:
    """A text of which a page shows only the beginning.

    `row` is its row's place, from 1, among all rows of the selection, not on the page. `characters`
    is the length of the whole text.
    """

    row: int
    column: str
    characters: int


def emptied(texts: list[str]) -> Iterator[str]:
    """Yield the texts in order and drop each, so that no second copy of all of them is held."""
    texts.reverse()
    while texts:
        yield texts.pop()


def shown_rows(
    texts: Iterable[str], columns: Sequence[Column], room: Room, *, first_row: int
) -> tuple[Sequence[list[Any]], tuple[CutText, ...]]:
    """Return the values of the rows that fit, on demand, and which of their texts were cut.

    Rows that kept within their share arrive with their long texts whole; those are cut here.
    """
    text_positions = [at for at, column in enumerate(columns) if column.type == ColumnType.TEXT]
    shown: list[bytes] = []
    cut_texts: list[CutText] = []
    left = room.total_bytes
    for row, text in enumerate(texts, start=first_row):
        written, marks = _cut(text, text_positions, room.longest_text)
        cut = [CutText(row=row, column=columns[at].name, characters=long) for at, long in marks]
        left -= sum(room.mark_bytes(each.column) for each in cut)
        left -= room.bytes_per_row + len(written)
        if left < 0:
            break
        shown.append(written)
        cut_texts += cut
    return OnDemand(row_reader(columns), shown), tuple(cut_texts)


def row_reader(columns: Sequence[Column]) -> Callable[[str | bytes], list[Any]]:
    """Return a function that reads the values of a row of these columns from its JSON."""
    floats = [at for at, column in enumerate(columns) if column.type == ColumnType.FLOAT]

    def read(written: str | bytes) -> list[Any]:
        row: list[Any] = orjson.loads(written)
        for at in floats:
            if type(row[at]) is int:  # jsonb writes 1e16, or a computed 2.0, as an integer
                row[at] = float(row[at])
        return row

    return read


def _cut(
    text: str, text_positions: Sequence[int], longest_text: int
) -> tuple[bytes, list[tuple[int, int]]]:
    """Return a row's JSON, and the positions and whole lengths of its texts that were cut.

    The row is an array, or an object if the database cut its texts: see `data_tools_shown_row`.
    """
    if text.startswith("{"):
        read = orjson.loads(text)
        return orjson.dumps(read["row"]), read["cut"]
    if len(text) <= longest_text:
        return text.encode(), []
    row = orjson.loads(text)
    marks: list[tuple[int, int]] = []
    for at in text_positions:
        if isinstance(row[at], str) and len(row[at]) > longest_text:
            marks.append((at, len(row[at])))
            row[at] = row[at][:longest_text]
    return (orjson.dumps(row) if marks else text.encode()), marks
