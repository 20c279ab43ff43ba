"""What PostgreSQL is sent. `python -m tests.golden` writes the files that are missing."""

from __future__ import annotations

import pytest

from tests.golden.statements import STATEMENTS, as_file, path_of


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_is_its_golden_file(name: str) -> None:
    assert as_file(STATEMENTS[name]) == path_of(name).read_text()


def test_every_golden_file_has_a_statement() -> None:
    files = {path.stem for path in path_of("any").parent.glob("*.sql")}

    assert files == set(STATEMENTS)


@pytest.mark.parametrize("name", STATEMENTS)
def test_a_statement_has_a_placeholder_for_each_parameter(name: str) -> None:
    statement = STATEMENTS[name]

    assert statement.text.count("%s") == len(statement.parameters)
    assert statement.text.count("%") == len(statement.parameters)
