"""The demo's data is all there."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from hydroml import flights


def test_all_flights_are_unpacked(flights_csv: Path) -> None:
    with flights_csv.open(newline="") as file:
        header, *rows = csv.reader(file)

    assert len(header) == 19
    assert len(rows) == flights.ROW_COUNT


def test_a_missing_package_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flights, "PACKAGE", "a-package-that-is-not-installed")

    with pytest.raises(FileNotFoundError, match="requirements-demo.txt"):
        flights.flights_csv(tmp_path)
