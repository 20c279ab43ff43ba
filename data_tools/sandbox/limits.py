"""Limits of what the sandbox reads: the size of a table, and the names in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from data_tools.sandbox.refusal import Code, Refusal

_MOST_NAME_CHARACTERS = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingLimits:
    """The most rows and columns of a table, and the most bytes that its file may expand to."""

    rows: int
    columns: int
    unpacked_bytes: int


def refuse_names(names: Sequence[str], *, of: str) -> None:
    """Raise `Refusal` for names with a NUL, or of more than a million characters together.

    A few bytes of a workbook can repeat a name of megabytes for every column. `of` is "column" or
    "sheet".
    """
    if sum(map(len, names)) > _MOST_NAME_CHARACTERS:
        raise Refusal(
            Code.RECORD_TOO_LONG,
            f"Together, the names of the {of}s are longer than a million characters.",
        )
    if any("\0" in name for name in names):
        raise Refusal(Code.NUL_CHARACTER, f"The name of a {of} contains the NUL character.")
