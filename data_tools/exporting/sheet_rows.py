"""Arrow arrays as rows of a worksheet's XML (ECMA-376, part 1, section 18.3.1).

Note [What a sheet cannot hold]
    A sheet has numbers, texts, booleans and, by their format, dates; a number is a double. What is
    neither is written as text, so that nothing changes its value on the way: integers beyond 2^53,
    dates before March 1900 (sheets disagree about the days before), datetimes with an offset or
    with microseconds. A text is always text, never a formula or a link. Characters that XML cannot
    hold are written as sheets escape them (`_x0001_`). An empty text is an empty cell, as a missing
    value is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from xlsxwriter.utility import xl_col_to_name

from data_tools.columns import ColumnType
from data_tools.exporting.arrow_rows import is_exact
from data_tools.ingest.stored_rows.fingerprint import bytes_of
from session_events.events import Column

_FIRST_SURE_DATE = "1900-03-01"
_SERIAL_OF_1970 = 25_569  # days since the first of the sheet's calendar
_MICROSECONDS_OF_A_DAY = 86_400_000_000
_SECONDS, _MILLISECONDS, _MICROSECONDS = (len("2013-01-31T05:00:00") + n for n in (0, 4, 7))

# RE2 and Python spell a character by its number differently.
_NEEDS_ESCAPE = r"[\x00-\x08\x0b-\x1f\x{FFFE}\x{FFFF}]|_x[0-9A-Fa-f]{4}_"
_ESCAPED = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True, slots=True, kw_only=True)
class DateStyles:
    """The numbers of the workbook's cell formats for dates, and datetimes by their precision."""

    date: int
    seconds: int
    milliseconds: int


def sheet_rows(
    arrays: Sequence[pa.Array], columns: Sequence[Column], styles: DateStyles, *, first_row: int
) -> bytes:
    """Return rows, numbered from `first_row`, as XML; arrays as `arrow_rows` makes them.

    At least one row long.
    """
    count = len(arrays[0])
    numbers = pa.array(range(first_row, first_row + count)).cast(pa.string())
    cells = [
        _joined(f'<c r="{xl_col_to_name(at)}', numbers, '"', cell)
        for at, cell in enumerate(
            _cells(array, ColumnType(column.type), styles)
            for array, column in zip(arrays, columns, strict=True)
        )
    ]
    # A missing value is no cell at all.
    row = pc.binary_join_element_wise(*cells, "", null_handling="replace", null_replacement="")
    return bytes(bytes_of(_joined('<row r="', numbers, '">', row, "</row>")))


def header_row(columns: Sequence[Column], styles: DateStyles) -> bytes:
    """Return the columns' names as the first row."""
    names = [pa.array([column.name]) for column in columns]
    texts = [Column(key=column.key, name=column.name, type="text") for column in columns]
    return sheet_rows(names, texts, styles, first_row=1)


def _cells(values: pa.Array, column_type: ColumnType, styles: DateStyles) -> pa.StringArray:
    """Return each cell's XML after its address; null for no cell."""
    match column_type:
        case ColumnType.INTEGER:
            texts = values.cast(pa.string())
            return pc.if_else(is_exact(values), _number(texts), _text(texts))
        case ColumnType.FLOAT:
            return _number(values.cast(pa.string()))
        case ColumnType.BOOLEAN:
            return _joined(' t="b"><v>', values.cast(pa.int8()).cast(pa.string()), "</v></c>")
        case ColumnType.DATE:
            is_date = pc.greater_equal(values, _FIRST_SURE_DATE)
            days = pc.if_else(is_date, values, None).cast(pa.date32()).cast(pa.int32())
            serials = pc.add(days, _SERIAL_OF_1970).cast(pa.string())
            return pc.if_else(is_date, _number(serials, style=styles.date), _text(values))
        case ColumnType.DATETIME:
            return _datetimes(values, styles)
    return _text(pc.if_else(pc.equal(values, ""), None, values))


def _datetimes(values: pa.StringArray, styles: DateStyles) -> pa.StringArray:
    length = pc.utf8_length(values)
    is_whole = pc.or_(
        pc.less_equal(length, _MILLISECONDS),
        pc.and_(pc.equal(length, _MICROSECONDS), pc.ends_with(values, "000")),
    )
    is_local = pc.invert(pc.ends_with(values, "Z"))
    is_date = pc.and_(pc.and_(is_whole, is_local), pc.greater_equal(values, _FIRST_SURE_DATE))
    moments = pc.if_else(is_date, values, None).cast(pa.timestamp("us")).cast(pa.int64())
    days = pc.divide(moments.cast(pa.float64(), safe=False), float(_MICROSECONDS_OF_A_DAY))
    serials = pc.add(days, float(_SERIAL_OF_1970)).cast(pa.string())
    dates = pc.if_else(
        pc.equal(length, _SECONDS),
        _number(serials, style=styles.seconds),
        _number(serials, style=styles.milliseconds),
    )
    return pc.if_else(is_date, dates, _text(values))


def _number(texts: pa.StringArray, *, style: int = 0) -> pa.StringArray:
    return _joined(f' s="{style}"><v>' if style else "><v>", texts, "</v></c>")


def _text(values: pa.StringArray) -> pa.StringArray:
    start, end = ' t="inlineStr"><is><t xml:space="preserve">', "</t></is></c>"
    return _joined(start, _escaped(values), end)


def _escaped(values: pa.StringArray) -> pa.StringArray:
    mask = pc.match_substring_regex(values, _NEEDS_ESCAPE)
    if mask.true_count:
        escaped = [_ESCAPED.sub(_escape, text) for text in values.filter(mask).to_pylist()]
        values = pc.replace_with_mask(values, mask, pa.array(escaped, pa.string()))
    for character, entity in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
        values = pc.replace_substring(values, character, entity)
    return values


def _escape(match: re.Match[str]) -> str:
    return f"_x{ord(match[0]):04X}_"


def _joined(*parts: str | pa.StringArray) -> pa.StringArray:
    """Return the parts one after the other; null where any is."""
    return pc.binary_join_element_wise(*parts, "")
