"""Files whose delimiter or header is hard to find."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile


def divided(
    name: str,
    content: str,
    types: dict[str, str],
    rows: Sequence[Sequence[Any]],
    *,
    file_name: str = "table.csv",
    **guesses: str,
) -> TriedFile:
    return TriedFile(
        reference="delimiter",
        variant=name,
        about="One delimiter fits every record, and makes more than one column.",
        content=content,
        file_name=file_name,
        right=[Reads(types=types, rows=rows, guesses=guesses)],
    )


CITIES = {"name": "text", "city, country": "text"}
FR_IT = [["A", "Paris, FR"], ["B", "Rome, IT"]]
ABC = {"a": "integer", "b": "integer"}
TITLED = {"name": "text", "amount": "integer", "date": "date"}
TITLED_ROWS = [["x", 1, "2024-01-01"], ["y", 2, "2024-01-02"]]
TABLE = "name,amount,date\nx,1,2024-01-01\ny,2,2024-01-02\n"


def titled(name: str, content: str, line: int, **options: Any) -> TriedFile:
    return TriedFile(
        reference="title-rows",
        variant=name,
        about="Lines above the header are no header.",
        content=content,
        options=options,
        right=[
            Reads(
                types=TITLED,
                rows=TITLED_ROWS,
                guesses={"header_row": line},
                unsure_of=() if options else ("header_row",),
            )
        ],
    )


FILES = (
    divided(
        "tie-tab", "name\tcity, country\nA\tParis, FR\nB\tRome, IT\n", CITIES, FR_IT, delimiter="\t"
    ),
    divided(
        "tie-tab-in-tsv",
        "name\tcity, country\nA\tParis, FR\nB\tRome, IT\n",
        CITIES,
        FR_IT,
        file_name="t.tsv",
        delimiter="\t",
    ),
    divided(
        "tie-pipe", "name|city, country\nA|Paris, FR\nB|Rome, IT\n", CITIES, FR_IT, delimiter="|"
    ),
    divided("tie-one-row", "name;city, country\nA;Paris, FR\n", CITIES, FR_IT[:1], delimiter=";"),
    divided(
        "decimal-commas",
        "Land;Umsatz, EUR\nDE;12,5\nFR;13,5\n",
        {"Land": "text", "Umsatz, EUR": "text"},
        [["DE", "12,5"], ["FR", "13,5"]],
        delimiter=";",
    ),
    divided(
        "decimal-commas-everywhere",
        "a;b\n1,5;2,5\n3,5;4,5\n",
        {"a": "text", "b": "text"},
        [["1,5", "2,5"], ["3,5", "4,5"]],
        delimiter=";",
    ),
    divided(
        "last-record-decides",
        "k; v, w\na; 1,000\nb; 1,000,000",
        {"k": "text", " v, w": "text"},
        [["a", " 1,000"], ["b", " 1,000,000"]],
        delimiter=";",
    ),
    divided(
        "last-record-decides-with-tabs",
        "k\tv, w\na\t1,000\nb\t1,000,000\n",
        {"k": "text", "v, w": "text"},
        [["a", "1,000"], ["b", "1,000,000"]],
        delimiter="\t",
    ),
    divided(
        "last-record-decides-with-pipes",
        "k|v;w\na|1;0\nb|1;0;0\n",
        {"k": "text", "v;w": "text"},
        [["a", "1;0"], ["b", "1;0;0"]],
        delimiter="|",
    ),
    divided(
        "addresses",
        "id;address\n1;Rue X, 5, Paris\n2;Road Y, 6, London\n",
        {"id": "integer", "address": "text"},
        [[1, "Rue X, 5, Paris"], [2, "Road Y, 6, London"]],
        delimiter=";",
    ),
    divided(
        "pipes-in-a-comma-file",
        "a,tags\n1,x|y|z\n2,p|q|r\n",
        {"a": "integer", "tags": "text"},
        [[1, "x|y|z"], [2, "p|q|r"]],
        delimiter=",",
    ),
    divided(
        "semicolons-in-a-comma-file",
        "gene,go,n\nA,x;y,1\nB,p;q,2\n",
        {"gene": "text", "go": "text", "n": "integer"},
        [["A", "x;y", 1], ["B", "p;q", 2]],
        delimiter=",",
    ),
    divided(
        "times-and-paths",
        "at,path\n10:30:00,/a/b\n11:45:10,/c/d\n",
        {"at": "text", "path": "text"},
        [["10:30:00", "/a/b"], ["11:45:10", "/c/d"]],
        delimiter=",",
    ),
    divided(
        "quoted-semicolons",
        'a;b\n"x;y;z";1\n"p;q";2\n',
        {"a": "text", "b": "integer"},
        [["x;y;z", 1], ["p;q", 2]],
        delimiter=";",
    ),
    divided(
        "one-column-of-words",
        "phrase\nhello world\ngood morning\n",
        {"phrase": "text"},
        [["hello world"], ["good morning"]],
    ),
    divided(
        "one-column-of-names-with-commas-quoted",
        'name\n"Doe, John"\n"Roe, Jane"\n',
        {"name": "text"},
        [["Doe, John"], ["Roe, Jane"]],
    ),
    TriedFile(
        reference="delimiter",
        variant="one-column-with-commas",
        about="Names with commas under one header: one column, ragged, or in doubt.",
        content="name\nDoe, John\nRoe, Jane\n",
        right=[
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
            AdmitsDoubt(of="delimiter"),
            AdmitsDoubt(of="header_row"),
        ],
    ),
    TriedFile(
        reference="delimiter",
        variant="ragged-names-it",
        about="What divides the fields is said where their number is wrong.",
        content="a;b\n1;2\n3;4;5\n6;7\n",
        right=[Refuses("INGEST_RAGGED_LINES", ("line 3", "semicolon"))],
    ),
    TriedFile(
        reference="delimiter",
        variant="both-fit",
        about="Two delimiters fit every record equally well.",
        content="a;b,c\nd;e,f\ng;h,i\n",
        right=[AdmitsDoubt(of="delimiter")],
    ),
    *(
        TriedFile(
            reference="sep-line",
            variant=name,
            about="The first line says what divides the fields, as Excel takes it.",
            content=content,
            right=[Reads(types=ABC, rows=[[1, 2], [3, 4]])],
        )
        for name, content in (
            ("comma", "sep=,\na,b\n1,2\n3,4\n"),
            ("tab", "sep=\t\na\tb\n1\t2\n3\t4\n"),
            ("pipe", "sep=|\na|b\n1|2\n3|4\n"),
            ("upper-case", "SEP=;\na;b\n1;2\n3;4\n"),
            ("quoted", '"sep=;"\na;b\n1;2\n3;4\n'),
            ("crlf", "sep=;\r\na;b\r\n1;2\r\n3;4\r\n"),
            ("mark", "\ufeffsep=;\na;b\n1;2\n3;4\n"),
            ("other-character", "sep=^\na^b\n1^2\n3^4\n"),
        )
    ),
    TriedFile(
        reference="sep-line",
        variant="with-other-delimiters-in-fields",
        about="What the first line says counts, whatever the fields hold.",
        content="sep=;\na;b,c\n1;2,3\n3;4,5\n",
        right=[Reads(types={"a": "integer", "b,c": "text"}, rows=[[1, "2,3"], [3, "4,5"]])],
    ),
    TriedFile(
        reference="sep-line",
        variant="utf-16",
        about="As Excel writes its Unicode text.",
        content="sep=\t\r\na\tb\r\n1\t2\r\n3\t4\r\n".encode("utf-16"),
        right=[Reads(types=ABC, rows=[[1, 2], [3, 4]])],
    ),
    titled("one-line", "Report 2024,,\n" + TABLE, 2),
    titled("two-lines", "Report 2024,,\nby the office,,\n" + TABLE, 3),
    titled("blank-fields-between", "Report,,\n,,\n,,\n" + TABLE, 4),
    titled("blank-lines-between", "Report,,\n\n\n" + TABLE, 4),
    titled("blank-first", ",,\nReport,,\n" + TABLE, 3),
    titled("quoted-title", '"Report, revised",,\n,,\n' + TABLE, 3),
    titled("semicolons", ("Report;;\n;;\n" + TABLE.replace(",", ";")), 3),
    titled("tabs", ("Report\t\t\n\t\t\n" + TABLE.replace(",", "\t")), 3),
    titled("crlf", ("Report,,\n,,\n" + TABLE).replace("\n", "\r\n"), 3),
    titled("said", "Report 2024,,\n,,\n" + TABLE, 3, header_row=3),
    titled("skipped", "Report 2024,,\n,,\n" + TABLE, 3, skip_rows=2),
    titled("skipped-and-said", "Report 2024,,\n,,\n" + TABLE, 3, skip_rows=1, header_row=2),
    TriedFile(
        reference="title-rows",
        variant="footer",
        about="Lines below the table are left out where it is asked for.",
        content=TABLE + "Total,3,\nSource: the office,,\n",
        options={"skip_footer": 2},
        right=[Reads(types=TITLED, rows=TITLED_ROWS)],
    ),
    TriedFile(
        reference="title-rows",
        variant="none",
        about="No header at all.",
        content="x,1,2024-01-01\ny,2,2024-01-02\n",
        options={"header_row": None},
        right=[
            Reads(
                types={"column_1": "text", "column_2": "integer", "column_3": "date"},
                rows=TITLED_ROWS,
            )
        ],
    ),
    *(
        TriedFile(
            reference="comments",
            variant=name,
            about="Comment lines are left out where it is asked for.",
            content=content,
            options={"comment": prefix},
            right=[Reads(types=ABC, rows=[[1, 2], [3, 4]])],
        )
        for name, content, prefix in (
            ("number-sign", "# made by x\n# second, line\na,b\n1,2\n3,4\n", "#"),
            ("slashes", "// made by x\na,b\n1,2\n// and, more\n3,4\n", "//"),
            ("percent", "%\n%x,y,z\na,b\n1,2\n3,4\n% end\n", "%"),
            ("open-mark", '# he said "no\na,b\n1,2\n3,4\n', "#"),
            ("crlf", "#x\r\na,b\r\n1,2\r\n#y\r\n3,4\r\n", "#"),
            ("cr", "#x\ra,b\r1,2\r#y\r3,4\r", "#"),
            ("mark", "\ufeff#x\na,b\n1,2\n3,4\n", "#"),
        )
    ),
    TriedFile(
        reference="comments",
        variant="unsaid",
        about="Comments that nobody spoke of are left out with a word, or refused with advice.",
        content="# made by x\n# second, line\na,b\n1,2\n",
        right=[
            Reads(types=ABC, rows=[[1, 2]], unsure_of=("header_row",)),
            Refuses("INGEST_RAGGED_LINES", ("comment",)),
        ],
    ),
    TriedFile(
        reference="comments",
        variant="in-quotes",
        about="Inside marks a line that begins like a comment is none.",
        content='a,b\n1,"x\n# y"\n2,#z\n',
        options={"comment": "#"},
        right=[Reads(types={"a": "integer", "b": "text"}, rows=[[1, "x\n# y"], [2, "#z"]])],
    ),
)
