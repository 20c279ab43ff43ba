"""Which columns of a table have other names than their file gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def renamed_columns(written_names: Sequence[str], names: Sequence[str]) -> list[dict[str, Any]]:
    """Return, for the ingest report, each column whose name differs from the written one.

    Positions count from 1.
    """
    return [
        {"position": position, "written": written, "name": name}
        for position, (written, name) in enumerate(zip(written_names, names, strict=True), start=1)
        if written != name
    ]
