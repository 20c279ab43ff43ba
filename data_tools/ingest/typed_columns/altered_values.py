"""Values that are stored otherwise than they were written, counted for each type in question."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from data_tools.ingest.typed_columns.text_parsers import UNITS, TextParser

_FORMS = {
    TextParser.INTEGER: ("integer", "float"),
    TextParser.FLOAT: ("float",),
    TextParser.BOOLEAN: ("boolean",),
    TextParser.DATE: ("date",),
    TextParser.LOCAL_DATETIME: UNITS,
    TextParser.ZONED_DATETIME: UNITS,
    TextParser.TEXT: ("text",),
}


@dataclass(slots=True, kw_only=True)
class Altered:
    """The values that one form of the column alters, and the first of them."""

    count: int = 0
    row: int = 0
    written: str = ""
    value: str = ""
    """The first one as the parser reads it: trimmed, and in the notation of programs."""


class AlteredValues:
    """A form is a type, or a unit of datetimes: which one the column gets is known at its end."""

    def __init__(self) -> None:
        self._by_form: dict[str, Altered] = defaultdict(Altered)

    def of(self, parser: TextParser, *, unit: str) -> Altered:
        """Return what a column of this parser, with this unit of its datetimes, alters."""
        forms = _FORMS[parser]
        return self._by_form[unit if forms is UNITS else forms[0]]

    def add(
        self,
        parser: TextParser,
        *,
        written: pa.StringArray,
        values: pa.StringArray,
        respelled: Mapping[str, pa.BooleanArray],
        rows_before: int,
    ) -> None:
        """Count the next values, which the parser took.

        `values` are those that the parser read, `written` itself if nothing was done before, and
        `respelled` are those that it stores in another form than it read.
        """
        changed = None if values is written else pc.not_equal(values, written)
        for form in _FORMS[parser]:
            mask = respelled.get(form)
            if mask is None:
                mask = changed
            elif changed is not None:
                mask = pc.or_kleene(mask, changed)
            if mask is not None and mask.true_count:
                self._add(self._by_form[form], mask, written, values, rows_before)

    @staticmethod
    def _add(
        altered: Altered,
        mask: pa.BooleanArray,
        written: pa.StringArray,
        values: pa.StringArray,
        rows_before: int,
    ) -> None:
        if not altered.count:
            index = pc.index(mask, True).as_py()
            altered.row = rows_before + index + 1
            altered.written, altered.value = written[index].as_py(), values[index].as_py()
        altered.count += mask.true_count
