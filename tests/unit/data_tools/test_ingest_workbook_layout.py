"""Which sheet of a workbook is read, where its table begins, and the options that say so."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt

from data_tools.ingest.exceptions import EmptyFile, OptionNotApplicable, SheetNotFound
from data_tools.ingest.formats import sandbox_process
from data_tools.sandbox.header_guess import guess_header, looks_like_data
from tests.support.table_reading import ReadTable, read_table, read_without_sandbox
from tests.support.workbooks import ods, xlsb_sheets, xlsx

Read = Callable[..., ReadTable]


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    monkeypatch.setattr(sandbox_process, "read_in_sandbox", read_without_sandbox)

    def read(content: bytes, **options: Any) -> ReadTable:
        path = tmp_path / "table"
        path.write_bytes(content)
        return read_table(path, **options)

    return read


# Sheets: each maps a name to how it is hidden, "" for a visible one. Its column is called as it is.

STATES = ["", "hidden", "veryHidden"]


def xlsx_sheets(**states: str) -> bytes:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, state in states.items():
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = state or "visible"
        sheet.append([name])
        sheet.append([1])
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def xls_sheets(**states: str) -> bytes:
    workbook = xlwt.Workbook()
    for name, state in states.items():
        sheet = workbook.add_sheet(name)
        sheet.visibility = STATES.index(state)
        sheet.write(0, 0, name)
        sheet.write(1, 0, 1)
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def binary_sheets(**states: str) -> bytes:
    return xlsb_sheets(
        {name: (STATES.index(state), [[name], [1]]) for name, state in states.items()}
    )


def ods_sheets(**states: str) -> bytes:
    hidden = [name for name, state in states.items() if state]
    return ods(hidden=hidden, **{name: [[name], [1]] for name in states})


FORMATS = [xlsx_sheets, xls_sheets, binary_sheets, ods_sheets]


@pytest.mark.parametrize("sheets", FORMATS)
@pytest.mark.parametrize(
    ("states", "chosen", "certainty", "why"),
    [
        ({"One": ""}, "One", "certain", "no other sheet"),
        ({"One": "", "Two": ""}, "One", "likely", "the first sheet"),
        ({"One": "", "Two": "hidden"}, "One", "likely", "the only sheet that is not hidden"),
        ({"One": "hidden", "Two": ""}, "Two", "likely", "before it there is “One”"),
        ({"One": "veryHidden", "Two": "hidden", "Three": ""}, "Three", "likely", "“One”, “Two”"),
    ],
)
def test_the_first_sheet_that_is_not_hidden_is_read(
    read: Read,
    sheets: Callable[..., bytes],
    states: dict[str, str],
    chosen: str,
    certainty: str,
    why: str,
) -> None:
    table = read(sheets(**states))

    assert list(table.types) == [chosen]
    guess = table.facts["guesses"]["sheet"]
    assert (table.facts["sheet"], guess["value"], guess["certainty"]) == (chosen, chosen, certainty)
    assert why in guess["why"]
    assert table.facts["sheets"] == list(states)
    assert table.facts["hidden_sheets"] == [name for name, state in states.items() if state]


@pytest.mark.parametrize("sheets", FORMATS[1:])  # openpyxl writes no such .xlsx
def test_if_all_sheets_are_hidden_the_first_is_read(
    read: Read, sheets: Callable[..., bytes]
) -> None:
    table = read(sheets(One="hidden", Two="hidden"))

    assert list(table.types) == ["One"]
    guess = table.facts["guesses"]["sheet"]
    assert (guess["certainty"], guess["why"][:21]) == ("guess", "All sheets are hidden")


@pytest.mark.parametrize("sheets", FORMATS)
def test_a_hidden_sheet_is_read_if_it_is_named(read: Read, sheets: Callable[..., bytes]) -> None:
    table = read(sheets(One="hidden", Two=""), sheet="One")

    assert list(table.types) == ["One"]
    assert table.facts["guesses"]["sheet"]["certainty"] == "certain"


@pytest.mark.parametrize("sheets", FORMATS)
def test_a_refusal_names_the_sheets_there_are(read: Read, sheets: Callable[..., bytes]) -> None:
    with pytest.raises(SheetNotFound, match=r"no sheet “one”. It has “One” \(hidden\), “Two”\."):
        read(sheets(One="hidden", Two=""), sheet="one")


def test_the_refusal_of_an_empty_sheet_names_the_others(read: Read) -> None:
    with pytest.raises(EmptyFile, match="“Data” is empty. The workbook also has “More”, “Rest”."):
        read(xlsx(Data=[], More=[["a"]], Rest=[["b"]]))
    with pytest.raises(EmptyFile, match=r"“Data” is empty\.$"):
        read(xlsx(Data=[]))


# Where the table begins

TITLE = ["Quarterly report 2024", None, None]
EMPTY: list[None] = [None, None, None]
NAMES = ["region", "q1", "q2"]
ROWS = [["N", 1, 2], ["S", 3, 4]]


@pytest.mark.parametrize(
    ("rows", "header_row"),
    [
        ([TITLE, EMPTY, NAMES, *ROWS], 3),
        ([TITLE, NAMES, *ROWS], 2),
        ([EMPTY, TITLE, ["as of May", None, None], EMPTY, NAMES, *ROWS], 5),
        ([[None, "Report", None], NAMES, *ROWS], 2),
        ([TITLE, ["region", 2023, 2024], *ROWS], 2),
        ([NAMES, *ROWS], 1),
        ([EMPTY, NAMES, *ROWS], 2),
    ],
)
def test_rows_of_a_title_are_above_the_header(
    read: Read, rows: list[list[Any]], header_row: int
) -> None:
    table = read(xlsx(Data=rows))

    assert table.rows == ROWS
    assert table.facts["header_row"] == header_row
    guess = table.facts["guesses"]["header_row"]
    assert (guess["value"], guess["certainty"]) == (header_row, "likely")
    assert ("as a title does" in guess["why"]) is ("eport" in str(rows))


def test_a_header_that_looks_like_data_is_a_guess(read: Read) -> None:
    table = read(xlsx(Data=[["x", 12, 13], ["y", 14, 15]]))

    assert list(table.types) == ["x", "12", "13"]
    assert table.facts["guesses"]["header_row"]["certainty"] == "guess"


@pytest.mark.parametrize(
    ("rows", "index"),
    [
        ([], 0),
        ([["a", "b"]], 0),
        ([["a", None], ["1", "2"]], 0),
        ([["name", None], ["x", "y"], ["z", "w"]], 0),
        ([["Report", None], ["name", "n"], ["x", "1"]], 1),
        ([["Report", None], ["name", "day"], ["x", "2024-01-31"]], 1),
        ([["Report", "", " "], ["a", "b", "c"], ["d", "e", "f"]], 1),
        ([["Report", None, None], ["a", None, "c"], ["1", "2", "3"]], 0),
        ([["Report", None, None], ["a", "a", "c"], ["1", "2", "3"]], 0),
        ([["Report", None, None], ["1", "2", "3"], ["4", "5", "6"]], 0),
        ([["Report", None, None], ["a", "b", None], ["1", "2", "3"]], 0),
        ([["a"], ["1"], ["2"]], 0),
        ([["Report"], [None, "a", "b", "c"], [None, "1", "2", "3"]], 1),
        ([["only", None, None], [None, None, None]], 0),
    ],
)
def test_only_a_full_row_of_names_below_single_cells_is_a_header(
    rows: Sequence[Sequence[str | None]], index: int
) -> None:
    assert guess_header(rows) == index


@pytest.mark.parametrize(
    ("cell", "is_data"),
    [
        *(("12", True), ("-1.5", True), ("1,234.50", True), ("12 %", True), ("$5", True)),
        *(("31.01.2013", True), ("2013-01-31T05:00", True), ("1e5", True), ("2024", False)),
        *(("q1", False), ("", False), ("12a", False), ("1" * 41, True), ("-", False)),
        *(("05:40", True), ("26:15:00", True), ("127.0.0.1", True)),
    ],
)
def test_numbers_and_dates_look_like_data_but_years_do_not(cell: str, is_data: bool) -> None:
    assert looks_like_data(["name", cell]) is is_data


@pytest.mark.parametrize(
    ("options", "names", "rows", "header_row"),
    [
        ({"header_row": 1}, ["t", "column_2"], [["a", "b"], ["1", "2"], ["sum", "3"]], 1),
        ({"header_row": 2}, ["a", "b"], [["1", 2], ["sum", 3]], 2),
        ({"skip_rows": 1}, ["a", "b"], [["1", 2], ["sum", 3]], 2),
        ({"skip_rows": 1, "header_row": 2}, ["1", "2"], [["sum", 3]], 3),
        ({"header_row": None}, ["column_1", "column_2"],
         [["t", None], ["a", "b"], ["1", "2"], ["sum", "3"]], None),
        ({"header_row": None, "skip_rows": 2}, ["column_1", "column_2"], [["1", 2], ["sum", 3]],
         None),
        ({"skip_rows": 1, "skip_footer": 1}, ["a", "b"], [[1, 2]], 2),
        ({"skip_rows": 3}, ["sum", "3"], [], 4),
        ({"skip_rows": 1, "skip_footer": 1, "null_values": ("1",)}, ["a", "b"], [[None, 2]], 2),
    ],
)  # fmt: skip
def test_options_say_where_the_table_is(
    read: Read,
    options: dict[str, Any],
    names: list[str],
    rows: list[list[Any]],
    header_row: int | None,
) -> None:
    table = read(xlsx(Data=[["t", None], ["a", "b"], [1, 2], ["sum", 3]]), **options)

    assert (list(table.types), table.rows) == (names, rows)
    assert table.facts["header_row"] == header_row
    guess = table.facts["guesses"]["header_row"]
    if "header_row" in options:
        assert (guess["value"], guess["certainty"]) == (header_row, "certain")


def test_blanks_at_the_ends_of_names_and_texts_are_left_out_on_request(read: Read) -> None:
    table = read(xlsx(Data=[[" a ", "b"], [" x ", 1]]), trims=True)

    assert (list(table.types), table.rows) == (["a", "b"], [["x", 1]])


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"skip_rows": 9}, "“Data” ends with row 3, so no table is left below what is skipped"),
        ({"skip_footer": 3}, "below what is skipped"),
        ({"header_row": 4}, "below row 4"),
        ({"skip_rows": 2, "header_row": 2}, "below row 4"),
        ({"header_row": None, "skip_footer": 9}, "below what is skipped"),
    ],
)
def test_options_that_leave_no_table_are_refused(
    read: Read, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(EmptyFile, match=words):
        read(xlsx(Data=[["a"], [1], [2]]), **options)


def test_options_of_other_formats_are_refused_by_name(read: Read) -> None:
    with pytest.raises(OptionNotApplicable, match="workbook, .* “delimiter”, “decimal” do not"):
        read(xlsx(Data=[["a"], [1]]), delimiter=";", decimal=",")


def test_merged_cells_hold_their_value_in_the_first_and_are_counted(read: Read) -> None:
    workbook = openpyxl.Workbook()
    sheet = workbook.worksheets[0]
    for row in [["a", "b"], ["x", 1], [None, 2], ["y", 3]]:
        sheet.append(row)
    sheet.merge_cells("A2:A3")
    file = io.BytesIO()
    workbook.save(file)

    table = read(file.getvalue())

    assert table.rows == [["x", 1], [None, 2], ["y", 3]]
    assert table.facts["merged_ranges"] == 1
