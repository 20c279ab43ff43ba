"""The records of a CSV file are the same however the file is cut into blocks."""

from __future__ import annotations

import csv
import io
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from data_tools.ingest.exceptions import BrokenQuoting, IngestError, RecordTooLong
from data_tools.ingest.formats import csv_blocks, csv_file
from data_tools.ingest.formats.opening import open_table
from data_tools.ingest.options import ReadingOptions

Outcome = tuple[Any, ...]

DIALECTS: list[dict[str, Any]] = [
    {"quote": '"', "escape": ""},
    {"quote": '"', "escape": "\\"},
    {"quote": "", "escape": "\\"},
    {"quote": "", "escape": ""},
    {"quote": "'", "escape": "", "comment": "#"},
]
BODIES = st.text(alphabet='xy,,""\'\\\n\n\r #', max_size=40)


def outcome(path: Path, **options: Any) -> Outcome:
    """Return the rows and what was found of the quoting, or the reason for refusing the file."""
    try:
        table = open_table(path, options=ReadingOptions(delimiter=",", header_row=1, **options))
        rows = [tuple(row.values()) for batch in table.batches() for row in batch.to_pylist()]
    except IngestError as error:
        # What is shown of a broken field ends where the block does.
        return type(error), re.sub(r" \(.* …\)", "", error.reason), error.report
    return rows, table.facts()


@settings(max_examples=100)
@given(
    body=BODIES,
    options=st.sampled_from(DIALECTS),
    pads_ragged=st.booleans(),
    footer=st.integers(0, 2),
    read_bytes=st.integers(1, 9),
)
@example(body="x,\r\ny,", options=DIALECTS[0], pads_ragged=False, footer=0, read_bytes=7)
@example(body='"x\\\\",y\\"\n', options=DIALECTS[1], pads_ragged=True, footer=0, read_bytes=3)
def test_the_size_of_the_blocks_makes_no_difference(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    options: dict[str, Any],
    pads_ragged: bool,
    footer: int,
    read_bytes: int,
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"a,b\n{body}".encode())
    options = options | {"pads_ragged": pads_ragged, "skip_footer": footer}
    at_once = outcome(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(csv_blocks, "_LEAST_READ_BYTES", read_bytes)
        patch.setattr(csv_blocks, "_MOST_READ_BYTES", read_bytes)
        in_blocks = outcome(path, **options)

    assert in_blocks == at_once


@settings(max_examples=200)
@given(
    body=BODIES | st.text(alphabet="xy,,\n\n\r ", max_size=40),
    options=st.sampled_from(DIALECTS),
    pads_ragged=st.booleans(),
)
@example(body="x,\n,\n,y\r\n,", options=DIALECTS[0], pads_ragged=False)
def test_a_file_of_many_columns_is_read_as_any_other(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
    options: dict[str, Any],
    pads_ragged: bool,
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"a,b\n{body}".encode())
    expected = outcome(path, **options, pads_ragged=pads_ragged)

    with monkeypatch.context() as patch:
        patch.setattr(csv_file, "_MOST_COLUMNS_PARSED", 1)
        as_one_column = outcome(path, **options, pads_ragged=pads_ragged)

    assert as_one_column == expected


@settings(max_examples=100)
@given(rows=st.lists(st.lists(BODIES, min_size=2, max_size=2), max_size=6))
def test_escaped_texts_are_read_as_the_csv_module_wrote_them(
    tmp_path: Path, rows: list[list[str]]
) -> None:
    path = tmp_path / "table.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\")
        writer.writerows([["a", "b"], *rows])

    assert outcome(path, escape="\\")[0] == [tuple(row) for row in rows]


@settings(max_examples=100)
@given(body=st.text(alphabet='xy,,""\'\\\n\n\r#', max_size=40))
def test_what_the_strict_csv_module_refuses_is_refused_and_the_rest_is_the_same(
    tmp_path: Path, body: str
) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(f"a,b\n{body}".encode())
    result = outcome(path, quote='"', escape="", pads_ragged=True)
    try:
        records = [row for row in csv.reader(io.StringIO(body, newline=""), strict=True) if row]
    except csv.Error:
        assert result[0] is BrokenQuoting
        return

    texts = [[text or "" for text in row] for row in result[0]]
    width = len(texts[0]) if texts else 0
    assert texts == [record + [""] * (width - len(record)) for record in records]


def test_a_record_that_is_too_long_is_refused_by_its_line(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text('a,b\n"1\n1",2\n3,"' + "x\n" * (1 << 20))

    with pytest.raises(RecordTooLong, match="on line 4 is longer than 1 MiB"):
        list(open_table(path, record_bytes=1 << 20).batches())
