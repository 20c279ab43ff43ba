"""Values out of the JSON texts that rows are stored as, exactly those that SQL reads of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import orjson
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.columns import ColumnType

# The form of a datetime by its length without the quotes: the unit, and the zone if it ends in Z.
_FORMS = {
    length + len(end): pa.timestamp(unit, "UTC" if end else None)
    for unit, length in (("s", 19), ("ms", 23), ("us", 26))
    for end in ("", "Z")
}
# What a column has without a value to tell it: see `values_of`.
ARROW_TYPES = {
    ColumnType.INTEGER: pa.int64(),
    ColumnType.FLOAT: pa.float64(),
    ColumnType.TEXT: pa.dictionary(pa.int32(), pa.string()),
    ColumnType.BOOLEAN: pa.bool_(),
    ColumnType.DATE: pa.date32(),
    ColumnType.DATETIME: pa.timestamp("us"),
}
_DATETIME = r"^.{10}T.{8}(?:\..{3}(?:.{3})?)?Z?$"
_DATE_LENGTH = len("2013-01-31")
_FIRST_DAY = pa.scalar(dt.date.min, pa.date32())


def values_of(texts: pa.StringArray, column_type: ColumnType) -> pa.Array | None:
    """Return the values of JSON texts as `ingest.stored_rows.json_texts` writes them.

    The Arrow type is null if all values are missing, and else:

    | column type | Arrow type |
    | --- | --- |
    | integer | int64 |
    | float | float64; finite, never minus zero |
    | boolean | bool |
    | date | date32 |
    | datetime | timestamp in s, ms or us, with the zone UTC or without one |
    | text | dictionary of strings |

    The unit of a timestamp is how many fraction digits the texts have (0, 3 or 6), and its zone is
    UTC if they end in Z; so `json_texts.iso_datetimes` gives the texts back.

    Returns None where the texts do not follow from such values: a session may have datetimes of
    several forms in one column, and a damaged row anything.
    """
    if texts.null_count == len(texts):
        return pa.nulls(len(texts))
    try:
        return _READERS[column_type](texts)
    except pa.ArrowInvalid:
        return None


def floats_of_several(texts: pa.StringArray, rows: int) -> list[pa.Array] | None:
    """Return the values of columns of floats, each of so many rows, one after another in `texts`.

    For each it is what `values_of` returns; None if that is None for any. A few thousand values
    take hardly longer than a few.
    """
    values = values_of(texts, ColumnType.FLOAT)
    if values is None:
        return None
    columns = [values.slice(first, rows) for first in range(0, len(values), rows)]
    return [pa.nulls(rows) if column.null_count == rows else column for column in columns]


class ColumnReader:
    """Reads the values of a column part by part, as long as they are all of one type."""

    def __init__(self, column_type: ColumnType) -> None:
        self.column_type = column_type
        self._arrow_type: pa.DataType | None = None
        self.is_readable = True

    def read(self, texts: pa.StringArray) -> pa.Array | None:
        """Return the next values, as `values_of`; None from the first part on that has none."""
        values = values_of(texts, self.column_type) if self.is_readable else None
        self.is_readable = values is not None and self._is_of_one_type(values.type)
        return values if self.is_readable else None

    def _is_of_one_type(self, type_: pa.DataType) -> bool:
        if pa.types.is_null(type_):
            return True
        self._arrow_type = self._arrow_type or type_
        return bool(self._arrow_type == type_)


def _integers(texts: pa.StringArray) -> pa.Array:
    return texts.cast(pa.int64())


def _floats(texts: pa.StringArray) -> pa.Array | None:
    values = texts.cast(pa.float64())
    if not pc.all(pc.is_finite(values)).as_py():
        return None
    return pc.add(values, 0.0)  # minus zero becomes 0, as in jsonb


def _booleans(texts: pa.StringArray) -> pa.Array | None:
    values = pc.equal(texts, "true")
    are_booleans = pc.or_(values, pc.equal(texts, "false"))
    return values if pc.all(are_booleans).as_py() else None


def _dates(texts: pa.StringArray) -> pa.Array | None:
    texts = _without_quotes(texts)
    if pc.min_max(pc.binary_length(texts)).as_py() != {"min": _DATE_LENGTH, "max": _DATE_LENGTH}:
        return None
    values = texts.cast(pa.date32())
    return values if pc.all(pc.greater_equal(values, _FIRST_DAY)).as_py() else None


def _datetimes(texts: pa.StringArray) -> pa.Array | None:
    texts = _without_quotes(texts)
    lengths = pc.min_max(pc.binary_length(texts)).as_py()
    form = _FORMS.get(lengths["min"])
    if form is None or lengths["min"] != lengths["max"]:
        return None
    # Of texts of one length that Arrow can read, the pattern leaves one for each value.
    have_zone = pc.ends_with(texts, "Z")
    if (
        pc.any(have_zone).as_py() != (form.tz is not None)
        or not pc.all(pc.match_substring_regex(texts, _DATETIME)).as_py()
    ):
        return None
    values = texts.cast(form)
    first_day = _FIRST_DAY.cast(pa.timestamp(form.unit)).cast(form)
    return values if pc.all(pc.greater_equal(values, first_day)).as_py() else None


def _texts(texts: pa.StringArray) -> pa.Array:
    encoded = texts.dictionary_encode()  # each different text is looked at once
    return pa.DictionaryArray.from_arrays(encoded.indices, _unescaped(encoded.dictionary))


def _without_quotes(texts: pa.StringArray) -> pa.StringArray:
    return pc.binary_slice(texts.cast(pa.binary()), 1, -1).view(pa.string())


def _unescaped(texts: pa.StringArray) -> pa.StringArray:
    plain = _without_quotes(texts)
    mask = pc.match_substring(plain, "\\")
    if mask.true_count:
        escaped = [orjson.loads(text) for text in texts.filter(mask).to_pylist()]
        plain = pc.replace_with_mask(plain, mask, pa.array(escaped, pa.string()))
    return plain


_READERS: dict[ColumnType, Callable[[pa.StringArray], pa.Array | None]] = {
    ColumnType.INTEGER: _integers,
    ColumnType.FLOAT: _floats,
    ColumnType.BOOLEAN: _booleans,
    ColumnType.DATE: _dates,
    ColumnType.DATETIME: _datetimes,
    ColumnType.TEXT: _texts,
}
