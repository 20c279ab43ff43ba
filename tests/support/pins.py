"""Every package that the requirements pin, and what a Python of some version would install."""

from __future__ import annotations

import re
import subprocess
import sys

from tests.support.processes import PACKAGES

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS = ("x86_64-manylinux_2_28", "aarch64-manylinux_2_28")
EVERYTHING = ("requirements-mutation.txt", "requirements-bench.txt")  # and what they include
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;#]+)", re.MULTILINE)


class WheelMissing(Exception):
    """A pin has no wheel for a Python, or does not work with it. The message is the resolver's."""


def pins(text: str) -> dict[str, str]:
    """Return the version of each package that a requirements file pins, by normalised name."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in _PIN.findall(text)}


def all_pins() -> dict[str, str]:
    """Return what all files of the checkout pin together."""
    files = sorted(PACKAGES.glob("requirements*.txt")) + [PACKAGES / "constraints.txt"]
    return pins("\n".join(path.read_text() for path in files))


def unpinned(resolved: dict[str, str], pinned: dict[str, str]) -> list[str]:
    """Return what comes along, as ``name==version``, without being pinned so."""
    return [f"{name}=={v}" for name, v in sorted(resolved.items()) if pinned.get(name) != v]


def resolve(*, python: str, platform: str) -> dict[str, str]:
    """Return the version of each package that the requirements bring to this Python, by wheels.

    Nothing is installed, and the Python need not be here.

    Raises:
        WheelMissing: there is no such set of wheels.
    """
    uv = [sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
    only = ["--only-binary", ":all:", "--python-version", python, "--python-platform", platform]
    done = subprocess.run(
        [*uv, *only, *EVERYTHING], cwd=PACKAGES, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise WheelMissing(done.stderr.strip())
    return pins(done.stdout)
