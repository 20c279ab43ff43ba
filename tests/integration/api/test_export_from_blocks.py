"""An export reads column blocks where it can, and is the same file that the rows make."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from data_tools.column_blocks import cutting, storage
from data_tools.exceptions import RequestRejected, RowsGone
from data_tools.exporting.csv_form import CsvForm
from data_tools.exporting.exceptions import ExportDoesNotFit
from data_tools.exporting.file_format import FileFormat, pieces
from data_tools.ingest import load_file
from data_tools.models import ColumnBlock, DataSource, RowList, StoredColumn
from data_tools.observing.activity import activity
from data_tools.rows.session_rows import SessionRows
from data_tools.sql.expressions import Stored
from data_tools.sql.postgres.calls import is_of_client_gone
from data_tools.under_way.requests import ClientLeft, under_way
from tests.support.examples import examples
from tests.support.packed_rows import rows_of
from tests.support.random_computations import computations
from tests.support.random_stacks import VALUES, requests, times
from tests.support.reference_rows import Table
from tests.support.stored_blocks import only_rows, stored_with_blocks, write_blocks

pytestmark = pytest.mark.django_db

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
AWKWARD = {
    "integer": st.integers(-(2**63), 2**63 - 1)
    | st.sampled_from((2**53, 2**53 + 1, -(2**53) - 1, 0, 10**16)),
    "float": st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from((1e16, 1e15, 1e17, 2.0, -0.0, 0.0, 5e-324, 0.1, 1e-7, 1.5e300)),
    "text": TEXT
    | VALUES["text"]
    | st.sampled_from(("", '"', 'say "hi"', "a,b;c|d\te", "x\r\ny", "=1+1", "'", "é 名 😀", "\\")),
    "boolean": st.booleans(),
    "date": st.dates().map(lambda day: day.isoformat()),
}
NAMES = ("a", 'the "name"', "=b", "größe, 日本", "e", "f")
FORMS = (
    CsvForm(),
    CsvForm(delimiter=";", has_bom=True, escapes_formulas=True),
    CsvForm(delimiter="\t", encoding="utf-16"),
    CsvForm(encoding="cp1252"),
)


@st.composite
def tables(draw: st.DrawFn) -> Table:
    """Draw a table with a column of each type, in any order; all times of a column in one form."""
    types = draw(st.permutations((*AWKWARD, "datetime")))
    values = [draw(times()) if each == "datetime" else AWKWARD[each] for each in types]
    row = st.tuples(*(st.none() | of_column for of_column in values)).map(list)
    rows = draw(st.lists(row | st.just([None] * len(types)), max_size=12))
    return Table(names=list(NAMES), types=types, rows=rows)


def file_of(rows: SessionRows, file_format: FileFormat, **form: Any) -> Any:
    """Return the file; of Parquet and workbooks what is in it, as their own bytes tell of groups
    and of the time."""
    try:
        content = b"".join(pieces(rows, file_format, **form))
    except ExportDoesNotFit as refusal:
        return str(refusal.details["character"])
    if file_format is FileFormat.PARQUET:
        table = parquet.read_table(io.BytesIO(content))
        return table.schema, [column.to_pylist() for column in table.columns]
    if file_format is FileFormat.XLSX:
        with zipfile.ZipFile(io.BytesIO(content)) as workbook:
            return workbook.read("xl/worksheets/sheet1.xml")
    return content


def files_of(rows: SessionRows) -> list[Any]:
    """Return the rows as files of every kind."""
    return [
        *(file_of(rows, FileFormat.CSV, csv_form=form) for form in FORMS),
        *(file_of(rows, FileFormat.JSONL, integers_as_text=as_text) for as_text in (False, True)),
        file_of(rows, FileFormat.PARQUET),
        file_of(rows, FileFormat.XLSX),
    ]


@settings(max_examples=examples(150))
@given(data=st.data())
def test_blocks_and_rows_make_the_same_files_byte_by_byte(db: None, data: st.DataObject) -> None:
    rows = stored_with_blocks(data.draw(tables()), block_rows=data.draw(st.integers(1, 13)))
    for _ in range(data.draw(st.integers(0, 4))):
        names = [column.name for column in rows.columns]
        name, parameters = data.draw(requests(names) | computations(names))
        try:
            rows = rows.after(rows.prepare(name, parameters))
        except RequestRejected:
            pass
    with only_rows():
        by_rows = files_of(rows)

    with activity() as done:
        by_blocks = files_of(rows)

    assert by_blocks == by_rows
    if rows.total_rows and all(isinstance(cell, Stored) for cell in rows.cells.values()):
        assert done.facts["read_from"] == "blocks"


ROWS = [[number, f"text {number % 3}", number / 4] for number in range(12)]
TABLE = Table(names=["n", "t", "x"], types=["integer", "text", "float"], rows=ROWS)


@pytest.fixture
def rows() -> SessionRows:
    """Twelve rows in three blocks."""
    return stored_with_blocks(TABLE, block_rows=4)


@pytest.fixture
def whole(rows: SessionRows) -> bytes:
    with only_rows():
        content: bytes = file_of(rows, FileFormat.CSV)
    return content


def test_a_block_is_read_by_one_statement_and_no_row_is(rows: SessionRows, whole: bytes) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert file_of(rows, FileFormat.CSV) == whole

    statements = [query["sql"].split()[0] for query in captured.captured_queries]
    assert statements == ["SAVEPOINT", "COPY", "RELEASE"] * 3


def after(rows: SessionRows, name: str, **parameters: Any) -> SessionRows:
    return rows.after(rows.prepare(name, parameters))


@pytest.mark.parametrize("damaged_block", [None, 1])
def test_computed_cells_and_kept_rows_come_from_blocks_as_well(
    rows: SessionRows, damaged_block: int | None
) -> None:
    keep = {
        "any": [{"column": "n", "op": "gte", "value": 6}, {"column": "n", "op": "eq", "value": 1}]
    }
    rows = after(rows, "feature_scaling_standard", columns=["x"])
    rows = after(rows, "filter_rows", filter=keep)
    rows = after(rows, "column_operation_drop", columns=["t"])
    with only_rows():
        expected = file_of(rows, FileFormat.CSV)
    RowList.objects.all().delete()  # found again
    if damaged_block is not None:
        ColumnBlock.objects.filter(column="b2", block=damaged_block).update(digest=b"")

    with activity() as done:
        assert file_of(rows, FileFormat.CSV) == expected

    assert done.facts["rows_returned"] == 7
    assert done.facts["read_from"] == ("blocks" if damaged_block is None else "list")


def test_a_few_rows_of_many_are_read_by_their_numbers() -> None:
    table = Table(names=["n"], types=["integer"], rows=[[number] for number in range(50)])
    rows = after(
        stored_with_blocks(table, block_rows=50),
        "filter_rows",
        filter=[{"column": "n", "op": "lt", "value": 2}],
    )

    with activity() as done:
        assert file_of(rows, FileFormat.CSV) == b"n\r\n0\r\n1\r\n"

    assert done.facts["read_from"] == "list"


def test_what_only_the_database_computes_is_read_from_rows(rows: SessionRows, whole: bytes) -> None:
    upper = after(rows, "find_and_replace", columns=["t"], find="text", replace_with="TEXT")

    with activity() as done:
        assert file_of(upper, FileFormat.CSV) == whole.replace(b"text", b"TEXT")

    assert done.facts["read_from"] == "rows"


@pytest.mark.parametrize("block", [0, 1, 2])
@pytest.mark.parametrize("column", ["b0", "b1"])
def test_after_a_damaged_block_the_rows_go_on(
    rows: SessionRows, whole: bytes, block: int, column: str
) -> None:
    of_column = StoredColumn.objects.filter(dataset_id=rows.dataset_id, column=column)
    ColumnBlock.objects.filter(dataset_id=rows.dataset_id, column=column, block=block).update(
        packed=b"\0" * 40
    )

    assert file_of(rows, FileFormat.CSV) == whole

    assert not of_column.exists()  # so that it is packed anew


@pytest.mark.parametrize("file_format", [FileFormat.CSV, FileFormat.JSONL])
@pytest.mark.parametrize("block_rows", [3, 4, 5, None])
def test_blocks_that_are_replaced_or_removed_meanwhile_leave_out_or_repeat_no_row(
    rows: SessionRows, file_format: FileFormat, block_rows: int | None
) -> None:
    with only_rows():
        expected = file_of(rows, file_format)
    file = pieces(rows, file_format)
    read = [next(file), next(file)]

    storage.remove_base(rows.dataset_id, rows.revision)
    if block_rows is not None:
        write_blocks(rows, TABLE, block_rows=block_rows)

    assert b"".join([*read, *file]) == expected


def test_a_column_that_was_packed_apart_from_the_others_is_not_read_with_them(
    rows: SessionRows, whole: bytes
) -> None:
    """Its blocks may hold other rows under the same numbers."""
    ColumnBlock.objects.filter(dataset_id=rows.dataset_id, column="b1").update(missing_count=0)

    with activity() as done:
        assert file_of(rows, FileFormat.CSV) == whole

    assert done.facts["read_from"] == "rows"


def test_blocks_of_a_loaded_file_are_read_to_the_last(
    user: User, media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However many blocks there are, loading writes all of them in one transaction."""
    monkeypatch.setattr(cutting, "BLOCK_ROWS", 3)
    path = media / "numbers.csv"
    path.write_text("n,t\n" + "".join(f"{number},text {number}\n" for number in range(10)))
    dataset = load_file(path, owner=user, name="numbers")
    loaded = rows_of(dataset)

    with activity() as done:
        content = file_of(loaded, FileFormat.CSV)

    assert content.decode() == path.read_text().replace("\n", "\r\n")
    assert (done.facts["read_from"], done.facts["rows_scanned"]) == ("blocks", 10)
    assert ColumnBlock.objects.filter(dataset_id=dataset.pk).count() == 8


def test_rows_that_are_deleted_meanwhile_end_the_file(rows: SessionRows) -> None:
    file = pieces(rows, FileFormat.CSV)
    read = [next(file), next(file)]

    DataSource.objects.filter(pk=rows.dataset_id).delete()

    with pytest.raises(RowsGone):
        read += file
    assert b"".join(read).count(b"\r\n") == 5


def test_columns_that_do_not_reach_the_last_row_are_completed_by_rows(
    rows: SessionRows, whole: bytes
) -> None:
    ColumnBlock.objects.filter(dataset_id=rows.dataset_id, block=2).delete()

    with activity() as done:
        assert file_of(rows, FileFormat.CSV) == whole

    assert done.facts["rows_scanned"] == done.facts["rows_returned"] == len(ROWS)


def test_long_texts_that_repeat_are_written_some_megabytes_at_a_time() -> None:
    text = "x" * (1 << 19)
    table = Table(names=["t"], types=["text"], rows=[[text]] * 12)
    rows = stored_with_blocks(table, block_rows=12)

    for file_format in (FileFormat.CSV, FileFormat.JSONL):
        written = list(pieces(rows, file_format))

        assert max(map(len, written)) < 3 << 20
        assert sum(map(len, written)) > 12 << 19


def test_long_texts_next_to_each_other_are_written_some_megabytes_at_a_time() -> None:
    texts = ["x" * (1 << 19)] * 12 + [""] * 5_000
    table = Table(names=["t"], types=["text"], rows=[[text] for text in texts])
    rows = stored_with_blocks(table, block_rows=len(texts))

    for file_format in (FileFormat.CSV, FileFormat.JSONL):
        assert max(map(len, pieces(rows, file_format))) < 3 << 20


def test_small_values_of_columns_with_long_names_are_written_some_megabytes_at_a_time() -> None:
    names = [f"{at:0200}" for at in range(20)]
    table = Table(names=names, types=["boolean"] * 20, rows=[[True] * 20] * 1_500)
    rows = stored_with_blocks(table, block_rows=1_500)

    assert max(map(len, pieces(rows, FileFormat.JSONL))) < 3 << 20


def test_a_client_that_leaves_is_no_export_that_broke_off(rows: SessionRows) -> None:
    is_gone = False
    with under_way(60, lambda: is_gone):
        file = pieces(rows, FileFormat.CSV)
        next(file)
        is_gone = True
        with pytest.raises(ClientLeft) as error:
            list(file)

    assert is_of_client_gone(error.value)


def test_a_float_in_json_lines_is_told_from_an_integer() -> None:
    table = Table(["x"], ["float"], [[2.0], [1e16], [0.5], [-0.0], [None], [1e300]])
    rows = stored_with_blocks(table)

    lines = file_of(rows, FileFormat.JSONL).decode().split()

    assert lines == [f'{{"x":{text}}}' for text in ("2.0", "1e+16", "0.5", "0.0", "null", "1e+300")]
