"""What Linux says about processes: their memory, threads, open files and children."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path


def children_of(process_id: int) -> list[int]:
    """Return the direct children; none of a process that has ended."""
    with suppress(OSError):
        text = Path(f"/proc/{process_id}/task/{process_id}/children").read_text()
        return [int(child) for child in text.split()]
    return []


def family_of(process_id: int) -> list[int]:
    """Return the process and all that descend from it."""
    return [process_id, *(one for child in children_of(process_id) for one in family_of(child))]


def peak_memory_mb(process_id: int) -> float:
    """Return the most memory that the process has had since `forget_peak_memory`."""
    return _status(process_id, "VmHWM") / 1024


def memory_mb(process_id: int) -> float:
    return _status(process_id, "VmRSS") / 1024


def threads_of(process_id: int) -> int:
    return _status(process_id, "Threads")


def forget_peak_memory(process_id: int) -> None:
    """Restart `peak_memory_mb`. Possible on Linux, and for one's own processes."""
    Path(f"/proc/{process_id}/clear_refs").write_text("5")


def open_files_of(process_id: int) -> int:
    """Count files and sockets that the process has open."""
    with suppress(OSError):
        return len(list(Path(f"/proc/{process_id}/fd").iterdir()))
    return 0


def _status(process_id: int, name: str) -> int:
    """Return a number of /proc/<id>/status; 0 once the process has ended."""
    with suppress(OSError):
        for line in Path(f"/proc/{process_id}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1])
    return 0
