"""A column of cells that know what they are: of a workbook, or of JSON."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.cells import Kind, of_kind, texts_of
from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import NulCharacter
from data_tools.ingest.inferred_column import InferredColumn, Reading
from data_tools.ingest.report import ColumnReport

_NUMBERS = (Reading.INTEGER, Reading.FLOAT)
_DATETIMES = (Reading.LOCAL_DATETIME, Reading.ZONED_DATETIME)
_PLURALS = {
    Kind.NUMBER: "numbers",
    Kind.BOOLEAN: "booleans",
    Kind.DATE: "dates",
    Kind.DATETIME: "datetimes",
    Kind.TIME: "times of day or durations",
    Kind.TEXT: "texts",
    Kind.NESTED: "lists or objects",
}


class CellColumn:
    """A number stays a number and a text a text: "007" is never 7. Cells of several kinds make a
    column of text, with a note that counts them; but dates go with datetimes, at midnight."""

    def __init__(self, name: str, kinds: Counter[str], *, texts_may_be_dates: bool = False) -> None:
        """`kinds` counts the cells of each kind in the whole column. `texts_may_be_dates`: the
        file has no other way to write one."""
        self._name = name
        self._rows = 0
        self._kinds = {Kind(letter): count for letter, count in kinds.items()}
        present = set(self._kinds)
        self._pads_dates = present == {Kind.DATE, Kind.DATETIME}
        self._written = InferredColumn(name, _readings_for(present, texts_may_be_dates))

    @property
    def report(self) -> ColumnReport:
        return self._written.report

    def observe(self, values: pa.StringArray) -> None:
        """Raises `NulCharacter`."""
        index = pc.index(pc.match_substring(values, "\0"), True).as_py()
        if index >= 0:
            raise NulCharacter(
                f"The text in row {self._rows + index + 1} of column “{self._name}” contains the "
                "NUL character, which the database cannot store."
            )
        self._rows += len(values)
        self._written.observe(self._texts(values))

    def conclude(self) -> ColumnType:
        type_ = self._written.conclude()
        if type_ is ColumnType.TEXT and set(self._kinds) - {Kind.TEXT}:
            counted = [f"{_PLURALS[kind]} ({count:,})" for kind, count in self._kinds.items()]
            self.report.notes.append(f"Kept as text: {', '.join(counted)}.")
        return type_

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        return self._written.json_texts(self._texts(values))

    def _texts(self, cells: pa.StringArray) -> pa.StringArray:
        texts = texts_of(cells)
        if self._pads_dates:
            midnight = pc.binary_join_element_wise(texts, "00:00:00", "T")
            texts = pc.if_else(of_kind(cells, Kind.DATE), midnight, texts)
        return texts

    def facts(self) -> dict[str, Any]:
        return self._written.facts()


def _readings_for(present: set[Kind], texts_may_be_dates: bool) -> tuple[Reading, ...]:
    if present == {Kind.NUMBER}:
        return _NUMBERS
    if present == {Kind.BOOLEAN}:
        return (Reading.BOOLEAN,)
    if present == {Kind.DATE}:
        return (Reading.DATE,)
    if present and present <= {Kind.DATE, Kind.DATETIME}:
        return _DATETIMES
    if present == {Kind.TEXT} and texts_may_be_dates:
        return (Reading.DATE, *_DATETIMES)
    return ()
