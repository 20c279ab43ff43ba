"""A JSON text read value by value, in memory for one value at a time.

Strict where Python's reader is not: no NaN, no key twice in one object, no half of a surrogate
pair. Numbers stay as they are written.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from data_tools.ingest.exceptions import BrokenJson, RecordTooLong

_READ_CHARACTERS = 1 << 18
_LONGEST_KEY = 1_000
_FIRST_KEY = re.compile(r'\{\s*"([^"\\]*)"\s*:\s*(\S)')
# What may be cut off without saying so: -Infinity, \ud83d\ude00.
_LONGEST_WORD = 16
_BLANK = " \t\r\n"


class WrittenNumber(str):
    """A number as it is written in JSON."""

    __slots__ = ()


class _NotStrict(Exception):
    """What the text says that JSON for us does not."""


class JsonReader:
    """Reads from a position that only moves forward. Close it after use."""

    def __init__(self, path: Path, encoding: str, *, value_characters: int) -> None:
        """`value_characters` is the longest value that is read."""
        self._size_bytes = path.stat().st_size or 1
        self._file = path.open(encoding=encoding, newline="")
        self._value_characters = value_characters
        self._text = ""
        self._at = 0
        self._is_at_end = False
        self._line = 1
        self._counted_to = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object,
            parse_float=WrittenNumber,
            parse_int=WrittenNumber,
            parse_constant=_refuse_constant,
        )

    def close(self) -> None:
        self._file.close()

    @property
    def fraction_read(self) -> float:
        return min(1.0, self._file.buffer.tell() / self._size_bytes)

    @property
    def line(self) -> int:
        """The line that the position is on, from 1."""
        return self._line_of(self._at)

    def peek(self) -> str:
        """The next character that is not blank, "" at the end."""
        while True:
            while self._at < len(self._text):
                character = self._text[self._at]
                if character not in _BLANK:
                    return character
                self._at += 1
            if not self._read_more():
                return ""

    def first_key(self) -> str | None:
        """The first key of the object at the position, which stays; None unless it is of a list."""
        while True:
            found = _FIRST_KEY.match(self._text, self._at)
            if found:
                return found[1] if found[2] == "[" else None
            if len(self._text) - self._at > _LONGEST_KEY or not self._read_more():
                return None

    def next_line(self) -> bool:
        """Go to the next value, which has to be on another line; False at the end.

        Raises `BrokenJson`.
        """
        line = self.line
        if not self.peek():
            return False
        if self.line == line and "\r" not in self._text[max(0, self._at - 1) : self._at]:
            raise self.broken("there is more on the line behind the record")
        return True

    def take(self, expected: str, meaning: str) -> None:
        """Go past a character. Raises `BrokenJson`, saying what was expected."""
        if self.peek() != expected:
            raise self.broken(f"{meaning} expected")
        self._at += 1

    def value(self, what: str) -> Any:
        """The value at the position; numbers as `WrittenNumber`, objects as dicts.

        Raises `BrokenJson` and `RecordTooLong`; `what` names the value.
        """
        if not self.peek():
            raise self.broken("the file ends too early")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                behind = error.pos - self._at
                is_cut_off = error.msg.startswith("Unterminated") or (
                    len(self._text) - error.pos < _LONGEST_WORD
                )
                if is_cut_off and self._grow(what):
                    continue
                line = self._line_of(self._at + behind)
                raise self.broken(_lower(error.msg), line) from error
            except _NotStrict as error:
                raise self.broken(f"{what} {error}") from error
            except RecursionError as error:
                raise self.broken(f"{what} is nested too deeply") from error
            if end == len(self._text) and self._grow(what):
                continue  # a number may go on in what was not read yet
            self._at = end
            return value

    def broken(self, reason: str, line: int | None = None) -> BrokenJson:
        """The error that says so, and on which line."""
        return BrokenJson(f"The file cannot be read as JSON: line {line or self.line:,}: {reason}.")

    def _grow(self, what: str) -> bool:
        """Read as much again; False at the end."""
        held = len(self._text) - self._at
        if held >= self._value_characters:
            raise RecordTooLong(
                f"{what[:1].upper()}{what[1:]}, which begins on line {self.line:,}, is longer "
                f"than {self._value_characters >> 20} MiB."
            )
        return self._read_more(max(_READ_CHARACTERS, held))

    def _read_more(self, characters: int = _READ_CHARACTERS) -> bool:
        if self._is_at_end:
            return False
        more = self._file.read(characters)
        self._is_at_end = not more
        self._line = self._line_of(self._at)
        self._text, self._at, self._counted_to = self._text[self._at :] + more, 0, 0
        return bool(more)

    def _line_of(self, position: int) -> int:
        if position >= self._counted_to:
            self._line += self._text.count("\n", self._counted_to, position)
            self._counted_to = position
            return self._line
        return self._line - self._text.count("\n", position, self._counted_to)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise _NotStrict(f"has the key “{twice[:80]}” twice")
    return found


def _refuse_constant(name: str) -> Any:
    raise _NotStrict(f"holds {name}, which is no JSON; a missing value is null")


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]
