"""The report says how sure a column's type is and why, and by which rule numbers stay text."""

from __future__ import annotations

from pathlib import Path

import pytest

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions
from tests.support.settled_column import Values, settle
from tests.support.table_reading import read_table


@pytest.mark.parametrize(
    ("written", "named"),
    [
        (["5E1", "5E2"], "Row 1, “5E1”"),
        (["2310009E13", None, "2310010E13"], "Row 1, “2310009E13”"),
        (["12", "12E4", "77"], "Row 2, “12E4”"),
        (["1e5", "NA", "2"], "Row 1, “1e5”"),
        (["3E0"], "Row 1, “3E0”"),
        (["3.9", "3.10", "3.11"], "Row 2, “3.10”"),
        (["3.10", "3.1"], "Row 1, “3.10”"),
        (["1.0", "1.9", "1.20"], "Row 3, “1.20”"),
        (["2023.1", "2023.10", "NA"], "Row 2, “2023.10”"),
        (["0.8", "0.9", "0.10"], "Row 3, “0.10”"),
        (["0.7", None, "0.11", "0.10"], "Row 4, “0.10”"),
        (["0.10", "0.2", "1.20", "1.3"], "Row 3, “1.20”"),
        (["2.10", None, "3.10", "3.9"], "Row 3, “3.10”"),
    ],
)
def test_numbers_that_are_written_like_names_stay_text(written: Values, named: str) -> None:
    report, values = settle(written)
    one_by_one, _ = settle(*([value] for value in written))

    assert report.type == "text"
    assert values == list(written)
    assert report.certainty == "guess"
    assert one_by_one == report
    assert report.why.startswith(f"{named}, is written like a ")


@pytest.mark.parametrize(
    "written",
    [
        ["5E1", "5.5"],
        ["5E1", "1E+5"],
        ["5E1", "2E-3"],
        ["5E1", "-7"],
        ["-7", "5E1"],
        ["-7", "5E1", "6E1"],
        ["5E1", "inf"],
        ["1e30", "2e30", None, "4.5"],
        ["3.10", "4.00", "2.50"],
        ["3.10", "3.11"],
        ["1.0", "0.10"],
        ["0.10", "0.2", "0.25"],
        ["99.90", "5.5"],
        ["12.5", "47.10", "103.2"],
        ["3.9", "3.10", "3.05"],
        ["3.9", "3.10", "-3.1"],
        ["3.9", "3.10", "4"],
        ["3.9", "3.10", "12345.1"],
        ["2.0", "3.0", "2.5"],
        ["0.5", "0.25", "0.125"],
    ],
)
def test_other_numbers_are_floats_whatever_is_lost_and_that_is_counted(written: Values) -> None:
    report, values = settle(written)
    one_by_one, _ = settle(*([value] for value in written))

    assert one_by_one == report
    assert report.type == "float"
    assert all(value is None or isinstance(value, int | float) for value in values)


@pytest.mark.parametrize("text", ["5E1", "3.10"])
def test_a_column_of_names_holds_numbers_if_its_owner_asks_for_them(text: str) -> None:
    report, values = settle([text, "3.9"], asked=ColumnOptions(type=ColumnType.FLOAT))

    assert (report.type, report.certainty) == ("float", "certain")
    assert values == [float(text), 3.9]


@pytest.mark.parametrize(
    ("pieces", "certainty", "why"),
    [
        (
            [[*"1234567890123456", "n/a?", "17"]],
            "likely",
            "Row 17, “n/a?”, is not a number, while the 16 values before it are.",
        ),
        (
            [["1.5"], [None, "2"], ["x"]],
            "likely",
            "Row 4, “x”, is not a number, while the 2 values before it are.",
        ),
        (
            [["NA", "1", "007"]],
            "likely",
            "Row 3, “007”, is not a number, while the value before it is one. As a number it would "
            "lose the zero in front.",
        ),
        (
            [["01/02/2024", "x"]],
            "certain",
            "Row 1, “01/02/2024”, is not a number, boolean, date or datetime.",
        ),
        (
            [["+49 30 1234", "x"]],
            "certain",
            "Row 1, “+49 30 1234”, is not a number, boolean, date or datetime.",
        ),
        (
            [["1", "1,5"]],
            "likely",
            "Row 2, “1,5”, is not a number, while the value before it is one. With “,” as "
            "the decimal mark it would be one.",
        ),
        (
            [["1", "1,500"]],
            "likely",
            "Row 2, “1,500”, is not a number, while the value before it is one. With “,” "
            "between thousands, or as the decimal mark, it would be one.",
        ),
        (
            [["1", "2 "]],
            "likely",
            "Row 2, “2 ”, is not a number, while the value before it is one. Without the "
            "blanks around it, it would be one.",
        ),
        (
            [["7", "-inf", "NaN", "Null"]],
            "likely",
            "Row 4, “Null”, is not a number, while the value before it is one.",
        ),
        (
            [["7"], ["-inf"], ["Null"]],
            "likely",
            "Row 3, “Null”, is not a number, while the value before it is one.",
        ),
        (
            [["true", "true", "yes"]],
            "likely",
            "Row 3, “yes”, is not a boolean, while the 2 values before it are.",
        ),
        (
            [["2024-01-31", "2024-02-30"]],
            "likely",
            "Row 2, “2024-02-30”, is not a date, while the value before it is one.",
        ),
        (
            [["2024-01-31T10:00:00", "2024-01-31T10:00:00Z"]],
            "likely",
            "Row 2, “2024-01-31T10:00:00Z”, is not a datetime without an offset, while the value "
            "before it is one.",
        ),
        (
            [[None, "NA", "Alice", "7"]],
            "certain",
            "Row 3, “Alice”, is not a number, boolean, date or datetime.",
        ),
        (
            [["2024-01-31T10:00:00.123456789"]],
            "certain",
            "Row 1, “2024-01-31T10:00:00.123456789”, is not a number, boolean, date or datetime. "
            "It is finer than a microsecond, to which a datetime would cut it.",
        ),
        ([["inf"], ["x"]], "likely",
         "Row 1, “inf”, is infinite, and not all the other values are numbers."),
        ([[None, None]], "guess", "The column has no values."),
        ([["NA", ""]], "guess", "The column has no values."),
        (
            [["1", "9223372036854775808"]],
            "likely",
            "Row 2, “9223372036854775808”, would not be the same as an integer of 64 bits.",
        ),
        (
            [["1.5", "9007199254740993"]],
            "likely",
            "Row 2, “9007199254740993”, would be rounded beside numbers with a fraction or an "
            "exponent.",
        ),
    ],
)  # fmt: skip
def test_a_text_column_names_the_first_value_that_was_of_no_other_type(
    pieces: list[Values], certainty: str, why: str
) -> None:
    report, _ = settle(*pieces)

    assert (report.type, report.certainty, report.why) == ("text", certainty, why)


@pytest.mark.parametrize(
    ("written", "type_", "certainty", "part"),
    [
        (["1", "2", "3"], "integer", "certain", "Each of the 3 values is a whole number."),
        (["1", "0", "1"], "integer", "likely", "may stand for false and true"),
        (["20240131", "20240201", "20231231"], "integer", "likely", "dates as YYYYMMDD"),
        (["20240131", "20240201", "20240230"], "integer", "certain", "a whole number."),
        (["5", None], "integer", "likely", "There is little to judge by."),
        (
            ["1", "2.5", "-3"],
            "float",
            "certain",
            "Row 2, “2.5”, is the first that is not an integer.",
        ),
        (["1.234", "12.345", "123.456"], "float", "likely", "between thousands"),
        (["3.10", "3.11", "3.12"], "float", "likely", "may be versions"),
        (["true", "FALSE", "true"], "boolean", "certain", "Each of the 3 values is “true” or"),
        (["2024-01-31"] * 3, "date", "certain", "YYYY-MM-DD"),
        (["2024-01-31T10:00"] * 3, "datetime", "certain", "without an offset"),
        (["2024-01-31T10:00+01:00"] * 3, "datetime", "certain", "UTC is stored"),
        (["31/01/2024", "01/02/2024"], "text", "guess", "a date with the day first"),
        (["03/01/2024"], "text", "guess", "a date with the day first or the month first"),
    ],
)
def test_a_type_is_certain_only_if_nothing_else_is_possible(
    written: Values, type_: str, certainty: str, part: str
) -> None:
    report, _ = settle(written)

    assert (report.type, report.certainty) == (type_, certainty)
    assert part in report.why


@pytest.mark.parametrize(
    ("written", "options"),
    [
        (["1,5", "2,25"], {"decimal": ","}),
        (["1", "2", "-3,5"], {"decimal": ","}),
        (["1.234,5"], {"thousands": ".", "decimal": ","}),
        (["1.234.567"], {"thousands": ".", "decimal": ","}),
        (["1,234.5"], {"thousands": ","}),
        (["1,234,567"], {"thousands": ","}),
        (["1'234.50"], {"thousands": "'"}),
        (["1’234.50"], {"thousands": "’"}),
        (["1\u202f234,50"], {"thousands": " ", "decimal": ","}),
        (["1 234"], {"thousands": " "}),
        (["1,234"], {}),
        (["1.2.3"], {}),
        (["Bonn, 5"], {}),
        (["1,5x"], {}),
    ],
)
def test_numbers_in_the_notation_of_another_country_suggest_how_to_read_them(
    written: Values, options: dict[str, str]
) -> None:
    report, _ = settle(written)
    numbers, _ = settle(written, **options)

    assert report.type == "text"
    assert report.suggested_options == options
    assert (numbers.type in ("integer", "float")) == bool(options)


def test_what_is_suggested_leaves_what_was_chosen_as_it_is() -> None:
    further, _ = settle(["1.234,5"], decimal=",")
    against, _ = settle(["1,234.5"], decimal=",")

    assert further.suggested_options == {"thousands": ".", "decimal": ","}
    assert against.suggested_options == {}


@pytest.mark.parametrize(
    ("lines", "options", "suggested"),
    [
        ("1,5;1.5\n2,5;2.25\n", {}, {}),
        ("1.234,5;1.5\n2,5;2\n", {}, {}),
        ("1,234.5;1.5\n2,345.5;2.25\n", {}, {"thousands": ","}),
        ("1,5;2\n2,5;3\n", {}, {"decimal": ","}),
        ("1,5;1.234\n2,5;2.345\n", {}, {"decimal": ","}),  # perhaps a point between thousands
        ("1.234,5;2,5\n2,5;3\n", {"decimal": ","}, {"thousands": ".", "decimal": ","}),
    ],
)
def test_no_notation_is_suggested_that_takes_the_numbers_of_another_column(
    tmp_path: Path, lines: str, options: dict[str, str], suggested: dict[str, str]
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(f"a;b\n{lines}")

    columns = read_table(path, **options).columns

    assert columns["a"]["type"] == "text"
    assert columns["a"]["suggested_options"] == suggested


@pytest.mark.parametrize(
    ("pieces", "formats"),
    [
        ([["31/01/2024", "01/02/2024"]], ["%d/%m/%Y"]),
        ([["01/02/2024"], ["01/31/2024"]], ["%m/%d/%Y"]),
        ([["01/02/2024", None, "NA"], ["", "03/04/2024"]], ["%d/%m/%Y", "%m/%d/%Y"]),
        ([["1.2.2024", "31.12.1999"]], ["%d.%m.%Y"]),
        ([["5 May 2024", "6 June 2024"]], ["%d %B %Y"]),
        ([["5 May 2024", "6 Jun 2024"]], ["%d %b %Y"]),
        ([["5 May 2024"]], ["%d %b %Y"]),
        ([["31/12/99 23:59", "1/1/00 0:00"]], ["%d/%m/%y %H:%M"]),
        ([["1/31/2024, 9:05:00 AM"]], ["%m/%d/%Y, %I:%M:%S %p"]),
        ([["2024-1-5", "2024-12-31"]], ["%Y-%m-%d"]),
        ([["2024-12-31"], ["2024-1-5"]], ["%Y-%m-%d"]),
        ([["31/01/2024", "30/02/2024"]], []),
        ([["31/01/2024"], ["01/31/2024"]], []),
        ([["31/01/2024"], ["soon"]], []),
        ([["7"], ["31/01/2024"]], []),
        ([["1/2", "2/3"]], []),
        ([["1.2.3.4"]], []),
        ([["10:30"]], []),
    ],
)
def test_a_text_column_offers_the_date_formats_that_all_its_values_fit(
    pieces: list[Values], formats: list[str]
) -> None:
    report, values = settle(*pieces)

    assert report.type == "text"
    assert values == [value for piece in pieces for value in piece]
    assert report.date_formats == formats
