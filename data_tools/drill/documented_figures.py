"""Figures in a page of the documentation, between markers that say where they come from."""

from __future__ import annotations

import os
import platform
from pathlib import Path


class NoMarkers(Exception):
    """The file has no markers for these figures."""


def require_markers(path: Path, name: str) -> None:
    """Check that the file can be read and has the markers.

    Raises:
        NoMarkers: it cannot, or has not.
    """
    _parts(path, name)


def write_figures(path: Path, name: str, text: str) -> None:
    """Replace what is between the markers called `name` by `text`.

    Raises:
        NoMarkers: the file cannot be read or lacks the markers; nothing was changed.
    """
    before, after = _parts(path, name)
    path.write_text(f"{before}{text}{after}", encoding="utf-8")


def machine_in_words() -> str:
    """Describe the machine that figures are measured on."""
    return (
        f"Python {platform.python_version()}, {os.cpu_count()} CPUs ({_processor()}), "
        f"Linux {platform.release()}"
    )


def _parts(path: Path, name: str) -> tuple[str, str]:
    begin, end = f"<!-- {name}: begin -->\n", f"\n<!-- {name}: end -->"
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise NoMarkers(f"{path} cannot be read: {error.strerror}") from error
    before, begins, rest = text.partition(begin)
    _, ends, after = rest.partition(end)
    if not begins or not ends:
        raise NoMarkers(f"{path} has not the lines {begin.strip()} and {end.strip()}")
    return before + begin, end + after


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
