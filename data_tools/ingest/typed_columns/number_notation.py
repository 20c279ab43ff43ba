"""Numbers in the notation of a country, such as 1.234,5, in the notation of programs: 1234.5."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa
import pyarrow.compute as pc

# Whoever writes a blank between thousands may mean any of those that do not break a line.
_BLANKS = " \u00a0\u2009\u202f"


@dataclass(frozen=True, kw_only=True)
class NumberNotation:
    """How the numbers of a file are written."""

    decimal: str = "."
    """The character before the fraction."""
    thousands: str = ""
    """The character between groups of three digits; "" if there is none."""
    allows_prefixes: bool = False
    """Whether a plus and zeros in front are part of a number, rather than of an identifier."""

    def plain(self, numbers: pa.StringArray) -> pa.StringArray | None:
        """Return the numbers as programs write them; None if a text is no number."""
        if self._is_plain:
            return numbers
        if pc.all(pc.match_substring_regex(numbers, self._pattern)).as_py() is False:
            return None
        if self.thousands:
            numbers = pc.replace_substring_regex(numbers, self._thousands, "")
        if self.decimal != ".":
            numbers = pc.replace_substring(numbers, self.decimal, ".")
        if self.allows_prefixes:
            numbers = pc.replace_substring_regex(numbers, r"^([+-]?)0+([0-9])", r"\1\2")
            numbers = pc.replace_substring_regex(numbers, r"^\+|^-(0)$", r"\1")
        return numbers

    @property
    def options(self) -> dict[str, str]:
        """The reading options that say so: none for the notation of programs."""
        written = {"thousands": self.thousands, "decimal": self.decimal}
        return {
            name: mark for name, mark in written.items() if mark != getattr(NumberNotation, name)
        }

    @property
    def _is_plain(self) -> bool:
        return self == NumberNotation()

    @cached_property
    def _thousands(self) -> str:
        characters = _BLANKS if self.thousands in _BLANKS else self.thousands
        return _class_of(characters)

    @cached_property
    def _pattern(self) -> str:
        integer, decimal = "[0-9]+", _class_of(self.decimal)
        if self.thousands:
            integer = f"(?:[0-9]{{1,3}}(?:{self._thousands}[0-9]{{3}})+|[0-9]+)"
        return rf"^[+-]?(?:{integer}(?:{decimal}[0-9]*)?|{decimal}[0-9]+)(?:[eE][+-]?[0-9]+)?$"


def _class_of(characters: str) -> str:
    """Return a regular expression for any one of the characters."""
    return f"[{''.join(map(_escaped, characters))}]"


def _escaped(character: str) -> str:
    return f"\\x{{{ord(character):x}}}"
