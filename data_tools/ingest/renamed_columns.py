"""What the report says of the columns that are called otherwise than in the file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def renamed_columns(written: Sequence[str], names: Sequence[str]) -> list[dict[str, Any]]:
    """Position from 1, the name as it is written, and the column's name."""
    return [
        {"position": position, "written": was, "name": name}
        for position, (was, name) in enumerate(zip(written, names, strict=True), start=1)
        if was != name
    ]
