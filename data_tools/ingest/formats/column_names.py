"""Unique names for the columns of a table, and which of them differ from the file's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def unique_names(written_names: Sequence[str]) -> tuple[str, ...]:
    """Return a name for each column: as written if possible, `column_3` for an empty third header,
    and `price_2` for the second `price`."""
    nonblank_names = {name for name in written_names if name.strip()}
    taken: set[str] = set()
    next_suffix: dict[str, int] = {}  # so that ten thousand columns of one name take no time
    names = []
    for position, written in enumerate(written_names, start=1):
        base = written if written.strip() else f"column_{position}"
        name, suffix = base, next_suffix.get(base, 2)
        while name in taken or (name != written and name in nonblank_names):
            name, suffix = f"{base}_{suffix}", suffix + 1
        next_suffix[base] = suffix
        taken.add(name)
        names.append(name)
    return tuple(names)


def renamed_columns(written_names: Sequence[str], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for the ingest report, each column whose name differs from the written one.

    Positions count from 1.
    """
    return [
        {"position": position, "written": written, "name": name}
        for position, (written, name) in enumerate(zip(written_names, names, strict=True), start=1)
        if written != name
    ]
