"""How a CSV file is read: encoding, delimiter, header, quotes, and what is refused."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.ingest.exceptions import (
    BrokenQuoting,
    EmptyFile,
    IngestError,
    NotATable,
    NulCharacter,
    RaggedLines,
    RecordTooLong,
    UnreadableEncoding,
)
from data_tools.ingest.formats.opening import TableFile, open_table
from data_tools.ingest.options import ReadingOptions

MIB = 1 << 20


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "table.csv"


def read(path: Path, **options: Any) -> tuple[tuple[str, ...], list[tuple[str | None, ...]]]:
    """Return the names and the rows of a file that is read with these options, as texts."""
    table = open_table(path, options=ReadingOptions(**options))
    return table.names, rows_of(table)


def rows_of(table: TableFile) -> list[tuple[str | None, ...]]:
    return [tuple(row.values()) for batch in table.batches() for row in batch.to_pylist()]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(path: Path, delimiter: str) -> None:
    path.write_text(f"a{delimiter}b\n1{delimiter}2\n")

    assert read(path) == (("a", "b"), [("1", "2")])


def test_a_delimiter_inside_quotes_does_not_count(path: Path) -> None:
    path.write_text('"last, first, middle";age\n"a, b, c";1\n"d, e, f";2\n')

    assert read(path)[0] == ("last, first, middle", "age")


def test_the_delimiter_that_the_records_agree_on_wins(path: Path) -> None:
    path.write_text("a,b,c;d\n1,5;2\n2,5;3\n3;4\n")

    assert read(path) == (("a,b,c", "d"), [("1,5", "2"), ("2,5", "3"), ("3", "4")])


def test_a_file_of_one_column_is_not_split(path: Path) -> None:
    path.write_text("name\nalpha\nbeta\n")

    assert read(path) == (("name",), [("alpha",), ("beta",)])


def test_a_blank_line_is_a_missing_value_in_a_file_of_one_column(path: Path) -> None:
    path.write_text('a\n1\n\n""\n3\n')

    assert read(path)[1] == [("1",), (None,), ("",), ("3",)]


def test_blank_lines_hold_no_record_in_a_file_of_many_columns(path: Path) -> None:
    path.write_text("\n\na,b\n\n1,2\n\n,\n\n")

    assert read(path) == (("a", "b"), [("1", "2"), (None, None)])


def test_quoted_empty_text_is_text_and_an_empty_field_is_missing(path: Path) -> None:
    path.write_text('a,b\n"",\n,""\n')

    assert read(path)[1] == [("", None), (None, "")]


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_quoted_line_ends_delimiters_and_quotes_belong_to_the_value(
    path: Path, line_end: str
) -> None:
    path.write_bytes(f'a,"b{line_end}c"{line_end}"x{line_end}y, ""z""",2{line_end}'.encode())

    assert read(path) == (("a", f"b{line_end}c"), [(f'x{line_end}y, "z"', "2")])


def test_names_are_made_unique_and_the_change_is_reported(path: Path) -> None:
    path.write_text("a,,a,a_2,a, \n1,2,3,4,5,6\n")

    table = open_table(path)

    assert table.names == ("a", "column_2", "a_3", "a_2", "a_4", "column_6")
    assert table.facts()["renamed_columns"] == [
        {"position": 2, "written": "", "name": "column_2"},
        {"position": 3, "written": "a", "name": "a_3"},
        {"position": 5, "written": "a", "name": "a_4"},
        {"position": 6, "written": " ", "name": "column_6"},
    ]


@pytest.mark.parametrize("text", ["a,b", "a,b\n", "\r\na,b\r\n", "a", "a\n", '"a\nb",c'])
def test_a_header_without_rows_is_a_table_without_rows(path: Path, text: str) -> None:
    path.write_bytes(text.encode())

    assert read(path)[1] == []


@pytest.mark.parametrize("content", [b"", b"\n\n", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_an_empty_file_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(EmptyFile):
        open_table(path)


TEXT = "städte;größe;price €\nŁódź;1;2\nZürich;3;4\n"


@pytest.mark.parametrize(
    ("content", "name", "known_by"),
    [
        (TEXT.encode(), "utf-8", "valid UTF-8"),
        (codecs.BOM_UTF8 + TEXT.encode(), "utf-8-sig", "byte-order mark"),
        (codecs.BOM_UTF16_LE + TEXT.encode("utf-16-le"), "utf-16", "byte-order mark"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16", "byte-order mark"),
        (codecs.BOM_UTF32_LE + TEXT.encode("utf-32-le"), "utf-32", "byte-order mark"),
    ],
)
def test_the_encoding_is_detected_and_its_mark_is_not_part_of_the_header(
    path: Path, content: bytes, name: str, known_by: str
) -> None:
    path.write_bytes(content)

    table = open_table(path)

    assert table.names == ("städte", "größe", "price €")
    assert rows_of(table)[0] == ("Łódź", "1", "2")
    assert table.facts()["encoding"] == name
    assert table.facts()["encoding_known_by"] == known_by


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        (
            "cp1252",
            "name;price\nKäse – würzig;5 €\nCrème brûlée „fein“;7 €\nÄpfel für Müller;3 €\n",
        ),
        ("latin-1", "nom,âge\nCafé à la crème,élevé\nHélène était là,où ça\nFrançois,très âgé\n"),
        ("cp1252", "a;b\n1;5 €\n"),
        ("cp1252", "a,b\n1,café\n"),
        ("cp1252", "day,noon (°C)\n1,20\n"),
        ("cp1250", "miasto,imię\nŁódź,Stanisław\nGdańsk,Żółć\nWrocław,Zażółć gęślą jaźń\n"),
        ("cp1251", "имя,город\nИван Петров,Москва\nАнна Сидорова,Санкт-Петербург\n" * 5),
        ("shift_jis", "名前,都市\n山田太郎,東京都\n鈴木花子,大阪府\nカタカナ,ひらがな\n" * 5),
        ("gb18030", "姓名,城市\n张伟,北京市朝阳区\n王芳,上海市浦东新区\n李娜,广州\n" * 5),
    ],
)
def test_another_encoding_is_guessed_from_its_letters(path: Path, encoding: str, text: str) -> None:
    path.write_bytes(text.encode(encoding))

    names, rows = read(path)

    delimiter = ";" if ";" in text else ","
    expected = [tuple(record) for record in csv.reader(text.splitlines(), delimiter=delimiter)]
    assert [names, *rows] == expected


def test_letters_outside_ascii_far_down_the_file_are_seen(path: Path) -> None:
    rows = [("Иван Петров", "Москва"), ("Анна Сидорова", "Санкт-Петербург")]
    end = "".join(f"{name},{city}\n" for name, city in rows)
    path.write_bytes(b"a,b\n" + b"1,2\n" * MIB + end.encode("cp1251"))

    assert rows_of(open_table(path))[-2:] == rows


def test_text_that_contradicts_its_byte_order_mark_is_refused(path: Path) -> None:
    path.write_bytes(codecs.BOM_UTF8 + b"a,b\n1,\xff\n")

    with pytest.raises(UnreadableEncoding):
        open_table(path)


@pytest.mark.parametrize(
    "content",
    [
        random.Random(1).randbytes(100_000),
        gzip.compress(b"a,b\n1,2\n" * 1000),
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + random.Random(2).randbytes(5000),
        b"PK\x03\x04\x14\0\0\0\x08\0" + random.Random(3).randbytes(5000),
    ],
    ids=["noise", "gzip", "png", "zip"],  # gzip writes the time, which would be in the test's name
)
def test_binary_rubbish_is_refused(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    with pytest.raises(NotATable):
        open_table(path)


def test_a_nul_in_a_text_is_refused_by_column_and_row(path: Path) -> None:
    path.write_bytes(b"a,b\n1,x\n2,y\0z\n")

    with pytest.raises(NulCharacter, match="row 2 of column “b”"):
        read(path)


def test_a_nul_in_the_header_is_refused(path: Path) -> None:
    path.write_bytes(b"a\0,b\n1,x\n")

    with pytest.raises(NulCharacter, match="header"):
        read(path)


def test_ragged_lines_are_refused_and_the_first_are_named(path: Path) -> None:
    path.write_text('a,b\n1,"x\ny"\n\n3\n4,5,6\n7,8\n' + "9\n" * 7)

    with pytest.raises(RaggedLines) as refused:
        read(path)

    assert refused.value.reason == (
        "9 lines do not have the 2 fields of the header: line 5 has 1; line 6 has 3; "
        "line 8 has 1; line 9 has 1; line 10 has 1; …. The delimiter is the comma."
    )
    assert refused.value.report == {
        "ragged_lines": {
            "count": 9,
            "first": [
                {"line": line, "found": found, "expected": 2}
                for line, found in [(5, 1), (6, 3), (8, 1), (9, 1), (10, 1)]
            ],
        },
        "line": 5,
        "line_text": "3",
    }


def test_unquoted_commas_in_a_file_of_one_column_are_ragged_not_guessed(path: Path) -> None:
    path.write_text("name\nSmith, John\nDoe\n")

    with pytest.raises(RaggedLines, match="1 line does not have the 1 field of the header: line 2"):
        read(path)


@pytest.mark.parametrize("text", ['a,b\n1,"x\n2,y\n', 'a,b\n1,"', 'a\n"\n', 'a\nx\n"x'])
def test_a_quote_that_is_never_closed_is_refused(path: Path, text: str) -> None:
    path.write_text(text)

    with pytest.raises(BrokenQuoting):
        read(path)


@pytest.mark.parametrize("text", ['a,b\n1,5"\n', 'a,b\n1,5" wide\n', 'a,b\n1,"5"""\n'])
def test_a_quote_inside_the_last_value_is_not_an_open_quote(path: Path, text: str) -> None:
    path.write_text(text)

    assert len(read(path)[1]) == 1


@pytest.mark.parametrize("end", ["\n\n", "\n\n\n", "\r\n\r\n", "\r\r", " \n", "  \r\n\n", ""])
@pytest.mark.parametrize("row", ["1,2", '1,"2"', "1,", '1,""'])
def test_blank_lines_and_blanks_at_the_end_leave_no_quote_open(
    path: Path, row: str, end: str
) -> None:
    path.write_bytes(f"a,b\n{row}{end}".encode())

    [(_, value)] = read(path)[1]

    assert (value or "").strip() in ("2", "")


@pytest.mark.parametrize("end", ["", "\n", "\n\n"])
def test_a_record_across_the_last_two_blocks_is_read(path: Path, end: str) -> None:
    rows = [(f"{number:06}", "x" * 1000) for number in range(3 * MIB // 1007)]
    path.write_text("a,b\n" + "\n".join(f'{number},"{text}"' for number, text in rows) + end)

    assert rows_of(open_table(path, record_bytes=MIB)) == rows


def test_a_row_that_looks_like_the_added_record_is_kept(path: Path) -> None:
    path.write_text("a,b\n1,2\nend,end\nend,end")

    assert read(path)[1][1:] == [("end", "end")] * 2


def test_a_record_longer_than_a_block_is_refused_with_the_limit(path: Path) -> None:
    path.write_text("a,b\n1," + "x" * (2 * MIB) + "\n")

    with pytest.raises(RecordTooLong, match="longer than 1 MiB"):
        rows_of(open_table(path, record_bytes=MIB))
    assert len(rows_of(open_table(path, record_bytes=4 * MIB))) == 1


def test_rows_keep_their_order_over_many_blocks(path: Path) -> None:
    path.write_text("n,t\n" + "".join(f'{n},"line\n{n}"\n' for n in range(200_000)))

    table = open_table(path)

    assert [row[0] for row in rows_of(table)] == [str(n) for n in range(200_000)]
    assert table.fraction_read == 1.0


@settings(max_examples=400)
@given(
    header=st.sampled_from(["a", "a,b", "a,b,c"]),
    body=st.text(alphabet='xy,;"\n\r', max_size=16),
)
def test_any_text_is_read_as_the_csv_module_reads_it_or_refused(
    path: Path, header: str, body: str
) -> None:
    path.write_bytes(f"{header}\n{body}".encode())
    width = header.count(",") + 1

    try:
        rows = read(path, header_row=1)[1]
    except IngestError:
        if reads_at_full_width(body, width):
            raise
        return

    records = csv.reader(io.StringIO(body, newline=""))
    expected = [record or [""] for record in records if record or width == 1]
    assert [["" if value is None else value for value in row] for row in rows] == expected


def reads_at_full_width(body: str, width: int) -> bool:
    """Whether the csv module, at its strictest, reads the text as records of this width alone."""
    try:
        records = list(csv.reader(io.StringIO(body, newline=""), strict=True))
    except csv.Error:
        return False
    return all(len(record) == width for record in records if record)


@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_with_a_reason(path: Path, content: bytes) -> None:
    path.write_bytes(content)

    reason = reason_of_refusal(path)

    assert reason is None or (reason and str(path.parent) not in reason)


def reason_of_refusal(path: Path) -> str | None:
    try:
        table = open_table(path)
        for batch in table.batches():
            for column, values in zip(table.columns, batch.columns, strict=True):
                column.observe(values)
    except IngestError as error:
        return error.reason
    return None
