"""An earlier version of the service, taken from the history of this checkout."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.conf import settings

# The first version that people had, of the first evening, and the last one before this one, of the
# layout: nothing newer has been handed over to them yet.
FIRST, LAST = "0246cd0", "3b25b3a"
_LONGEST_SECONDS = 600


def is_in_history(revision: str) -> bool:
    """Tell whether this checkout has the revision; a copy without history has none."""
    command = ["git", "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"]
    try:
        return subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True).returncode == 0
    except FileNotFoundError:
        return False


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
        tree.mkdir()
        packed = subprocess.Popen(
            ["git", "archive", revision], cwd=settings.BASE_DIR, stdout=subprocess.PIPE
        )
        subprocess.run(["tar", "-x", "-C", str(tree)], stdin=packed.stdout, check=True)
        assert packed.wait() == 0, f"git cannot read {revision}"
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
