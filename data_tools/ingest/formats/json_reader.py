"""A JSON text read value by value, in memory for one value at a time.

Stricter than Python's reader: no NaN, no key twice in one object. Numbers stay as they are written.
It stays instead of ijson, whose fast backend ends the process at a number of 5,000 digits and
rewrites numbers: see docs/decisions/0009-json-reader.md.
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
# The longest word whose cut-off start Python's reader reports as another error: -Infinity,
# \ud83d\ude00.
_LONGEST_WORD = 16
_BLANK = " \t\r\n"


class WrittenNumber(str):
    """A number as it is written in JSON."""

    __slots__ = ()


class _NotStrict(Exception):
    """JSON that Python's reader would accept; the message completes "record 2 …"."""


class JsonReader:
    """Reads a file from a position that only moves forward. Close it after use."""

    def __init__(self, path: Path, encoding: str, *, value_characters: int) -> None:
        """`value_characters` is the longest value that is read."""
        self._size_bytes = path.stat().st_size or 1
        self._file = path.open(encoding=encoding, newline="")
        self._value_characters = value_characters
        self._text = ""
        self._position = 0
        self._is_at_end = False
        self._line = 1
        self._lines_counted_to = 0
        self._decoder = json.JSONDecoder(
            object_pairs_hook=_object_of,
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
        """The line of the current position, from 1."""
        return self._line_of(self._position)

    def peek(self) -> str:
        """Skip blanks and return the next character, "" at the end of the file."""
        while True:
            while self._position < len(self._text):
                character = self._text[self._position]
                if character not in _BLANK:
                    return character
                self._position += 1
            if not self._read_more():
                return ""

    def first_list_key(self) -> str | None:
        """Return the first key of the object at the position if its value is a list, else None.

        The position does not move.
        """
        while True:
            match = _FIRST_KEY.match(self._text, self._position)
            if match:
                return match[1] if match[2] == "[" else None
            if len(self._text) - self._position > _LONGEST_KEY or not self._read_more():
                return None

    def next_line(self) -> bool:
        """Move to the next value; return False at the end of the file.

        Raises:
            BrokenJson: the next value is on the same line.
        """
        line = self.line
        if not self.peek():
            return False
        skipped_cr = "\r" in self._text[max(0, self._position - 1) : self._position]
        if self.line == line and not skipped_cr:
            raise self.broken("there is more text after the record on the same line")
        return True

    def skip(self, expected: str, meaning: str = "") -> None:
        """Move past a character.

        Raises:
            BrokenJson: the next one is another; the error says that `meaning` was expected.
        """
        if self.peek() != expected:
            raise self.broken(f"expected {meaning or expected}")
        self._position += 1

    def value(self, description: str) -> Any:
        """Return the value at the position, and move past it; numbers are `WrittenNumber`s.

        `description` names the value in errors.

        Raises:
            BrokenJson: the text is not JSON.
            RecordTooLong: the value is longer than the reader's limit.
        """
        if not self.peek():
            raise self.broken("the file ends too early")
        while True:
            try:
                value, end = self._decoder.raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                offset = error.pos - self._position  # reading more moves the text
                is_cut_off = error.msg.startswith("Unterminated") or (
                    len(self._text) - error.pos < _LONGEST_WORD
                )
                if is_cut_off and self._read_longer(description):
                    continue
                line = self._line_of(self._position + offset)
                raise self.broken(error.msg[:1].lower() + error.msg[1:], line) from error
            except _NotStrict as error:
                raise self.broken(f"{description} {error}") from error
            except RecursionError as error:
                raise self.broken(f"{description} is nested too deeply") from error
            if end == len(self._text) and self._read_longer(description):
                continue  # a number may go on in the text that was not read yet
            self._position = end
            return value

    def broken(self, reason: str, line: int | None = None) -> BrokenJson:
        """Return the error for this reason, at this line or the current one."""
        return BrokenJson(f"The file cannot be read as JSON: line {line or self.line:,}: {reason}.")

    def _read_longer(self, description: str) -> bool:
        """Double the text held for the current value; return False at the end of the file."""
        held_characters = len(self._text) - self._position
        if held_characters >= self._value_characters:
            raise RecordTooLong(
                f"{description[:1].upper()}{description[1:]}, which begins on line {self.line:,}, "
                f"is longer than {self._value_characters >> 20} MiB."
            )
        return self._read_more(max(_READ_CHARACTERS, held_characters))

    def _read_more(self, characters: int = _READ_CHARACTERS) -> bool:
        """Drop the text before the position and read more; return False at the end of the file."""
        if self._is_at_end:
            return False
        more = self._file.read(characters)
        self._is_at_end = not more
        self._line = self._line_of(self._position)
        self._text = self._text[self._position :] + more
        self._position = self._lines_counted_to = 0
        return bool(more)

    def _line_of(self, position: int) -> int:
        if position >= self._lines_counted_to:
            self._line += self._text.count("\n", self._lines_counted_to, position)
            self._lines_counted_to = position
            return self._line
        return self._line - self._text.count("\n", position, self._lines_counted_to)


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values_by_key = dict(pairs)
    if len(values_by_key) < len(pairs):
        seen: set[str] = set()
        doubled = next(key for key, _ in pairs if key in seen or seen.add(key))
        raise _NotStrict(f"has the key “{doubled[:80]}” twice")
    return values_by_key


def _refuse_constant(name: str) -> Any:
    raise _NotStrict(f"contains {name}, which is not valid JSON; a missing value is null")
