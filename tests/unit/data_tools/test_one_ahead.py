"""The next piece is made while the last is worked on, and nothing else changes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from data_tools.ingest.formats import csv_blocks
from data_tools.ingest.formats.csv_file import CsvFile
from data_tools.ingest.one_ahead import one_ahead
from data_tools.ingest.typed_table import read_typed_table
from tests.support.patience import PATIENCE_SECONDS


def test_an_error_comes_where_its_piece_would() -> None:
    def pieces() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("no third")

    taken: list[int] = []
    with pytest.raises(ValueError, match="no third"):
        taken.extend(one_ahead(pieces()))

    assert taken == [1, 2]


def test_a_batch_of_a_file_is_parsed_while_the_one_before_is_observed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "numbers.csv"
    path.write_text("n\n" + "".join(f"{at}\n" for at in range(3_000)))
    monkeypatch.setattr(csv_blocks, "_LEAST_READ_BYTES", 1_000)
    monkeypatch.setattr(csv_blocks, "_READ_BYTES_OF_A_COLUMN", 1_000)
    second_is_parsed = threading.Event()
    parsed = CsvFile._parsed
    batches = 0

    def parse(file: CsvFile, text: bytes) -> pa.RecordBatch:
        nonlocal batches
        batches += 1
        if batches == 2:
            second_is_parsed.set()
        return parsed(file, text)

    def advance(fraction: float) -> None:
        if batches:  # the first batch was observed, and no other was asked for
            assert second_is_parsed.wait(PATIENCE_SECONDS)

    monkeypatch.setattr(CsvFile, "_parsed", parse)

    typed = read_typed_table(path, advance=advance)

    assert batches > 2
    assert typed.row_count == 3_000
    assert typed.columns == [{"name": "n", "type": "integer"}]
