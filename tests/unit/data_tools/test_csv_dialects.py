"""No table is read otherwise than it was written by a report that calls itself sure."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st

from data_tools.ingest.exceptions import IngestError
from data_tools.ingest.typed_columns import null_tokens
from tests.support.csv_writing import Row, WrittenDialect
from tests.support.table_reading import ReadTable, read_table

WORDS = ["Ann", "Bob Smith", "Zürich", "x", "Paris, FR", "a;b", '5" pipe', "O'Neil", "née", "#1"]
CELLS: dict[str, st.SearchStrategy[str]] = {
    "integers": st.integers(-1000, 10**6).map(str),
    "decimals": st.decimals(0, 1000, places=2).map(lambda number: str(number.normalize() + 0)),
    "decimal commas": st.integers(0, 999).map(lambda number: f"{number},5"),
    "dates": st.dates().map(str),
    "times": st.times().map(lambda time: time.isoformat("seconds")),
    "booleans": st.sampled_from(["true", "false"]),
    "words": st.sampled_from(WORDS),
    "texts": st.text(alphabet="ab1 ,;\t|\"'\\\n\r:#=é", max_size=8),
    "paths": st.sampled_from(["C:\\", "C:\\new", "\\\\host\\x", "a\\", '\\"']),
}
NAMES = ["id", "name", "first name", "größe", "price, net", "a;b", "x", "2024", "Q1", "it's"]
LINES_BEFORE = ["", "", "", "sep={delimiter}{end}", "# made by x{end}", "Report{end}{end}"]


@st.composite
def written_tables(draw: st.DrawFn) -> tuple[list[str], list[Row], WrittenDialect]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=5, unique=True))
    columns = [draw(st.sampled_from(sorted(CELLS))) for _ in names]
    cells = [
        CELLS[column] | st.none() if draw(st.booleans()) else CELLS[column] for column in columns
    ]
    rows: list[Row] = draw(st.lists(st.tuples(*cells), min_size=1, max_size=8))
    delimiter = draw(st.sampled_from([",", ",", ";", "\t", "|", "^", ":", " "]))
    line_end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    first_lines = draw(st.sampled_from(LINES_BEFORE))
    dialect = WrittenDialect(
        delimiter=delimiter,
        quote=draw(st.sampled_from(['"', '"', "'", ""])),
        quotes_all=draw(st.booleans()),
        escape=draw(st.sampled_from(["", "", "\\"])),
        line_end=line_end,
        encoding=draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"])),
        has_header=draw(st.sampled_from([True, True, False])),
        ends_last_line=draw(st.booleans()),
        first_lines=first_lines.format(delimiter=delimiter, end=line_end),
    )
    return names, rows, dialect


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(written_tables())
def test_a_table_is_read_as_written_or_refused_or_reported_as_unsure(
    tmp_path: Path, written: tuple[list[str], list[Row], WrittenDialect]
) -> None:
    names, rows, dialect = written
    path = tmp_path / "table.csv"
    try:
        path.write_bytes(dialect.write(names, rows))
    except ValueError:
        assume(False)

    try:
        table = read_table(path)
    except IngestError:
        event("refused")
        return

    if is_same(table, names if dialect.has_header else None, rows):
        event("the same")
        return
    event("different and unsure")
    assert unsure_of(table), "different and sure"


def is_same(table: ReadTable, names: list[str] | None, rows: list[Row]) -> bool:
    if names is not None and list(table.types) != names:
        return False
    if len(table.rows) != len(rows) or len(table.types) != len(rows[0]):
        return False
    types = list(table.types.values())
    return all(
        is_same_cell(stored, written, type_)
        for stored_row, row in zip(table.rows, rows, strict=True)
        for stored, written, type_ in zip(stored_row, row, types, strict=True)
    )


def is_same_cell(stored: Any, written: str | None, type_: str) -> bool:
    if stored is None:
        return written is None or (type_ != "text" and written in null_tokens.NULLS)
    if written is None:
        return False
    match type_:
        case "integer" | "float":
            return Decimal(str(stored)) == Decimal(written)
        case "boolean":
            return str(stored).lower() == written.lower()
        case _:
            return bool(stored == written)


def unsure_of(table: ReadTable) -> list[str]:
    """Return the names of the guesses that may be wrong, by the report itself."""
    return [name for name, guess in table.facts["guesses"].items() if guess["certainty"] == "guess"]
