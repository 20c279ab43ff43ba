"""A column of cells that carry their kind, as workbooks and JSON files have them."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.cells import Kind, of_kind, texts_of
from data_tools.columns import ColumnType
from data_tools.ingest.table import refuse_nul
from data_tools.ingest.typed_columns.inferred_column import InferredColumn, TextParser

_DATETIMES = (TextParser.LOCAL_DATETIME, TextParser.ZONED_DATETIME)
_PARSERS = {
    frozenset({Kind.NUMBER}): (TextParser.INTEGER, TextParser.FLOAT),
    frozenset({Kind.BOOLEAN}): (TextParser.BOOLEAN,),
    frozenset({Kind.DATE}): (TextParser.DATE,),
    frozenset({Kind.DATETIME}): _DATETIMES,
    frozenset({Kind.DATE, Kind.DATETIME}): _DATETIMES,
}
_PLURALS = {
    Kind.NUMBER: "numbers",
    Kind.BOOLEAN: "booleans",
    Kind.DATE: "dates",
    Kind.DATETIME: "datetimes",
    Kind.TIME: "times of day or durations",
    Kind.TEXT: "texts",
    Kind.NESTED: "lists or objects",
}


class CellColumn(InferredColumn):
    """A column in which a number stays a number and a text stays a text: "007" is never 7.

    Cells of several kinds make a text column, with a note that counts them. Dates among datetimes
    are the exception: they become datetimes at midnight.
    """

    def __init__(self, name: str, kinds: Counter[str], *, texts_may_be_dates: bool = False) -> None:
        """`kinds` counts the cells of each kind in the whole column.

        `texts_may_be_dates` says that the file's format can write a date only as text.
        """
        self._rows = 0
        self._kinds = {Kind(letter): count for letter, count in kinds.items()}
        present = frozenset(self._kinds)
        self._pads_dates = present == {Kind.DATE, Kind.DATETIME}
        parsers = _PARSERS.get(present, ())
        if present == {Kind.TEXT} and texts_may_be_dates:
            parsers = (TextParser.DATE, *_DATETIMES)
        super().__init__(name, parsers)

    def observe(self, values: pa.StringArray) -> None:
        """Observe a batch.

        Raises:
            NulCharacter: a text contains one.
        """
        refuse_nul(values, column=self.report.name, rows_before=self._rows)
        self._rows += len(values)
        super().observe(self._texts(values))

    def conclude(self) -> None:
        super().conclude()
        if self.report.type is ColumnType.TEXT and set(self._kinds) - {Kind.TEXT}:
            counts = [f"{_PLURALS[kind]} ({count:,})" for kind, count in self._kinds.items()]
            self.report.notes.append(f"Kept as text: {', '.join(counts)}.")

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        return super().json_texts(self._texts(values))

    def _texts(self, cells: pa.StringArray) -> pa.StringArray:
        texts = texts_of(cells)
        if self._pads_dates:
            midnight = pc.binary_join_element_wise(texts, "00:00:00", "T")
            texts = pc.if_else(of_kind(cells, Kind.DATE), midnight, texts)
        return texts
