"""What PostgreSQL is sent. `python -m tests.golden` writes the files that are missing."""

from __future__ import annotations

import pytest

from data_tools.profiles.stored import column_digest
from data_tools.row_tables import placement
from data_tools.rows.session_rows import SessionRows
from tests.golden.statements import (
    FILLED_AND_COPIED,
    KEPT,
    STATEMENTS,
    STORED,
    WITHOUT_MISSING,
    as_file,
    forward_fill,
    path_of,
    session,
)


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


@pytest.mark.parametrize(
    ("rows", "digest"),
    [
        (STORED, "96f54920cf511dcf07b851cc29a64c03e703e7ade6d2507eca59942007ceb000"),
        (KEPT, "976030574fdfde68d3f31c17771415731f5e0552b16cd0ca8602696f9e01ca70"),
        (FILLED_AND_COPIED, "b9c260ba8e40923e7e0f1f41948fa5e8c47ac9a74cbd68183495f546ad8d1956"),
        (
            session(WITHOUT_MISSING, forward_fill("b2", limit_row=3, gaps=[[100, 399]])),
            "4961473d87edada5520c4886cc2bbcb1e4e8973f3981e8f17ba469c216696b22",
        ),
    ],
)
def test_a_profile_stored_by_version_0_1_is_found(rows: SessionRows, digest: str) -> None:
    """A new layout of the SQL must not make every column of every dataset be measured again."""
    assert column_digest(rows, rows.columns[2]) == digest


def test_a_column_is_the_same_one_after_its_rows_have_moved(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = session(forward_fill("b2", limit_row=3, gaps=[[100, 399]]))
    before = column_digest(rows, rows.columns[2])

    monkeypatch.setitem(placement._being_written, (rows.dataset_id, rows.revision), True)

    assert "data_tools_rows_" in rows.rows_between(1, 2).text
    assert column_digest(rows, rows.columns[2]) == before
