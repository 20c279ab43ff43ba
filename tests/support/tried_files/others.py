"""After reports on other readers of CSV files."""

from __future__ import annotations

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile

REPORTS = (
    TriedFile(
        reference="saulpw/visidata#147",
        about="A mark that nothing closes, where no field is quoted.",
        content='field1|field2\n"value of field1|value of field2\nhello|wold\n',
        right=[Refuses("INGEST_BROKEN_QUOTING", ("line 2",)), AdmitsDoubt(of="quote")],
    ),
    TriedFile(
        reference="saulpw/visidata#147",
        variant="no-quotes",
        about="The same with no character around fields said.",
        content='field1|field2\n"value of field1|value of field2\nhello|wold\n',
        options={"quote": ""},
        right=[
            Reads(
                types={"field1": "text", "field2": "text"},
                rows=[['"value of field1', "value of field2"], ["hello", "wold"]],
            )
        ],
    ),
    TriedFile(
        reference="saulpw/visidata#481",
        about="Tabs inside fields of a file with pipes.",
        content=(
            "SPEED|START|SIZE\n"
            "normal|2019/12/23 23:00:01|96M\ttotal\n"
            "high|2019/12/21 21:01:01|19M\ttotal\n"
        ),
        right=[
            Reads(
                types={"SPEED": "text", "START": "text", "SIZE": "text"},
                rows=[
                    ["normal", "2019/12/23 23:00:01", "96M\ttotal"],
                    ["high", "2019/12/21 21:01:01", "19M\ttotal"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="saulpw/visidata#2689",
        about="Three marks in a row, next to a field of two.",
        content='column,value\nvalueShape,""\nvalueExamples,"""Velder"""\nnote,\n',
        right=[
            Reads(
                types={"column": "text", "value": "text"},
                rows=[["valueShape", ""], ["valueExamples", '"Velder"'], ["note", None]],
            )
        ],
    ),
    TriedFile(
        reference="saulpw/visidata#2374",
        about="The line end inside a quoted field was made another one.",
        content='a,b\r\n1,"x\r\ny"\r\n2,"p\nq"\r\n',
        right=[
            Reads(types={"a": "integer", "b": "text"}, rows=[[1, "x\r\ny"], [2, "p\nq"]]),
        ],
    ),
    TriedFile(
        reference="saulpw/visidata#2846",
        about="A control character between the fields.",
        content="a\x01b\n1\x01x, y\n2\x01z\n",
        options={"delimiter": "\x01"},
        right=[Reads(types={"a": "integer", "b": "text"}, rows=[[1, "x, y"], [2, "z"]])],
    ),
    TriedFile(
        reference="wireservice/csvkit#228",
        about="Doubled apostrophes beside doubled marks.",
        content=(
            "id,text,it_works\n"
            '1,"this bug seems like, a bug",1\n'
            "2,\"this ''bug'' seems like, a bug\",1\n"
            '3,"this ""bug"" seems like, a bug",0\n'
        ),
        right=[
            Reads(
                types={"id": "integer", "text": "text", "it_works": "integer"},
                rows=[
                    [1, "this bug seems like, a bug", 1],
                    [2, "this ''bug'' seems like, a bug", 1],
                    [3, 'this "bug" seems like, a bug', 0],
                ],
            )
        ],
    ),
    TriedFile(
        reference="wireservice/csvkit#685",
        about="A column of zeros became one of booleans.",
        content="core,us\n0,60000011\n",
        right=[Reads(types={"core": "integer", "us": "integer"}, rows=[[0, 60000011]])],
    ),
    TriedFile(
        reference="wireservice/csvkit#822",
        about="Words with a day and a month became dates of the year 1.",
        content=(
            "a;b\n"
            "DEPARTURE: MONDAY 29 MAY;x\n"
            "DEPARTURE: WEDNESDAY 12 JUL   ARRIVAL: THURSDAY 13 JUL;y\n"
        ),
        right=[
            Reads(
                types={"a": "text", "b": "text"},
                rows=[
                    ["DEPARTURE: MONDAY 29 MAY", "x"],
                    ["DEPARTURE: WEDNESDAY 12 JUL   ARRIVAL: THURSDAY 13 JUL", "y"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="pola-rs/polars#5906",
        about="A quoted empty field in a column of numbers became a text.",
        content=(
            '"col1"|"col2"|"col3"\n'
            '"0"|"Free text with a line\nbreak"|"123"\n'
            '"1"|"Free text without a linebreak"|""\n'
        ),
        right=[
            Reads(
                types={"col1": "integer", "col2": "text", "col3": "integer"},
                rows=[
                    [0, "Free text with a line\nbreak", 123],
                    [1, "Free text without a linebreak", None],
                ],
            )
        ],
    ),
    TriedFile(
        reference="pola-rs/polars#22312",
        about="A TSV file whose fields only happen to begin with a mark.",
        content='subject\ttitle\njava\tLorem ipsum dolor sit\npython\t"Lorem Ipsum" dolor sit',
        file_name="table.tsv",
        right=[
            Refuses("INGEST_BROKEN_QUOTING", ("line 3",)),
            Reads(
                types={"subject": "text", "title": "text"},
                rows=[
                    ["java", "Lorem ipsum dolor sit"],
                    ["python", '"Lorem Ipsum" dolor sit'],
                ],
                unsure_of=("quote",),
            ),
        ],
    ),
    TriedFile(
        reference="pola-rs/polars#19432",
        about="The same in one column.",
        content='Name\n"test test" test\nanother name\n',
        right=[
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
            Reads(
                types={"Name": "text"},
                rows=[['"test test" test'], ["another name"]],
                unsure_of=("quote",),
            ),
        ],
    ),
    TriedFile(
        reference="pola-rs/polars#26024",
        about="Doubled marks stayed doubled in the header.",
        content='"""name"""\n"""1"""\n"""2"""\n',
        right=[Reads(types={'"name"': "text"}, rows=[['"1"'], ['"2"']])],
    ),
    TriedFile(
        reference="pola-rs/polars#18797",
        about="Points between thousands and a comma before the fraction.",
        content="item;price\nchair;1.299,99\ntable;12,50\nhouse;1.234.567,00\n",
        options={"decimal": ",", "thousands": "."},
        right=[
            Reads(
                types={"item": "text", "price": "float"},
                rows=[["chair", 1299.99], ["table", 12.5], ["house", 1234567.0]],
                tells_of=("price",),
            )
        ],
    ),
    TriedFile(
        reference="tidyverse/vroom#339",
        about="Decimal commas outvoted the semicolon.",
        content="0,0;3,0\n1,3;5,8\n",
        options={"header_row": None, "decimal": ","},
        right=[
            Reads(types={"column_1": "float", "column_2": "float"}, rows=[[0.0, 3.0], [1.3, 5.8]])
        ],
    ),
    TriedFile(
        reference="tidyverse/vroom#502",
        about="Lists such as 1,0 became the number 10.",
        content="gene\tcounts\na\t1,0\nb\t0,1\nc\t12,3\n",
        file_name="counts.tsv",
        right=[
            Reads(
                types={"gene": "text", "counts": "text"},
                rows=[["a", "1,0"], ["b", "0,1"], ["c", "12,3"]],
            )
        ],
    ),
    TriedFile(
        reference="tidyverse/vroom#486",
        about="No delimiter was found in one column, or behind marks.",
        content='"Date","WWDC Page Access"\n"2015-07-01",186\n"2015-07-02",161\n',
        right=[
            Reads(
                types={"Date": "date", "WWDC Page Access": "integer"},
                rows=[["2015-07-01", 186], ["2015-07-02", 161]],
            )
        ],
    ),
    TriedFile(
        reference="tidyverse/vroom#486",
        variant="one-column",
        about="The same in one column.",
        content="a\n2022-01-01",
        right=[Reads(types={"a": "date"}, rows=[["2022-01-01"]])],
    ),
    TriedFile(
        reference="tidyverse/vroom#333",
        about="Doubled marks and commas in one field made two rows.",
        content='id,title\n633873,"Yanosik: ""antyradar"", korki, nawigacja, kamera"\n',
        right=[
            Reads(
                types={"id": "integer", "title": "text"},
                rows=[[633873, 'Yanosik: "antyradar", korki, nawigacja, kamera']],
            )
        ],
    ),
    TriedFile(
        reference="python/cpython#119123",
        about="Lists with apostrophes and a comma outvoted the semicolon.",
        content=(
            "id;has_data;a;b;cost;group;merge\n"
            "1;False;;;62.25;['345'];UNKNOWN\n"
            "4;False;;;46.50;['112', '112'];UNKNOWN\n"
            "5;True;;;237.00;['468'];UNKNOWN\n"
        ),
        right=[
            Reads(
                types={
                    "id": "integer",
                    "has_data": "boolean",
                    "a": "text",
                    "b": "text",
                    "cost": "float",
                    "group": "text",
                    "merge": "text",
                },
                rows=[
                    [1, False, None, None, 62.25, "['345']", "UNKNOWN"],
                    [4, False, None, None, 46.5, "['112', '112']", "UNKNOWN"],
                    [5, True, None, None, 237.0, "['468']", "UNKNOWN"],
                ],
                tells_of=("cost", "has_data"),
            )
        ],
    ),
    TriedFile(
        reference="alan-turing-institute/CleverCSV#35",
        about="Colons of times outvoted the comma, in a file without a header.",
        content=(
            "bytearray(b'fake data'),20:53:06,2019-09-01T19:28:21\n"
            "bytearray(b'fake data'),19:33:15,2005-02-15T19:10:31\n"
            "bytearray(b'fake data'),10:43:05,1992-10-12T14:49:24\n"
        ),
        options={"header_row": None},
        right=[
            Reads(
                types={"column_1": "text", "column_2": "text", "column_3": "datetime"},
                rows=[
                    ["bytearray(b'fake data')", "20:53:06", "2019-09-01T19:28:21"],
                    ["bytearray(b'fake data')", "19:33:15", "2005-02-15T19:10:31"],
                    ["bytearray(b'fake data')", "10:43:05", "1992-10-12T14:49:24"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="alan-turing-institute/CleverCSV#35",
        variant="header-unsaid",
        about="Its first row, taken for a header, is at least not called a certain one.",
        content=(
            "bytearray(b'fake data'),20:53:06,2019-09-01T19:28:21\n"
            "bytearray(b'fake data'),19:33:15,2005-02-15T19:10:31\n"
            "bytearray(b'fake data'),10:43:05,1992-10-12T14:49:24\n"
        ),
        right=[AdmitsDoubt(of="header_row")],
    ),
    TriedFile(
        reference="turicas/rows#218",
        about="Commas and doubled marks in the only quoted field.",
        content=(
            "problematic_text,cool_number\n"
            ",42\n"
            '"Problematic text with commas, ""quotes"" and a cool number: 4,2",84\n'
        ),
        right=[
            Reads(
                types={"problematic_text": "text", "cool_number": "integer"},
                rows=[
                    [None, 42],
                    ['Problematic text with commas, "quotes" and a cool number: 4,2', 84],
                ],
            )
        ],
    ),
    TriedFile(
        reference="metabase/metabase#45171",
        about="18500.00 became 1850000 where points separate thousands.",
        content="what;amount\na;18500.00\nb;1,5\n",
        options={"decimal": ",", "thousands": "."},
        right=[
            Reads(types={"what": "text", "amount": "text"}, rows=[["a", "18500.00"], ["b", "1,5"]])
        ],
    ),
    TriedFile(
        reference="metabase/metabase#35648",
        about="A blank between date and time made a text of it.",
        content="id,at\n1,2022-01-01T01:00:00.00\n2,2022-01-01 02:00:00.00\n",
        right=[
            Reads(
                types={"id": "integer", "at": "datetime"},
                rows=[[1, "2022-01-01T01:00:00"], [2, "2022-01-01T02:00:00"]],
                tells_of=("at",),
            )
        ],
    ),
    TriedFile(
        reference="dbeaver/dbeaver#12609",
        about="A backslash at the end of a quoted field escaped its closing mark.",
        content=(
            '"Name","Country","Age"\n'
            '"Peter","USA","25"\n"Marco","Brazil\\","20"\n"Maria","Mexico","45"\n'
        ),
        right=[
            Reads(
                types={"Name": "text", "Country": "text", "Age": "integer"},
                rows=[["Peter", "USA", 25], ["Marco", "Brazil\\", 20], ["Maria", "Mexico", 45]],
            )
        ],
    ),
    TriedFile(
        reference="uniVocity/univocity-parsers#337",
        about="Backslashes before closing marks, where marks are doubled.",
        content=(
            "day,a,b,c,d\n"
            '18/01/2015,"c_Pg,%W\\",Ci\\tHpSDgA,"!DLBpRjdV,",306\n'
            '19/01/2015,"PSC3_\\QvO#,iy",x,y,307\n'
        ),
        right=[
            Reads(
                types={"day": "text", "a": "text", "b": "text", "c": "text", "d": "integer"},
                rows=[
                    ["18/01/2015", "c_Pg,%W\\", "Ci\\tHpSDgA", "!DLBpRjdV,", 306],
                    ["19/01/2015", "PSC3_\\QvO#,iy", "x", "y", 307],
                ],
            )
        ],
    ),
    TriedFile(
        reference="neiltron/apple-health-mcp#23",
        about="Versions that begin as decimals: 10.5 before 11.0.1.",
        content="unit,sourceVersion\nbpm,10.5\nbpm,10.10\nbpm,11.0.1\n",
        right=[
            Reads(
                types={"unit": "text", "sourceVersion": "text"},
                rows=[["bpm", "10.5"], ["bpm", "10.10"], ["bpm", "11.0.1"]],
            )
        ],
    ),
    TriedFile(
        reference="d99kris/rapidcsv#61",
        about="Comments before the records, the last of which names the columns.",
        content="# some description\n# N, M, K\n123,456,2\n432,253,8\n",
        options={"comment": "#", "header_row": None},
        right=[
            Reads(
                types={"column_1": "integer", "column_2": "integer", "column_3": "integer"},
                rows=[[123, 456, 2], [432, 253, 8]],
            )
        ],
    ),
    TriedFile(
        reference="mindsdb/mindsdb_native#358",
        about="Marks doubled beside a comma, in one column.",
        content='PronounceGIF\n"With a hard ""g,"" like ""gift"""\n',
        right=[
            Reads(types={"PronounceGIF": "text"}, rows=[['With a hard "g," like "gift"']]),
        ],
    ),
)
