"""The line of a text file at which it is refused, so that its owner can see what is wrong there."""

from __future__ import annotations

from typing import Any

SHOWN_CHARACTERS = 500


def line_around(text: str, position: int) -> str:
    """Return the line that holds a position of the text, or the part of a long line around it."""
    start = max(text.rfind(end, 0, position) for end in "\r\n") + 1
    start = max(start, position - SHOWN_CHARACTERS // 2)
    [line, *_] = text[start : start + SHOWN_CHARACTERS].splitlines() or [""]
    return line


def utf8_line_around(text: bytes, position: int) -> str:
    """Return the same of a text in UTF-8. `position` is in bytes."""
    most_bytes = 4 * SHOWN_CHARACTERS
    start = max(0, position - most_bytes)
    before = text[start:position].decode(errors="ignore")
    return line_around(
        before + text[position : position + most_bytes].decode(errors="ignore"), len(before)
    )


def of_line(number: int, text: str) -> dict[str, Any]:
    """Return what an error says of a line: its number, from 1, and its text or a part of that."""
    return {"line": number, "line_text": text}
