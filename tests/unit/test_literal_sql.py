"""`make lint` refuses SQL that is made from a variable. See Note [Literals only] in `sql.fragment`.

The checker runs on a file outside the tree with the project's own settings.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.conf import settings

from data_tools.sql.fragment import sql

ROOT = Path(settings.BASE_DIR)
PROBE = """
from typing import LiteralString

from data_tools.sql.fragment import Sql, joined, sql


def from_a_variable(user: str) -> LiteralString:
    return user  # refused


def attempts(user: str) -> None:
    text: LiteralString = user  # refused
    texts: dict[str, LiteralString] = {"key": user}  # refused
    Sql("DROP " + user)  # refused
    Sql(f"DROP {user}")  # refused
    sql(user)  # refused
    sql(f"DROP TABLE {user}")  # refused
    sql("DROP TABLE {table}", table=object())  # refused
    sql("DROP TABLE {table}", table=[Sql("t")])  # refused
    sql("DROP TABLE {table}", table=user)
    joined(user, [])  # refused
    Sql("SELECT 1")
    sql("SELECT {one}", one=Sql("1"))
    joined(", ", [Sql("SELECT " + "1")])
"""


@pytest.fixture(scope="module")
def refused_lines(tmp_path_factory: pytest.TempPathFactory) -> set[int]:
    """The lines of PROBE, from 1, that the checker refuses."""
    probe = tmp_path_factory.mktemp("probe") / "probe.py"
    probe.write_text(PROBE)
    checked = subprocess.run(
        [sys.executable, "-m", "basedpyright", "--outputjson", str(probe)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(checked.stdout)
    assert found["summary"]["filesAnalyzed"] == 1
    return {
        error["range"]["start"]["line"] + 1
        for error in found["generalDiagnostics"]
        if error["severity"] == "error"
    }


@pytest.mark.parametrize(
    ("number", "line"),
    [
        pytest.param(number, line, id=line.strip())
        for number, line in enumerate(PROBE.splitlines(), start=1)
        if line.startswith("    ")
    ],
)
def test_sql_from_a_variable_is_refused_and_a_literal_is_not(
    number: int, line: str, refused_lines: set[int]
) -> None:
    assert (number in refused_lines) == line.endswith("# refused")


def test_a_text_that_is_put_into_a_template_is_bound_and_never_sql() -> None:
    user = "t; DROP TABLE t --"

    statement = sql("DROP TABLE {table}", table=user)

    assert statement.text == "DROP TABLE %s"
    assert statement.parameters == (user,)


def test_the_checker_reads_every_package_that_may_compose_sql() -> None:
    tools = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]
    [composers] = [
        contract["allowed_importers"]
        for contract in tools["importlinter"]["contracts"]
        if contract.get("protected_modules") == ["data_tools.sql.fragment"]
    ]

    assert sorted(tools["basedpyright"]["include"]) == sorted(
        package.replace(".", "/") for package in composers
    )
