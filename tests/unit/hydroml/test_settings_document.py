"""docs/settings.md and .env.example name every setting that the code reads, and no other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from session_events import conf

ROOT = Path(__file__).resolve().parents[3]
COMPUTED = {"WEB_CONCURRENCY", "PROXIES_IN_FRONT"}  # on the machine, or another variable

# Reads all settings in a process that has none, and tells what the readers were asked for.
RECORD = """
import functools, inspect, json
from hydroml import env

asked, reading = {}, []

def recorded(reader):
    @functools.wraps(reader)
    def read(*args, **kwargs):
        bound = inspect.signature(reader).bind(*args, **kwargs)
        bound.apply_defaults()
        if not reading:
            asked.setdefault(bound.arguments["name"], bound.arguments["default"])
        reading.append(reader)
        try:
            return reader(*args, **kwargs)
        finally:
            reading.pop()
    return read

env.read_file = lambda path: None
for name, reader in list(vars(env).items()):
    if inspect.isfunction(reader) and "default" in inspect.signature(reader).parameters:
        setattr(env, name, recorded(reader))
from hydroml import gunicorn_conf, settings
print(json.dumps(asked))
"""


@cache
def defaults() -> dict[str, Any]:
    """Each variable that the service reads, with its default."""
    environment = {"PATH": os.environ["PATH"], "SECRET_KEY": "any"}
    done = subprocess.run(
        [sys.executable, "-c", RECORD],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout)


def documented() -> dict[str, str]:
    """Each variable in the document's tables, with the cell that says its default."""
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (.+?) \| (.+?) \| (.+?) \| (.+?) \|$",
        (ROOT / "docs" / "settings.md").read_text(),
        re.MULTILINE,
    )
    assert len({row[0] for row in rows}) == len(rows), "a variable stands there twice"
    return {name: default for name, default, *_ in rows}


def as_written(default: Any) -> str:
    if isinstance(default, list):
        return ",".join(default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def test_the_document_has_every_variable_and_no_other() -> None:
    assert sorted(documented()) == sorted(defaults())


def test_the_document_has_every_default() -> None:
    wrong = {
        name: (documented()[name], default)
        for name, default in defaults().items()
        if default and name not in COMPUTED and documented()[name] != f"`{as_written(default)}`"
    }

    assert wrong == {}


def test_what_is_unset_unless_set_has_no_default_in_the_document() -> None:
    unset = {name for name, default in defaults().items() if default in (None, "", [])}

    assert unset >= {"SECRET_KEY", "REDIS_URL", "SENTRY_DSN"}
    assert {name for name in unset if documented()[name].startswith("`")} == set()


def test_the_example_has_every_variable_and_no_other() -> None:
    example = re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)

    assert sorted(example) == sorted(defaults())


@pytest.mark.parametrize("key", conf.DEFAULTS)
def test_every_default_of_the_log_is_the_one_of_its_variable(key: str) -> None:
    assert defaults()[f"SESSION_{key}"] == conf.DEFAULTS[key]


def test_nothing_reads_the_environment_but_by_the_readers() -> None:
    """So that the record is complete."""
    sources = [
        path
        for part in ("hydroml", "data_tools", "session_events")
        for path in (ROOT / part).rglob("*.py")
        if path.name not in ("env.py", "settings_test.py")
    ]
    assert len(sources) > 100

    reads = re.compile(r"environ\.get|environ\[|getenv")

    assert [path for path in sources if reads.search(path.read_text())] == []
