"""What is found out about a CSV file of which nothing was said, and how sure it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from data_tools.ingest.exceptions import BrokenQuoting, RaggedLines
from data_tools.ingest.formats.opening import open_table
from data_tools.ingest.options import ReadingOptions

Rows = list[tuple[str | None, ...]]


def read(
    folder: Path, content: str, *, name: str = "table.csv", **options: Any
) -> tuple[tuple[str, ...], Rows, dict[str, Any]]:
    """Return the names, the rows as texts, and the facts of a file with this content."""
    path = folder / name
    path.write_bytes(content.encode())
    table = open_table(path, options=ReadingOptions(**options))
    rows = [tuple(row.values()) for batch in table.batches() for row in batch.to_pylist()]
    return table.names, rows, table.facts()


def certainties(facts: dict[str, Any]) -> dict[str, str]:
    assert all(guess["why"].endswith(".") for guess in facts["guesses"].values())
    return {name: guess["certainty"] for name, guess in facts["guesses"].items()}


@pytest.mark.parametrize(
    ("content", "names", "first_row"),
    [
        # The comma divides every record as well; it stands in texts and decimals.
        ("name;city, country\nA;Paris, FR\nB;Rome, IT\n", ("name", "city, country"), 0),
        ("name\tcity, country\nA\tParis, FR\nB\tRome, IT\n", ("name", "city, country"), 0),
        ("name|city, country\nA|Paris, FR\nB|Rome, IT\n", ("name", "city, country"), 0),
        ("Land;Umsatz, EUR\nDE;12,5\nFR;7,25\n", ("Land", "Umsatz, EUR"), 0),
        ("id\tname, first\n1\tSmith, Ann\n2\tRay, Bob\n", ("id", "name, first"), 0),
        ("a,b;c\n1,5;2\n2,5;3\n", ("a,b", "c"), 0),
        # The last record of a whole file tells, also without a line end.
        (
            "name; amount, in dollars\nx;  1,000\ny;   1,000,000\n",
            ("name", " amount, in dollars"),
            0,
        ),
        ("name; amount, in dollars\nx;  1,000\ny;   1,000,000", ("name", " amount, in dollars"), 0),
        ("a;b, c\n1;2, 3\n4;5, 6, 7", ("a", "b, c"), 0),
        # No name closes a bracket that another one opens.
        ("name;tags (a,b,c)\nA;x,y,z\nB;p,q,r\n", ("name", "tags (a,b,c)"), 0),
        # What divides records evenly wins over what makes more columns.
        ("a|b,c,d\n1|x,y\n2|x\n", ("a", "b,c,d"), 0),
        ("t;a b c\n10:00:00;x,y\n", ("t", "a b c"), 0),
        # Only in quotes.
        ('"a;b;c";"d"\n"1;2;3";4\n', ("a;b;c", "d"), 0),
        ('"a\nb,c";d\n1;2\n', ("a\nb,c", "d"), 0),
        ("'a,b';'c'\n'1,2';'3'\n'it''s';'4'\n", ("a,b", "c"), 0),
        ('"Name;Ort"\n"A;B"\n', ("Name;Ort",), 0),
        # Rare ones.
        ("a^b\n1^2\n3^4\n", ("a", "b"), 0),
        ("a~b~c\n1~2~3\n", ("a", "b", "c"), 0),
        ("a\x1fb\n1\x1f2\n3\x1f4\n", ("a", "b"), 0),
        ("a\x01b\n1\x012\n3\x014\n", ("a", "b"), 0),
    ],
)
def test_the_delimiter_is_found(
    tmp_path: Path, content: str, names: tuple[str, ...], first_row: int
) -> None:
    read_names, rows, facts = read(tmp_path, content)

    assert read_names == names
    assert len(rows[first_row]) == len(names)
    assert certainties(facts)["delimiter"] in ("likely", "guess")


@pytest.mark.parametrize(
    ("content", "name", "names"),
    [
        ("name\tcity, country\nA\tParis, FR\n", "table.tsv", ("name", "city, country")),
        ("a,b\tc,d\n1,2\t3,4\n", "table.tsv", ("a,b", "c,d")),
        ("a,b\tc,d\n1,2\t3,4\n", "TABLE.TSV", ("a,b", "c,d")),
        ("a,b\tc,d\n1,2\t3,4\n", "table.tab", ("a,b", "c,d")),
        ("name\nSmith, John\nDoe\n", "table.tsv", ("name",)),
        ("a,b\n1,2\n", "table.tsv", ("a", "b")),
    ],
)
def test_the_name_of_a_tab_separated_file_is_a_hint(
    tmp_path: Path, content: str, name: str, names: tuple[str, ...]
) -> None:
    assert read(tmp_path, content, name=name)[0] == names


@pytest.mark.parametrize(
    "content",
    [
        "name;city, country\nA;Paris, FR\n",  # two delimiters fit
        "city, country\nParis, FR\nRome, IT\n",  # text of one column?
        "1,5\n2,5\n",  # numbers of one column?
        "a^b\n1^2\n3^4\n",  # a rare one
        "a:b\n1:2\n3:4\n",  # one column, but a colon in every line
        "first last\nAnn Lee\nBob Ray\n",  # or a blank
        "id  name\n1   Ann\n2   Bob\n",  # or several
        "a；b\n1；2\n",  # a semicolon of full width
        "a\x1eb\n1\x1e2\n",  # a character that only separates
        "a¦b\n1¦2\n",
        "name\na;b\nc;d\n",  # a title, and a table without names?
        "a,b\n",  # one record
        "a||b\n1||2\n",  # two characters?
        "a:b,c\n1:2,3\n",  # the colon as well
    ],
)
def test_a_delimiter_that_may_be_another_is_a_guess(tmp_path: Path, content: str) -> None:
    assert certainties(read(tmp_path, content)[2])["delimiter"] == "guess"


@pytest.mark.parametrize("content", ["name\nalpha\n", "größe\n1\n", "नाम\nक\n", "x_y\n1\n"])
def test_nothing_can_divide_a_word(tmp_path: Path, content: str) -> None:
    assert certainties(read(tmp_path, content)[2])["delimiter"] == "certain"


@pytest.mark.parametrize(
    ("content", "rows", "escape"),
    [
        (
            'a,b\n1,"{\\"f\\":\\"_top\\"}"\n2,"He said \\"hi\\""\n',
            ['{"f":"_top"}', 'He said "hi"'],
            1,
        ),
        ('a;b\r\n1;"x\\"y;z"\r\n', ['x"y;z'], 1),
        ('a,b\n1,"x\\\\"\n2,"y\\"z"\n', ["x\\", 'y"z'], 1),
        ('a,b\n1,"\\""\n', ['"'], 1),
        ('a,b\n1,"\\"\ny"\n', ['"\ny'], 1),
        ("'a','b'\n'1','it\\'s, it'\n", ["it's, it"], 1),
        ('a,b\n1,"x ""y"", \\"z\\""\n', ['x "y", "z"'], 1),
        ('a,b\n1,"x\\n\\"y\\t"\n', ['x\\n"y\\t'], 1),
        # No escapes: the file could not be read with them.
        ('a,b\n1,"C:\\"\n2,"x"\n', ["C:\\", "x"], 0),
        ('a,b\n"1","Brazil\\"\n"2","x ""y"""\n', ["Brazil\\", 'x "y"'], 0),
        ("a,b\n1,C:\\new\n2,\\\\host\n", ["C:\\new", "\\\\host"], 0),
    ],
)
def test_backslashes_are_escapes_where_the_file_cannot_be_read_otherwise(
    tmp_path: Path, content: str, rows: list[str], escape: int
) -> None:
    _, read_rows, facts = read(tmp_path, content)

    assert [row[1] for row in read_rows] == rows
    assert facts["escape"] == ("\\" if escape else "")
    assert certainties(facts)["escape"] in ("likely", "guess") or "\\" not in content


def test_commas_are_escaped_where_nothing_is_quoted(tmp_path: Path) -> None:
    _, rows, facts = read(tmp_path, "a,b\n1,x\\, y\n2,z\n")

    assert rows == [("1", "x, y"), ("2", "z")]
    assert (facts["quote"], facts["escape"]) == ("", "\\")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        ('id,size\n1,"5 inch\n2,6" pipe\n3,x\n', 2),
        ('a,b\n1,"x"y\n', 2),
        ('a,b\n1,2\n3,"x" y\n', 3),
        ('a,b\r\n1,"x\r\ny"\r\n3,"z"z\r\n', 4),
        ('a,b\n1,"x\n\n"y,2\n', 2),
        ('a\tb\n"x" y"\t2\n', 2),
        ('"a"b,c\n1,2\n', 1),
        ('# x\na,b\n1,"2"3\n', 3),
        ('a,b\n1,"x""y"z"\n', 2),
        ('a,b\n1,"x\\"y"z\n', 2),
        ('a,b\n1,"x","y"z\n', 2),
        ('a,b\n1,"x\n2,y\n', 2),
        ('a,b\n1,2\n"3,4\n5,6\n', 3),
        ('a,b\n1,5" pipe\n2,"x\n', 3),
        ('"a,b\n1,2\n', 1),
        ("'a','b'\n'1','x'\n'2','y\n", 3),
        ('id\ttext\t"note\n0\tx\ty\n', 1),
        ('id;"text;note\n0;x;y\n', 1),
        ('id|"a"text|note\n0|x|y\n', 1),
        ('\n\nid;"text;note\n0;x;y\n', 3),
    ],
)
def test_broken_quoting_is_refused_with_the_line_where_the_field_begins(
    tmp_path: Path, content: str, line: int
) -> None:
    with pytest.raises(BrokenQuoting, match=rf"on line {line} \("):
        read(tmp_path, content)


def test_pairs_of_marks_between_tabs_are_text_if_they_are_no_quoting(tmp_path: Path) -> None:
    content = 'id\ttitle\toriginal\n1\t"Swing it" magistern\t"Swing it"\n2\tx\ty\n'

    _, rows, facts = read(tmp_path, content)

    assert rows[0] == ("1", '"Swing it" magistern', '"Swing it"')
    assert facts["quote"] == ""
    assert certainties(facts)["quote"] == "guess"


def test_broken_quoting_far_down_a_file_is_refused_with_its_line(tmp_path: Path) -> None:
    content = 'a,b\n"1\n1",2\n' + '1,"x ""y"""\n' * 300_000 + '3,"5"" inch" pipe\n'

    with pytest.raises(BrokenQuoting, match=r"line 300,004 \(.*text after its closing"):
        read(tmp_path, content)


@pytest.mark.parametrize(
    ("content", "value"),
    [
        ('a,b\n1,5" pipe\n2,x\n', '5" pipe'),
        ('a,b\n1,"x" \n2,y\n', "x"),
        ('a,b\n1, "x, y"\n2,z\n', "x, y"),
        ('a,b\n1, "x" y\n2,z\n', ' "x" y'),
        ("a,b\n1,'x'\n2,z\n", "'x'"),
        ('a,b\n1,"x"\n2,z\n', "x"),
        ('a,"b"\n1,x\n2,z\n', "x"),  # one name alone
        ('a,b\n1,"5 inch\n2,6"\n3,x\n', "5 inch\n2,6"),  # two records?
        ('a,b\n1,"x\n2,y\n3,z"\n4,w\n', "x\n2,y\n3,z"),
        ('a;b\n1;"5 inch\n2;6"\n3;x\n', "5 inch\n2;6"),
    ],
)
def test_marks_that_may_be_meant_otherwise_make_the_quote_a_guess(
    tmp_path: Path, content: str, value: str
) -> None:
    _, rows, facts = read(tmp_path, content)

    assert rows[0][1] == value
    assert certainties(facts)["quote"] == "guess"


@pytest.mark.parametrize(
    ("content", "quote"),
    [
        ("a,b\n1,2\n", "certain"),
        ('"a","b"\n"1","2"\n', "likely"),
        ('a,b\n1,"x, y"\n', "likely"),
        ("'a','b'\n'1','x, y'\n", "likely"),
        ('a,b\n1,"x ""y"""\n', "likely"),
        ('a,b\n1,"x\ny"\n2,z\n', "likely"),
        ('a,b\n1,"x,\ny"\n2,z\n', "likely"),
    ],
)
def test_marks_that_are_needed_make_the_quote_likely(
    tmp_path: Path, content: str, quote: str
) -> None:
    assert certainties(read(tmp_path, content)[2])["quote"] == quote


def test_carriage_returns_among_other_line_ends_are_a_guess(tmp_path: Path) -> None:
    _, rows, facts = read(tmp_path, "a\n1\r2\n3\n")

    assert rows == [("1",), ("2",), ("3",)]
    assert certainties(facts)["line_end"] == "guess"
    assert "line_end" not in read(tmp_path, "a\r1\r2\r")[2]["guesses"]
    assert "line_end" not in read(tmp_path, 'a\r\n1\r\n"2\r3"\r\n')[2]["guesses"]


TABLE = "region,q1,q2\nnorth,1,2\nsouth,3,4\n"


@pytest.mark.parametrize(
    ("before", "line"),
    [
        ("", 1),
        ("Quarterly report 2024,,\n,,\n", 3),
        ("Quarterly report 2024,,\n", 2),
        ("Report,,\n2024-01-31,,\nAll regions,,\n", 4),
        ("Report\n\n", 3),
        ("Report\n", 2),
        ("Report\nby region\n", 3),
        ('"Report, by region"\n\n', 3),
        ("\n\nReport,,\n\n", 5),
        ("# made by x\n", 2),
        ("# made by x\n# second, line\n", 3),
        ('# he said "x\n\n#\n', 4),
        ("## x\n#region,a\n", 3),
    ],
)
def test_titles_and_comments_before_the_header_are_left_out(
    tmp_path: Path, before: str, line: int
) -> None:
    names, rows, facts = read(tmp_path, before + TABLE)

    assert names == ("region", "q1", "q2")
    assert rows == [("north", "1", "2"), ("south", "3", "4")]
    assert facts["header_row"] == facts["guesses"]["header_row"]["value"] == line
    assert certainties(facts)["header_row"] in ("likely", "guess")
    assert certainties(facts).get("comment") != "certain"


@pytest.mark.parametrize(
    ("content", "names"),
    [
        ("#chrom\tpos\nchr1\t100\nchr2\t200\n", ("#chrom", "pos")),
        ("##x\n##y=1\n#CHROM\tPOS\tID\nchr1\t100\tr\n", ("#CHROM", "POS", "ID")),
        ("# x,y\n1.0,2.0\n3.0,4.0\n", ("# x", "y")),
        ("#name\nAnn\nBob\n", ("#name",)),
        (",price\n0,1.5\n1,2.5\n", ("column_1", "price")),
        ("id,\n1,x\n2,y\n", ("id", "column_2")),
        ("name\nalpha\nbeta\n", ("name",)),
        ("2021,2022\n1,2\n", ("2021", "2022")),
    ],
)
def test_a_header_that_looks_like_something_else_is_kept(
    tmp_path: Path, content: str, names: tuple[str, ...]
) -> None:
    assert read(tmp_path, content)[0] == names


@pytest.mark.parametrize(
    ("content", "certainty"),
    [
        ("id,name\n1,Ann\n2,Bob\n", "likely"),
        ("day,name\n2024-01-31,Ann\n", "likely"),
        ("1,2\n3,4\n", "guess"),
        ("id,5.5\n1,2\n", "guess"),
        ("name,city\nAnn,Paris\n", "guess"),
        ("a,a\n1,2\n", "guess"),
        ("a,,c\n1,2,3\n", "guess"),
        ("a,b\n", "guess"),
        ("2024-01-31,x\n2024-02-01,y\n", "guess"),
        ("true,x\nfalse,y\n", "guess"),
    ],
)
def test_a_header_that_could_be_a_row_is_a_guess(
    tmp_path: Path, content: str, certainty: str
) -> None:
    assert certainties(read(tmp_path, content)[2])["header_row"] == certainty


def test_comments_further_down_are_not_guessed_but_advised(tmp_path: Path) -> None:
    content = "a,b\n1,2\n# and now\n3,4\n"

    with pytest.raises(RaggedLines, match=r"line 3 has 1\. .* comma\. Lines that begin with #"):
        read(tmp_path, content)
    assert read(tmp_path, content, comment="#")[2]["comment_lines"] == 1


@pytest.mark.parametrize(
    ("content", "sign"),
    [
        ("// made by x\na,b\n1,2\n", "//"),
        ("% made by x\na,b\n1,2\n", "%"),
        ("a,b\n1,2\n-- and now\n3,4\n", "--"),
        ("a,b\n1,2\n; and now\n3,4\n", ";"),
    ],
)
def test_other_signs_of_comments_are_named_too(tmp_path: Path, content: str, sign: str) -> None:
    with pytest.raises(RaggedLines, match=f"Lines that begin with {sign} may be comments"):
        read(tmp_path, content)
    assert len(read(tmp_path, content, comment=sign)[1]) in (1, 2)


@pytest.mark.parametrize(
    ("delimiter", "name"),
    [(",", "comma"), (";", "semicolon"), ("\t", "tab"), ("|", "vertical bar"), (":", "colon")],
)
def test_ragged_lines_are_refused_by_the_name_of_the_delimiter(
    tmp_path: Path, delimiter: str, name: str
) -> None:
    content = "a,b,c\n1,2,3\n4,5\n".replace(",", delimiter)
    options = {"delimiter": delimiter} if delimiter == ":" else {}

    with pytest.raises(RaggedLines, match=rf"line 3 has 2\. The delimiter is the {name}\."):
        read(tmp_path, content, **options)


def test_a_line_of_blanks_holds_no_record(tmp_path: Path) -> None:
    assert read(tmp_path, "a,b\n  \n1,2\n \t\n")[1] == [("1", "2")]


def test_an_empty_field_at_the_very_end_is_missing(tmp_path: Path) -> None:
    assert read(tmp_path, '"a","b"\n"1",\n"2",')[1] == [("1", None), ("2", None)]


def test_two_byte_order_marks_are_no_part_of_the_first_name(tmp_path: Path) -> None:
    assert read(tmp_path, "\ufeff\ufeffa,b\n1,2\n")[0] == ("a", "b")
