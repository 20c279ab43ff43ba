"""The rules by which numbers are names: `5E1` of a flat, `3.10` of a version.

# Note [Names that look like numbers]
A number loses what a name needs: as numbers, 5E1 is 50 and 3.10 is 3.1. Two signs tell them apart,
and the column must agree in every value:

- An exponent without a point or a sign (`5E1`, `2310009E13`), beside nothing but such values and
  digits. Programs write a point or the exponent's sign with it (`5.0E1`, `5E+1`).
- Digits, a point, and digits without a zero in front (`3.9`, `3.10`), where one value ends in a
  zero and another, with the same digits before the point, has fewer behind it. Whoever pads
  numbers pads all of them alike (`3.90`, `3.10`), and whoever does not writes no zero at the end.
  Numbers below 1 are measurements more often (`0.10`, `0.2`): of those, 0.9 or 0.11 must be there.

A column that is wrongly text loses nothing, and its owner can ask for numbers.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data_tools.ingest.typed_columns.place import Place

_EXPONENT_OF_NAME = "^[0-9]+[eE][0-9]+$"
_SIGN_OF_NUMBER = r"[.]|^-|[eE][+-]"
_VERSION = r"^[0-9]{1,4}\.(0|[1-9][0-9]{0,2})$"
_THREE_DECIMALS = r"^-?[1-9][0-9]{0,2}\.[0-9]{3}$"
_MAJORS = 10_000  # what four digits can write
_MANY_DIGITS = 100  # more than any value has
_HEAD = 64  # values that often decide


class IdentifierClues:
    """What the numbers of a column tell about being names. See Note [Names that look like numbers]

    The result does not depend on how the column is split into batches.
    """

    def __init__(self, *, point_is_decimal: bool = True) -> None:
        """`point_is_decimal` says that a point in the file's numbers is before the fraction."""
        self._has_sign_of_number = False
        self._may_be_versions = point_is_decimal
        self._may_be_thousands = point_is_decimal
        self._first_exponent: Place | None = None
        # Of versions, by the number before the point.
        self._first_padded: dict[int, Place] = {}
        self._most_padded_digits = np.zeros(0, np.int8)
        self._fewest_digits = np.zeros(0, np.int8)
        self._minors_of_zero: set[int] = set()

    @property
    def exponent(self) -> Place | None:
        """The first value with the exponent of a name, if the column's values are names."""
        return None if self._has_sign_of_number else self._first_exponent

    @property
    def version(self) -> Place | None:
        """The first value that ends in a zero, if the column's values are versions."""
        if not self._may_be_versions:
            return None
        uneven = np.flatnonzero(self._fewest_digits < self._most_padded_digits).tolist()
        if 0 in uneven and not self._zero_is_counted_up:
            uneven.remove(0)
        return min((self._first_padded[major] for major in uneven), key=_row_of, default=None)

    @property
    def _zero_is_counted_up(self) -> bool:
        """Whether 0.9 or 0.11 comes with 0.10, or 0.19 or 0.21 with 0.20, and so on."""
        minors = self._minors_of_zero
        return any(
            minor and minor % 10 == 0 and {minor - 1, minor + 1} & minors for minor in minors
        )

    @property
    def is_settled(self) -> bool:
        """Whether no value that is still to come changes anything."""
        may_be_any = self._may_be_versions or self._may_be_thousands
        return self._has_sign_of_number and not may_be_any

    @property
    def may_be_thousands(self) -> bool:
        """Whether every value has three decimals, as 1.234 has where a point groups thousands."""
        return self._may_be_thousands

    @property
    def has_padded_values(self) -> bool:
        """Whether all values could be versions and one of them ends in a zero, such as 3.10."""
        return self._may_be_versions and bool(self._first_padded)

    def observe_integers(self, least: int) -> None:
        """Observe integers within 64 bits, of which this is the least."""
        self._may_be_versions = self._may_be_thousands = False
        self._has_sign_of_number |= least < 0

    def observe(self, numbers: pa.StringArray, *, rows_before: int) -> None:
        """Observe numbers as they were written; none of them is infinite."""
        if numbers.null_count == len(numbers):
            return
        if self._may_be_thousands:
            self._may_be_thousands = _all_match(numbers, _THREE_DECIMALS)
        if self._may_be_versions:
            self._observe_versions(numbers, rows_before)
        if not self._has_sign_of_number:
            self._has_sign_of_number = _any_match(numbers, _SIGN_OF_NUMBER)
        if not self._has_sign_of_number and self._first_exponent is None:
            is_name = pc.match_substring_regex(numbers, _EXPONENT_OF_NAME)
            self._first_exponent = _first(numbers, is_name, rows_before)

    def _observe_versions(self, numbers: pa.StringArray, rows_before: int) -> None:
        self._may_be_versions = _all_match(numbers, _VERSION)
        if not self._may_be_versions:
            return
        if not len(self._fewest_digits):
            self._most_padded_digits = np.zeros(_MAJORS, np.int8)
            self._fewest_digits = np.full(_MAJORS, _MANY_DIGITS, np.int8)
        rows = np.flatnonzero(pc.is_valid(numbers).to_numpy(zero_copy_only=False))
        present = numbers.drop_null()
        majors = pc.floor(present.cast(pa.float64())).to_numpy().astype(np.intp)
        points = pc.find_substring(present, pattern=".")
        digits = pc.subtract(pc.binary_length(present), pc.add(points, 1)).to_numpy()
        ends_in_zero = pc.ends_with(present, pattern="0").to_numpy(zero_copy_only=False)
        padded = np.flatnonzero(ends_in_zero & (digits > 1))
        np.minimum.at(self._fewest_digits, majors, digits.astype(np.int8))
        np.maximum.at(self._most_padded_digits, majors[padded], digits[padded].astype(np.int8))
        below_one = present.filter(pa.array(majors == 0))
        if len(below_one):
            minors = pc.utf8_slice_codeunits(below_one, 2).unique().to_pylist()
            self._minors_of_zero.update(map(int, minors))
        for major, first in zip(*np.unique(majors[padded], return_index=True), strict=True):
            place = padded[first]
            named = Place(row=rows_before + int(rows[place]) + 1, text=present[place].as_py())
            self._first_padded.setdefault(int(major), named)


def _row_of(place: Place) -> int:
    return place.row


def _all_match(texts: pa.StringArray, pattern: str) -> bool:
    return all(
        pc.all(pc.match_substring_regex(part, pattern)).as_py() is not False
        for part in (texts.slice(0, _HEAD), texts.slice(_HEAD))
    )


def _any_match(texts: pa.StringArray, pattern: str) -> bool:
    return any(
        pc.any(pc.match_substring_regex(part, pattern)).as_py()
        for part in (texts.slice(0, _HEAD), texts.slice(_HEAD))
    )


def _first(texts: pa.StringArray, mask: pa.BooleanArray, rows_before: int) -> Place | None:
    index = pc.index(mask, True).as_py()
    if index < 0:
        return None
    return Place(row=rows_before + index + 1, text=texts[index].as_py())
