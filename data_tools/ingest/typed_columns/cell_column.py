"""A column of cells that carry their kind, as workbooks and JSON files have them."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.cells import Kind, of_kind, texts_of
from data_tools.columns import ColumnType
from data_tools.ingest.guess import Certainty
from data_tools.ingest.options import ColumnOptions, ReadingOptions
from data_tools.ingest.table import refuse_nul
from data_tools.ingest.typed_columns import null_tokens
from data_tools.ingest.typed_columns.inferred_column import InferredColumn
from data_tools.ingest.typed_columns.text_parsers import TextParser

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
    Kind.TIME: "times of day",
    Kind.DURATION: "durations",
    Kind.TEXT: "texts",
    Kind.NESTED: "lists or objects",
}
# A time of day is written with two digits for the hours and, if it has a fraction, with six.
_AS_DURATION = (r"^0?(\d+:\d\d:\d\d(?:\.\d*[1-9])?)0*$", r"\1")


class CellColumn(InferredColumn):
    """A column in which a number stays a number and a text stays a text: "007" is never 7.

    Cells of several kinds make a text column, with a note that counts them. There are two
    exceptions: dates among datetimes become datetimes at midnight, and times of day among durations
    are spelled as durations, `2:00:00` rather than `02:00:00`.
    """

    def __init__(self, name: str, kinds: Counter[str], *, texts_may_be_dates: bool = False) -> None:
        """`kinds` counts the cells of each kind in the whole column.

        `texts_may_be_dates` says that the file's format can write a date only as text.
        """
        self._kinds = {Kind(letter): count for letter, count in kinds.items()}
        present = frozenset(self._kinds)
        self._pads_dates = present == {Kind.DATE, Kind.DATETIME}
        self._spells_durations = present >= {Kind.TIME, Kind.DURATION}
        self._allowed_texts: tuple[str, ...] | None = None
        parsers = _PARSERS.get(present, ())
        if present == {Kind.TEXT} and texts_may_be_dates:
            parsers = (TextParser.DATE, *_DATETIMES)
        super().__init__(name, parsers)
        self.is_as_written = texts_may_be_dates
        self.type_is_open = present <= {Kind.TEXT}

    def follow(self, options: ReadingOptions, column_options: ColumnOptions) -> None:
        super().follow(options, column_options)
        others = frozenset(self._kinds) - {Kind.TEXT}
        if options.null_values and not self._reading.type and len(self._kinds) > len(others):
            # Perhaps every text of the column is a missing value.
            self._allowed_texts = options.null_values
            self._parsers = _PARSERS.get(others, ())
            self._pads_dates = others == {Kind.DATE, Kind.DATETIME}

    def observe(self, values: pa.StringArray) -> None:
        """Observe a batch.

        Raises:
            NulCharacter: a text contains one.
            ValueNotOfType: a value is not of the type that the owner asked for.
        """
        refuse_nul(values, column=self.report.name, rows_before=self._evidence.rows)
        if self._allowed_texts is not None:
            texts = values.filter(of_kind(values, Kind.TEXT))
            others = null_tokens.nullified(texts_of(texts), self._allowed_texts)
            if others.null_count < len(others):
                self._parsers, self._parser, self._date_formats = (), TextParser.TEXT, []
        super().observe(self._texts(values))

    @property
    def awaits_plain_floats(self) -> bool:
        return False  # a cell has its kind before its text

    @property
    def rewrites_floats(self) -> bool:
        return False

    def conclude(self) -> None:
        super().conclude()
        report = self.report
        if report.type is ColumnType.TEXT and set(self._kinds) - {Kind.TEXT}:
            counts = [f"{_PLURALS[kind]} ({count:,})" for kind, count in self._kinds.items()]
            report.notes.append(f"Kept as text: {', '.join(counts)}.")
            if not self._parsers and not self._reading.type:
                report.certainty = Certainty.LIKELY if len(self._kinds) > 1 else Certainty.CERTAIN
                report.why = f"The column holds {', '.join(counts)}."

    def json_texts(self, values: pa.StringArray) -> pa.StringArray:
        return super().json_texts(self._texts(values))

    def _texts(self, cells: pa.StringArray) -> pa.StringArray:
        texts = texts_of(cells)
        if self._pads_dates:
            midnight = pc.binary_join_element_wise(texts, "00:00:00", "T")
            texts = pc.if_else(of_kind(cells, Kind.DATE), midnight, texts)
        if self._spells_durations:
            durations = pc.replace_substring_regex(texts, *_AS_DURATION)
            texts = pc.if_else(of_kind(cells, Kind.TIME), durations, texts)
        return texts
