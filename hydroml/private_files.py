"""Files of ours that no other account of the machine may read."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path


def close_to_others(directory: Path) -> None:
    """Let nobody but its owner enter the directory, if it exists and is ours.

    Django gives new folders and files their permissions; this closes a folder that an earlier
    version left open, with all that is in it.
    """
    with suppress(FileNotFoundError, PermissionError):
        status = directory.stat()
        is_open = stat.S_IMODE(status.st_mode) & 0o077
        if status.st_uid == os.geteuid() and is_open:
            directory.chmod(stat.S_IMODE(status.st_mode) & 0o700)
