"""Files that other programs were reported to read wrongly are read right here, or refused with the
line, or read with a report that admits doubt."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tried_files import (
    duckdb,
    duckdb_values,
    openrefine,
    openrefine_values,
    others,
    pandas,
)
from tests.support.tried_files.tried_file import TriedFile


@pytest.mark.parametrize(
    "report",
    [
        *duckdb.REPORTS,
        *duckdb_values.REPORTS,
        *openrefine.REPORTS,
        *openrefine_values.REPORTS,
        *pandas.REPORTS,
        *others.REPORTS,
    ],
    ids=str,
)
def test_the_outcome_does_justice_to_the_report(report: TriedFile, tmp_path: Path) -> None:
    assert report.misfits(tmp_path) == [], report.about
