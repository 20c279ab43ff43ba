"""How the owner of a CSV file says that it is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_tools.ingest.exceptions import (
    BrokenQuoting,
    EmptyFile,
    OptionNotApplicable,
    RaggedLines,
    TooManyColumns,
)
from data_tools.ingest.formats.opening import open_table
from data_tools.ingest.options import ReadingOptions

Rows = list[tuple[str | None, ...]]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(
    path: Path, content: str | bytes, *, is_cut_off: bool = False, **options: Any
) -> tuple[tuple[str, ...], Rows, dict[str, Any]]:
    """Return the names, the rows as texts, and the facts of a file with this content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    table = open_table(path, options=ReadingOptions(**options), is_cut_off=is_cut_off)
    rows = [tuple(row.values()) for batch in table.batches() for row in batch.to_pylist()]
    return table.names, rows, table.facts()


@pytest.mark.parametrize(
    ("content", "options", "names", "rows"),
    [
        ("a,b;c\n1,5;2\n", {"delimiter": ";"}, ("a,b", "c"), [("1,5", "2")]),
        ("a:b\n1:2\n", {"delimiter": ":"}, ("a", "b"), [("1", "2")]),
        ("a b\n1 2\n", {"delimiter": " "}, ("a", "b"), [("1", "2")]),
        ("name\nSmith, John\n", {"delimiter": ";"}, ("name",), [("Smith, John",)]),
        ("a,b\n'x,y','it''s'\n", {"quote": "'"}, ("a", "b"), [("x,y", "it's")]),
        ('a,b\n"x,y"\n', {"quote": ""}, ("a", "b"), [('"x', 'y"')]),
        ('a,b\n5" pipe,"\n', {"quote": ""}, ("a", "b"), [('5" pipe', '"')]),
        ('a,b\n"x\\"y",1\n', {"escape": "\\"}, ("a", "b"), [('x"y', "1")]),
        ('a,b\n"x^"y^^",1\n', {"escape": "^"}, ("a", "b"), [('x"y^', "1")]),
        ('a,b\n"x\\",1\n', {"escape": ""}, ("a", "b"), [("x\\", "1")]),
        ('a,b\n"x""y",1\n', {"escape": '"'}, ("a", "b"), [('x"y', "1")]),
        ("a,b\nx\\,y,z\\\nw\n", {"quote": "", "escape": "\\"}, ("a", "b"), [("x,y", "z\nw")]),
        ('a,b\n"x\\,y\n', {"quote": "", "escape": "\\"}, None, None),
        ('a,b\n"x,y\\,z\n', {"quote": "", "escape": "\\"}, ("a", "b"), [('"x', "y,z")]),
        ("// x\na,b\n// y, z, w\n1,2\n", {"comment": "//"}, ("a", "b"), [("1", "2")]),
        ('% "\na,b\n% "x\n1,"2\n% 3"\n', {"comment": "%"}, ("a", "b"), [("1", "2\n% 3")]),
        ("a,b\n#1,2\n", {"comment": "//"}, ("a", "b"), [("#1", "2")]),
    ],
)
def test_the_dialect_can_be_said(
    path: Path, content: str, options: dict[str, Any], names: Any, rows: Any
) -> None:
    if names is None:
        with pytest.raises(RaggedLines):
            read(path, content, **options)
        return

    read_names, read_rows, facts = read(path, content, **options)

    assert (read_names, read_rows) == (names, rows)
    for name in set(options) & {"delimiter", "quote", "escape"}:
        assert facts["guesses"][name]["certainty"] == "certain"
        assert facts["guesses"][name]["why"] == "The options say so."


@pytest.mark.parametrize(
    ("content", "options", "names", "rows", "header_row"),
    [
        ("x\ny\na,b\n1,2\n", {"skip_rows": 2}, ("a", "b"), [("1", "2")], 3),
        ('"x\n\na,b\n1,2\n', {"skip_rows": 1}, ("a", "b"), [("1", "2")], 3),
        ("x\r\ny\r\na,b\r\n1,2\r\n", {"skip_rows": 2}, ("a", "b"), [("1", "2")], 3),
        ("x\ry\ra,b\r1,2\r", {"header_row": 3}, ("a", "b"), [("1", "2")], 3),
        ("x\n1,2\na,b\n3,4\n", {"skip_rows": 1, "header_row": 2}, ("a", "b"), [("3", "4")], 3),
        ("a,b\n1,2\n", {"header_row": 1}, ("a", "b"), [("1", "2")], 1),
        ("T,,\n,,\na,b,c\n1,2,3\n", {"header_row": 1}, ("T", "column_2", "column_3"), 3, 1),
        ("a,b\n1,2\n", {"header_row": None}, ("column_1", "column_2"), 2, None),
        ("x\n1,2\n3,4\n", {"header_row": None, "skip_rows": 1}, ("column_1", "column_2"), 2, None),
        ("a,b\n1,2\nTotal,3\n", {"skip_footer": 1}, ("a", "b"), [("1", "2")], 1),
        ("a,b\n1,2\n\nSum\n\n(end)\n\n", {"skip_footer": 2}, ("a", "b"), [("1", "2")], 1),
        ("a,b\n1,2\n", {"skip_footer": 5}, ("a", "b"), [], 1),
        ("sep=;\na;b\n1;2\n", {"header_row": 2}, ("a", "b"), [("1", "2")], 2),
        ("a\n1\n2\n3\n", {"skip_footer": 2}, ("a",), [("1",)], 1),
        (" a , b\n 1,2\n", {"trims": True}, ("a", "b"), [(" 1", "2")], 1),
    ],
)
def test_the_rows_that_count_can_be_said(
    path: Path,
    content: str,
    options: dict[str, Any],
    names: tuple[str, ...],
    rows: Rows | int,
    header_row: int | None,
) -> None:
    read_names, read_rows, facts = read(path, content, **options)

    assert read_names == names
    assert (len(read_rows) if isinstance(rows, int) else read_rows) == rows
    assert facts["header_row"] == header_row
    assert facts["guesses"]["header_row"]["value"] == header_row


@pytest.mark.no_cover  # the same lines, very often
def test_many_skipped_lines_and_a_long_footer_need_not_fit_into_a_block(path: Path) -> None:
    content = "x" * 60 + "\n"
    content = content * 50_000 + "a,b\n" + "1,2\n" * 3 + "end\n" * 400_000

    names, rows, facts = read(path, content, skip_rows=50_000, skip_footer=400_000)

    assert (names, rows) == (("a", "b"), [("1", "2")] * 3)
    assert facts["header_row"] == 50_001


@pytest.mark.parametrize(
    ("options", "line"),
    [({"skip_rows": 2}, 3), ({"header_row": 3}, 3), ({"header_row": 9}, 9), ({"skip_rows": 8}, 9)],
)
def test_a_header_below_the_file_s_end_is_refused(
    path: Path, options: dict[str, int], line: int
) -> None:
    with pytest.raises(EmptyFile, match=rf"line {line}\b"):
        read(path, "a,b\n1,2\n", **options)


def test_short_records_are_padded_and_long_ones_widen_the_table_on_request(path: Path) -> None:
    names, rows, facts = read(path, 'a,b\n1\n1,"2"\n\n1,2,3,\n"x\ny"\n', pads_ragged=True)

    assert names == ("a", "b", "column_3", "column_4")
    assert rows == [
        ("1", None, None, None),
        ("1", "2", None, None),
        ("1", "2", "3", None),
        ("x\ny", None, None, None),
    ]
    assert facts["padded_lines"] == {
        "count": 3,
        "first": [
            {"line": 2, "found": 1, "expected": 2},
            {"line": 5, "found": 4, "expected": 2},
            {"line": 6, "found": 1, "expected": 2},
        ],
    }
    assert facts["added_columns"] == ["column_3", "column_4"]


def test_a_column_of_single_values_is_padded_like_others(path: Path) -> None:
    names, rows, _ = read(path, "a\n1\n\n2,3\n", pads_ragged=True)

    assert (names, rows) == (("a", "column_2"), [("1", None), (None, None), ("2", "3")])


def test_padding_does_not_go_beyond_the_limit_of_columns(path: Path) -> None:
    with pytest.raises(TooManyColumns):
        read(path, "a\n" + "," * 20_000 + "\n", pads_ragged=True)


def test_without_a_header_the_first_record_says_how_many_fields_there_are(path: Path) -> None:
    with pytest.raises(RaggedLines, match="2 fields of the first record: line 2 has 1"):
        read(path, "1,2\n3\n", header_row=None)


@pytest.mark.parametrize(
    ("content", "names", "rows"),
    [
        ("a,b\n1,2\n3,", ("a", "b"), [("1", "2")]),
        ("a,b\n1,2\n3,4", ("a", "b"), [("1", "2")]),
        ('a,b\n1,2\n3,"4', ("a", "b"), [("1", "2")]),
        ('a,b\n1,2\n3,"4"', ("a", "b"), [("1", "2")]),
        ('a,b\n1,"2\n', ("a", "b"), []),
        ("a,b\r\n1,2\r", ("a", "b"), []),
        ("a;b\n1;2,5\n3;4,", ("a", "b"), [("1", "2,5")]),
        ('a,b\n"\\"x",2\n"\\', ("a", "b"), [('"x', "2")]),
        ("a,b\n1,2\nTotal,3\n4,", ("a", "b"), [("1", "2"), ("Total", "3")]),
    ],
)
def test_the_last_record_of_the_head_of_a_file_is_left_out(
    path: Path, content: str, names: tuple[str, ...], rows: Rows
) -> None:
    assert read(path, content, is_cut_off=True, skip_footer=1)[:2] == (names, rows)


def test_what_is_wrong_in_the_head_of_a_file_is_refused_as_in_all_of_it(path: Path) -> None:
    with pytest.raises(BrokenQuoting, match="line 2"):
        read(path, 'a,b\n1,"2"x\n3', is_cut_off=True)
    with pytest.raises(RaggedLines, match="line 2 has 1"):
        read(path, "a,b\n1\n3,4,", is_cut_off=True)


def test_a_letter_cut_in_two_at_the_end_of_the_head_is_left_out(path: Path) -> None:
    content = "ä,b\n1,2\nü".encode()[:-1]

    assert read(path, content, is_cut_off=True)[1] == [("1", "2")]
    assert read(path, "ä,b\n1,2\nü".encode("utf-16")[:-1], is_cut_off=True)[1] == [("1", "2")]


@pytest.mark.parametrize("name", ["delimiter", "quote", "escape"])
def test_a_character_beyond_ascii_is_refused(path: Path, name: str) -> None:
    with pytest.raises(OptionNotApplicable, match=name):
        read(path, "a§b\n", **{name: "§"})


@pytest.mark.parametrize("comment", ['"', ",", '"#', ",,"])
def test_comments_that_begin_as_fields_do_are_refused(path: Path, comment: str) -> None:
    with pytest.raises(OptionNotApplicable, match="comment"):
        read(path, 'a,b\n"1",2\n', comment=comment)


def test_a_line_that_says_a_delimiter_beyond_ascii_is_refused(path: Path) -> None:
    with pytest.raises(OptionNotApplicable, match="§"):
        read(path, "sep=§\na§b\n")


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("sep=;\na;b\n1;2\n", ";"),
        ("sep=,\r\na,b\r\n1,2\r\n", ","),
        ("SEP=|\na|b\n1|2\n", "|"),
        ('"sep=;"\na;b\n1;2\n', ";"),
        ("sep=\t\na\tb\n1\t2\n", "\t"),
        ("sep=^\na^b\n1^2\n", "^"),
        ("\ufeffsep=;\na;b\n1;2\n", ";"),
        ("sep=;;;\na;b\n1;2\n", ";"),
    ],
)
def test_a_line_that_says_the_delimiter_is_understood(
    path: Path, content: str, delimiter: str
) -> None:
    for encoding in ("utf-8", "utf-16"):
        names, rows, facts = read(path, content.lstrip("\ufeff").encode(encoding))

        assert (names, rows) == (("a", "b"), [("1", "2")])
        assert facts["header_row"] == 2
        assert facts["guesses"]["delimiter"]["value"] == delimiter
        assert facts["guesses"]["delimiter"]["certainty"] == "certain"


def test_a_line_that_says_a_wrong_delimiter_is_no_certainty(path: Path) -> None:
    assert read(path, "sep=;\na,b\n1,2\n")[2]["guesses"]["delimiter"]["certainty"] == "guess"


def test_a_file_of_nothing_but_such_a_line_is_empty(path: Path) -> None:
    with pytest.raises(EmptyFile):
        read(path, "sep=;")
