"""The service as a package: what belongs to it, and a wheel of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from tests.support.processes import PACKAGES

FOLDERS = ("hydroml", "data_tools", "session_events")
BESIDE = ("celery_app.py", "pyproject.toml", "setup.py", "README.md", "requirements.txt")
_MADE = shutil.ignore_patterns("__pycache__", "*.pyc")


def files_of_the_packages() -> set[str]:
    """Return each file that the packages have in the checkout, relative to it."""
    return {"celery_app.py"} | {
        str(path.relative_to(PACKAGES))
        for folder in FOLDERS
        for path in (PACKAGES / folder).rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }


def build_wheel(directory: Path) -> Path:
    """Build a wheel from a copy in `directory`, so that none of it comes from an earlier one.

    Raises:
        CalledProcessError: it cannot be built; what was said is on the terminal.
    """
    source = directory / "source"
    for folder in FOLDERS:
        shutil.copytree(PACKAGES / folder, source / folder, ignore=_MADE)
    for name in BESIDE:
        shutil.copy(PACKAGES / name, source / name)
    pip = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"]
    subprocess.run([*pip, "--wheel-dir", str(directory), str(source)], check=True)
    [wheel] = directory.glob("*.whl")
    return wheel
