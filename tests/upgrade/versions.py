"""An earlier version of the service, as it was handed over.

Its files are in `archives/`, and not taken from git, because a checkout may come without history.
An archive is made by `git archive REVISION hydroml data_tools session_events manage.py
celery_app.py requirements.txt constraints.txt | xz -9e`.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings

# The first version that people had, of the first evening, and the last one that was handed over to
# them. When this one has been, its archive takes the place of the last.
FIRST, LAST = "0246cd0", "566d0c8"
_ARCHIVES = Path(__file__).parent / "archives"
_LONGEST_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class Version:
    """Its files, and the Python that has what it needs."""

    revision: str
    tree: Path
    python: str

    @classmethod
    def unpack(cls, revision: str, directory: Path) -> Version:
        """Write the revision's files below `directory`, where it also keeps what it writes."""
        tree = directory / "before"
        shutil.unpack_archive(_ARCHIVES / f"{revision}.tar.xz", tree)
        (tree / "var").symlink_to(directory)
        return cls(revision=revision, tree=tree, python=_python_for(tree / "requirements.txt"))

    def manage(self, *command: str, environment: Mapping[str, str]) -> str:
        return manage(*command, environment=environment, tree=self.tree, python=self.python)


def manage(
    *command: str,
    environment: Mapping[str, str],
    tree: Path | None = None,
    python: str = sys.executable,
) -> str:
    """Run `manage.py` of a version, by default of this one, and return what it prints.

    Raises:
        AssertionError: it failed; with what it said.
    """
    done = subprocess.run(
        [python, "manage.py", *command],
        cwd=tree or settings.BASE_DIR,
        env={**os.environ, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=_LONGEST_SECONDS,
    )
    assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
    return done.stdout


def _python_for(requirements: Path) -> str:
    """Return this Python if it has what the version pins; otherwise one of its own, in var/."""
    text = requirements.read_text()
    if all(_is_installed(line) for line in text.splitlines() if "==" in line):
        return sys.executable
    name = hashlib.sha256(text.encode()).hexdigest()[:12]
    environment = settings.VAR_DIR / "versions" / name
    python = str(environment / "bin" / "python")
    if not (environment / "installed").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(environment)], check=True)
        pip = [python, "-m", "pip", "-qq", "--disable-pip-version-check", "install"]
        subprocess.run([*pip, "-r", str(requirements)], check=True)
        (environment / "installed").touch()
    return python


def _is_installed(pinned: str) -> bool:
    name, _, wanted = pinned.split("#")[0].partition("==")
    try:
        return version(name.strip()) == wanted.strip()
    except PackageNotFoundError:
        return False
