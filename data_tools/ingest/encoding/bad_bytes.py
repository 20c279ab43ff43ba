"""The bytes of a file that are no characters in an encoding: how many there are, and where."""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from data_tools.ingest.faulty_lines import SHOWN_CHARACTERS, line_around

_CHUNK_BYTES = 1 << 20
_REPLACEMENT = "\ufffd"


@dataclass(frozen=True, slots=True, kw_only=True)
class BadBytes:
    """What part of a file cannot be decoded. Lines are counted from 1."""

    count: int
    """How many characters U+FFFD would take their place."""
    line: int
    """The line of the first."""
    line_text: str
    """The text of that line, or a part of it, with U+FFFD in place of what is no character."""
    first: bytes
    """The first, or the incomplete character at the end of the file."""
    is_at_end: bool
    """Whether the only one is the beginning of a character that the file's end cuts off."""

    @property
    def hexadecimal(self) -> str:
        return " ".join(f"0x{byte:02X}" for byte in self.first)

    def as_json(self) -> dict[str, Any]:
        return {"count": self.count, "first_line": self.line, "first_bytes": self.hexadecimal}


def decodes(
    path: Path,
    name: str,
    *,
    is_cut_off: bool = False,
    advance: Callable[[float], None] = lambda _: None,
) -> bool:
    """Tell whether all of the file is text in the encoding `name`.

    If the file `is_cut_off`, its last character may be incomplete. `advance` is told the fraction
    that was checked.
    """
    return _first(path, name, is_cut_off=is_cut_off, advance=advance) is None


def find_bad_bytes(path: Path, name: str, *, is_cut_off: bool = False) -> BadBytes | None:
    """Return what cannot be decoded; None if everything can."""
    place = _first(path, name, is_cut_off=is_cut_off)
    if place is None:
        return None
    offset, bad, is_at_end = place
    line, line_text = _line_at(path, name, offset)
    return BadBytes(
        count=max(1, _count(path, name, is_cut_off=is_cut_off)),
        line=line,
        line_text=line_text,
        first=bad,
        is_at_end=is_at_end,
    )


def chunks_of(
    path: Path, advance: Callable[[float], None] = lambda _: None, *, end: int | None = None
) -> Iterator[bytes]:
    """Yield the file's bytes in order, up to the offset `end` or its own."""
    size_bytes = (path.stat().st_size if end is None else end) or 1
    done_bytes = 0
    with path.open("rb") as file:
        while chunk := file.read(min(_CHUNK_BYTES, size_bytes - done_bytes)):
            yield chunk
            done_bytes += len(chunk)
            advance(min(1.0, done_bytes / size_bytes))


def _first(
    path: Path,
    name: str,
    *,
    is_cut_off: bool,
    advance: Callable[[float], None] = lambda _: None,
) -> tuple[int, bytes, bool] | None:
    """Return the offset of the first bad bytes, those, and whether the file ends in them."""
    decoder = codecs.getincrementaldecoder(name)(errors="strict")
    seen_bytes = 0
    try:
        for chunk in chunks_of(path, advance):
            seen_bytes += len(chunk)
            decoder.decode(chunk)
        if not is_cut_off:
            decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        # The decoder may have kept bytes of the chunk before, so count from the end.
        offset = seen_bytes - (len(error.object) - error.start)
        is_at_end = error.end == len(error.object) and seen_bytes == path.stat().st_size
        bad = error.object[error.start : error.end]
        return offset, bytes(bad[:4]), is_at_end and error.reason.startswith("unexpected end")
    except UnicodeError:  # a byte-order mark that is none, which only the file's start can be
        return 0, next(chunks_of(path))[:4], False
    return None


def _count(path: Path, name: str, *, is_cut_off: bool) -> int:
    """Count them as the difference of two decodings, which the codecs make fast."""
    replacing = codecs.getincrementaldecoder(name)(errors="replace")
    ignoring = codecs.getincrementaldecoder(name)(errors="ignore")
    count = 0
    for chunk in chunks_of(path):
        count += replacing.decode(chunk).count(_REPLACEMENT)
        count -= ignoring.decode(chunk).count(_REPLACEMENT)
    if not is_cut_off:
        count += replacing.decode(b"", final=True).count(_REPLACEMENT)
    return count


def _line_at(path: Path, name: str, offset: int) -> tuple[int, str]:
    """Return the number of the line that holds an offset, and its text around there."""
    decoder = codecs.getincrementaldecoder(name)(errors="replace")
    line, last, before = 1, "", ""
    for chunk in chunks_of(path, end=offset):
        text = decoder.decode(chunk)
        line += text.count("\n") + text.count("\r") - text.count("\r\n")
        line -= last == "\r" and text.startswith("\n")
        last = text[-1:] or last
        before = (before + text)[-SHOWN_CHARACTERS:]
    with path.open("rb") as file:
        file.seek(offset)
        behind = decoder.decode(file.read(4 * SHOWN_CHARACTERS))
    return line, line_around(before + behind, len(before))
