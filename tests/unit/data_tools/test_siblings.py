"""Files of the kinds that were once read wrongly: each kind has many, since one file proves
little."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_tools.ingest.formats import sandbox_process
from tests.support.table_reading import read_without_sandbox
from tests.support.tried_files import (
    broken_encodings,
    delimiters,
    json_layouts,
    parquet_columns,
    quotes,
    sheets,
    spellings,
)
from tests.support.tried_files.tried_file import TriedFile


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)


@pytest.mark.parametrize(
    "tried",
    [
        *broken_encodings.FILES,
        *quotes.FILES,
        *delimiters.FILES,
        *spellings.FILES,
        *json_layouts.FILES,
        *sheets.FILES,
        *parquet_columns.FILES,
    ],
    ids=str,
)
def test_the_outcome_is_right(tried: TriedFile, tmp_path: Path) -> None:
    assert tried.misfits(tmp_path) == [], tried.about
