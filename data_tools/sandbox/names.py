"""Names that a file gives to its columns or sheets, before whoever asked takes them over."""

from __future__ import annotations

from collections.abc import Sequence

from data_tools.sandbox.refusal import NUL_CHARACTER, RECORD_TOO_LONG, Refusal

_MOST_CHARACTERS = 1 << 20


def refuse_names(names: Sequence[str], *, of: str) -> None:
    """Raise `Refusal` for names that are too long together, or cannot be stored; `of` is "column"
    or "sheet". A few bytes of a workbook can repeat a name of megabytes for every column."""
    if sum(map(len, names)) > _MOST_CHARACTERS:
        raise Refusal(
            RECORD_TOO_LONG,
            f"The names of the {of}s are longer than a million characters together.",
        )
    if any("\0" in name for name in names):
        raise Refusal(NUL_CHARACTER, f"The name of a {of} contains the NUL character.")
