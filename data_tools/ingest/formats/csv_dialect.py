"""How the fields of a CSV file are told apart."""

from __future__ import annotations

from dataclasses import dataclass

CHARACTER_NAMES = {
    ",": "comma",
    ";": "semicolon",
    "\t": "tab",
    "|": "vertical bar",
    " ": "blank",
    ":": "colon",
    "^": "caret",
    "~": "tilde",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CsvDialect:
    """The characters that give a CSV file its structure. The delimiter is one ASCII character."""

    delimiter: str
    quote: str = '"'
    """"" if no field is quoted."""
    escape: str = ""
    """"" if quotation marks inside of quoted fields are doubled."""
    comment: str = ""
    """"" if there are no comments."""


def character_name(character: str) -> str:
    """Return the character's name for a sentence, such as `semicolon`."""
    return CHARACTER_NAMES.get(character) or (
        f"“{character}”" if character.isprintable() else f"character U+{ord(character):04X}"
    )
