"""A JSON text read value by value, in memory for one value at a time.

Stricter than Python's reader: no NaN, no key twice in one object. Numbers stay as they are written.
It stays instead of ijson, whose fast backend ends the process at a number of 5,000 digits and
rewrites numbers: see docs/decisions/0009-json-reader.md.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data_tools.ingest.encoding import Encoding
from data_tools.ingest.exceptions import BrokenJson, RecordTooLong
from data_tools.ingest.faulty_lines import line_around, of_line
from data_tools.ingest.formats.json_values import DECODER, NotStrict, WrittenNumber

_READ_CHARACTERS = 1 << 18
# The longest word whose cut-off start Python's reader reports as another error: -Infinity,
# \ud83d\ude00.
_LONGEST_WORD = 16
_BLANK = " \t\r\n"


class EndsTooEarly(BrokenJson, code=BrokenJson.code):
    """The file ends before its table does."""


class JsonReader:
    """Reads a file from a position that only moves forward. Close it after use."""

    def __init__(
        self, path: Path, encoding: Encoding, *, value_characters: int, is_cut_off: bool = False
    ) -> None:
        """`value_characters` is the longest value that is read. `is_cut_off` says that the file is
        only the beginning of one, so that a number at its end may go on."""
        self._size_bytes = path.stat().st_size or 1
        # All else is in the encoding, so what is ignored is a character that the end cuts off.
        errors = "ignore" if is_cut_off and encoding.errors == "strict" else encoding.errors
        self._file = path.open(encoding=encoding.name, errors=errors, newline="")
        self._value_characters = value_characters
        self._text = ""
        self._position = 0
        self._is_at_end = False
        self._line = 1
        self._lines_counted_to = 0
        self._is_cut_off = is_cut_off

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

    def parts_in(self, brackets: str) -> Iterator[None]:
        """Stop at each part of the array or object in these brackets, for the caller to read it."""
        first, last = brackets
        self.skip(first)
        if self.peek() != last:
            yield
            while self.peek() != last:
                self.skip(",", f", or {last}")
                yield
        self.skip(last)

    def key(self) -> str:
        """Return the key of an object at the position, and move past it and its colon.

        Raises:
            BrokenJson: there is something else.
        """
        key = self.value("a key")
        if not isinstance(key, str) or isinstance(key, WrittenNumber):
            raise self.broken("expected a key, in quotation marks")
        self.skip(":")
        return key

    def skip(self, expected: str, meaning: str = "") -> None:
        """Move past a character.

        Raises:
            BrokenJson: the next one is another; the error says that `meaning` was expected.
        """
        found = self.peek()
        if found != expected:
            raise self.broken(f"expected {meaning or expected}", is_at_end=not found)
        self._position += 1

    def value(self, description: str) -> Any:
        """Return the value at the position, and move past it; numbers are `WrittenNumber`s.

        `description` names the value in errors.

        Raises:
            BrokenJson: the text is not JSON.
            RecordTooLong: the value is longer than the reader's limit.
        """
        if not self.peek():
            raise self.broken("the file ends too early", is_at_end=True)
        while True:
            try:
                value, end = DECODER.raw_decode(self._text, self._position)
            except json.JSONDecodeError as error:
                offset = error.pos - self._position  # reading more moves the text
                is_cut_off = error.msg.startswith("Unterminated") or (
                    len(self._text) - error.pos < _LONGEST_WORD
                )
                if is_cut_off and self._read_longer(description):
                    continue
                raise self.broken(
                    error.msg[:1].lower() + error.msg[1:], ahead=offset, is_at_end=is_cut_off
                ) from error
            except NotStrict as error:
                raise self.broken(f"{description} {error}") from error
            except RecursionError as error:
                raise self.broken(f"{description} is nested too deeply") from error
            may_go_on = end == len(self._text) and isinstance(value, WrittenNumber)
            if may_go_on and self._read_longer(description):
                continue  # in the text that was not read yet
            if may_go_on and self._is_cut_off:
                raise self.broken("the file ends too early", is_at_end=True)
            self._position = end
            return value

    def broken(
        self, reason: str, *, ahead: int = 0, line: int | None = None, is_at_end: bool = False
    ) -> BrokenJson:
        """Return the error for this reason, so many characters `ahead` of the position.

        Or at a `line` that was passed before, of which no text is at hand. `is_at_end` makes it an
        `EndsTooEarly`.
        """
        error = EndsTooEarly if is_at_end else BrokenJson
        position = self._position + ahead
        shown = {"line": line}
        if line is None:
            shown = of_line(self._line_of(position), line_around(self._text, position))
        return error(
            f"The file cannot be read as JSON: line {shown['line']:,}: {reason}.", report=shown
        )

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
