"""Texts read as dates by a format, and the formats that would read a column."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from typing import Any

from data_tools.columns import ColumnType
from data_tools.date_formats import (
    MONTHS,
    DateFormat,
    candidates_for,
    parse_format,
    without_repetition,
)
from data_tools.operations.row_source import Rows
from data_tools.sql.expressions import Computed, Expression, computed
from data_tools.sql.fragment import bound, joined, number, sql

_TEXTS_LOOKED_AT = 200
_MOST_CANDIDATES = 4  # each is a regular expression for every row


@dataclass(frozen=True, slots=True, kw_only=True)
class OfferedFormat:
    """A format that would read `fits` values of a column."""

    format: DateFormat
    fits: int

    def as_json(self) -> dict[str, Any]:
        return {"format": str(self.format), "order": self.format.order, "fits": self.fits}


def read_dates(cell: Expression, date_format: str, target: ColumnType) -> Computed:
    """Return the text as a date or a datetime, null where the format does not read it.

    A date is null where the text has a time of day other than midnight, or an offset.
    """
    pattern, letters = _compiled(parse_format(date_format))
    return computed(
        target,
        "data_tools_text_by_format({cell}, {pattern}, {letters}, {as_date})",
        cell,
        pattern=bound(pattern),
        letters=bound(letters),
        as_date=bound(target is ColumnType.DATE),
    )


def offered_formats(
    rows: Rows, cell: Expression, target: ColumnType, *, more_than: int
) -> list[OfferedFormat]:
    """Return the formats that read the most values of a column of text, if `more_than` so many.

    Those that read the most of the first 200 different texts are counted over all rows. There are
    two where the day and the month may both come first.
    """
    texts = rows.fetch_all(
        sql(
            """
            SELECT v0 FROM ({cells}) AS cells
            WHERE v0 IS NOT NULL
            GROUP BY v0 ORDER BY min(row_number) LIMIT {most}
            """,
            cells=rows.cells_query([cell]),
            most=number(_TEXTS_LOOKED_AT),
        )
    )
    tally = Counter(each for [text] in texts for each in candidates_for(text))
    most_texts = max(tally.values(), default=0)
    formats = without_repetition(each for each, read in tally.items() if read == most_texts)
    if not formats:
        return []
    del formats[_MOST_CANDIDATES:]
    counts = rows.fetch_one(
        sql(
            "SELECT {counts} FROM ({cells}) AS cells",
            counts=joined(", ", [sql("count(v{at})", at=number(at)) for at in range(len(formats))]),
            cells=rows.cells_query([read_dates(cell, each, target) for each in formats]),
        )
    )
    most = max(counts)
    if most <= more_than:
        return []
    return [
        OfferedFormat(format=each, fits=fits)
        for each, fits in zip(formats, counts, strict=True)
        if fits == most
    ]


def _compiled(date_format: DateFormat) -> tuple[str, str]:
    """Return a regular expression of PostgreSQL with a group for each letter, and the letters."""
    pieces, letters = [], ""
    for part, (fewest, most) in zip(date_format.parts, date_format.widths, strict=True):
        letter = part[1:] if part.startswith("%") else ""
        if most:
            pieces.append(f"([0-9]{{{fewest},{most}}})")
        elif letter in _WORDS:
            pieces.append(f"({_WORDS[letter]})")
        else:
            letter = ""
            pieces.append(re.escape("%" if part == "%%" else part))
        letters += letter
    return f"^{''.join(pieces)}$", letters


def _in_any_case(words: list[str]) -> str:
    return "|".join(
        "".join(f"[{letter.upper()}{letter.lower()}]" for letter in word) for word in words
    )


_WORDS = {
    "b": _in_any_case([month[:3] for month in MONTHS]),
    "B": _in_any_case(list(MONTHS)),
    "p": _in_any_case(["AM", "PM"]),
    "z": "Z|[+-][0-9]{2}:?[0-9]{2}",
}
