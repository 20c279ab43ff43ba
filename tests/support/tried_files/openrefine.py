"""After reports on OpenRefine's importer of separated values: quotes, delimiters and lines."""

from __future__ import annotations

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile

REPORTS = (
    TriedFile(
        reference="OpenRefine/OpenRefine#690",
        about="One mark inside a bare field swallowed the rest of the file.",
        content=(
            "id;date;text\n"
            "ab60;Après 1903;Famille de l'hermite, y sont en paix ensemble\". \n"
            "ab61;1904;Une rue\n"
        ),
        right=[
            Reads(
                types={"id": "text", "date": "text", "text": "text"},
                rows=[
                    ["ab60", "Après 1903", "Famille de l'hermite, y sont en paix ensemble\". "],
                    ["ab61", "1904", "Une rue"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#402",
        about="Words after a closing mark lost the opening one.",
        content=(
            "First column|Second column\n"
            '"Quotes" with words after|02134\n'
            '"Quotes on each side"|6789\n'
        ),
        right=[
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
            Reads(
                types={"First column": "text", "Second column": "text"},
                rows=[
                    ['"Quotes" with words after', "02134"],
                    ['"Quotes on each side"', "6789"],
                ],
                unsure_of=("quote",),
            ),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#402",
        variant="no-quotes",
        about="The same, with no character around fields said.",
        content=(
            "First column|Second column\n"
            '"Quotes" with words after|02134\n'
            '"Quotes on each side"|6789\n'
        ),
        options={"quote": ""},
        right=[
            Reads(
                types={"First column": "text", "Second column": "text"},
                rows=[
                    ['"Quotes" with words after', "02134"],
                    ['"Quotes on each side"', "6789"],
                ],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#41",
        about="Two marks on each side lost one.",
        content='name,v\na,""value1""\nb,plain\n',
        right=[
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
            Reads(
                types={"name": "text", "v": "text"},
                rows=[["a", '""value1""'], ["b", "plain"]],
                unsure_of=("quote",),
            ),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#19",
        about="Line ends inside marks made three rows of two.",
        content=(
            "name,description,yearOfBirth\n"
            'Mary II,"Mary II was Queen regnant of England, Scotland, and Ireland from \n'
            '1689 until her death.",1662\n'
            'Napoleon Bonaparte,"Napoleon I.\nHe was a military leader, in the early 19th \n'
            'century.",1769\n'
        ),
        right=[
            Reads(
                types={"name": "text", "description": "text", "yearOfBirth": "integer"},
                rows=[
                    [
                        "Mary II",
                        "Mary II was Queen regnant of England, Scotland, and Ireland from \n"
                        "1689 until her death.",
                        1662,
                    ],
                    [
                        "Napoleon Bonaparte",
                        "Napoleon I.\nHe was a military leader, in the early 19th \ncentury.",
                        1769,
                    ],
                ],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#4946",
        about="A backslash before a mark did not escape it.",
        content='a,b\nc,"d\\",e"\n',
        right=[
            Reads(types={"a": "text", "b": "text"}, rows=[["c", 'd",e']]),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#4899",
        about="Apostrophes around fields, with blanks behind the commas.",
        content=(
            "'NDB_No', 'Shrt_Desc', 'Water'\n"
            "'01001', 'BUTTER,WITH SALT', '1.00'\n"
            "'01002', 'BUTTER,WHIPPED,WITH SALT', '15.87'\n"
        ),
        right=[
            Reads(
                types={"NDB_No": "text", "Shrt_Desc": "text", "Water": "float"},
                rows=[
                    ["01001", "BUTTER,WITH SALT", 1.0],
                    ["01002", "BUTTER,WHIPPED,WITH SALT", 15.87],
                ],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
            Refuses("INGEST_BROKEN_QUOTING"),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#4899",
        variant="no-blanks",
        about="Apostrophes around fields.",
        content=(
            "'NDB_No','Shrt_Desc','Water'\n"
            "'01001','BUTTER,WITH SALT','x'\n"
            "'01002','BUTTER,WHIPPED,WITH SALT','y'\n"
            "'01003','CHEESE, BLUE','z'\n"
        ),
        right=[
            Reads(
                types={"NDB_No": "text", "Shrt_Desc": "text", "Water": "text"},
                rows=[
                    ["01001", "BUTTER,WITH SALT", "x"],
                    ["01002", "BUTTER,WHIPPED,WITH SALT", "y"],
                    ["01003", "CHEESE, BLUE", "z"],
                ],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#764",
        about="Cells of many lines hid the delimiter.",
        content=('id;text\n1;"line one\nline, two, three, four\nline | five"\n2;"x, y\nz"\n'),
        right=[
            Reads(
                types={"id": "integer", "text": "text"},
                rows=[[1, "line one\nline, two, three, four\nline | five"], [2, "x, y\nz"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#6527",
        about="A byte-order mark hid the delimiter.",
        content="\ufeffCreatorID\tCreatorName\tDates\n1\tFisher, J.\t\n2\tSmith, A. B.\t1900-\n",
        file_name="creator.txt",
        right=[
            Reads(
                types={"CreatorID": "integer", "CreatorName": "text", "Dates": "text"},
                rows=[[1, "Fisher, J.", None], [2, "Smith, A. B.", "1900-"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#484",
        about="A row with an empty first field was lost.",
        content="n,b,c\n1,x,y\n,z,w\n3,,\n",
        right=[
            Reads(
                types={"n": "integer", "b": "text", "c": "text"},
                rows=[[1, "x", "y"], [None, "z", "w"], [3, None, None]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1546",
        about="A header with a delimiter at its end and rows without.",
        content="c1,c2,c3,\n111,222,333\n,444,555\n5555,666,\naaaa,bbbb,ccc\n",
        right=[Refuses("INGEST_RAGGED_LINES", ("line 2",))],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1546",
        variant="padded",
        about="The same with short rows padded.",
        content="c1,c2,c3,\n111,222,333\n,444,555\n5555,666,\naaaa,bbbb,ccc\n",
        options={"pads_ragged": True},
        right=[
            Reads(
                types={"c1": "text", "c2": "text", "c3": "text", "column_4": "text"},
                rows=[
                    ["111", "222", "333", None],
                    [None, "444", "555", None],
                    ["5555", "666", None, None],
                    ["aaaa", "bbbb", "ccc", None],
                ],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1176",
        about="Line ends inside bare fields of a TSV file made rows of their own.",
        content="a\tb\n1\tx\ny\n2\tz\n",
        file_name="table.tsv",
        right=[Refuses("INGEST_RAGGED_LINES", ("line 3",))],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1176",
        variant="quoted",
        about="Inside marks they belong to the value.",
        content='a\tb\n1\t"x\ny\tz"\n2\tz\n',
        file_name="table.tsv",
        right=[Reads(types={"a": "integer", "b": "text"}, rows=[[1, "x\ny\tz"], [2, "z"]])],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#3853",
        about="Inches in a TSV file moved values into other columns.",
        content='name\tsize\tcat\nA\t5" x 3"\tpipe\nB\t7" mm\ttube\nC\t9 mm\tpipe\n',
        file_name="table.tsv",
        right=[
            Reads(
                types={"name": "text", "size": "text", "cat": "text"},
                rows=[["A", '5" x 3"', "pipe"], ["B", '7" mm', "tube"], ["C", "9 mm", "pipe"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#7323",
        about="The delimiter inside marks split the field.",
        content='a:b:c\n1:"3:4":5\n',
        options={"delimiter": ":"},
        right=[Reads(types={"a": "integer", "b": "text", "c": "integer"}, rows=[[1, "3:4", 5]])],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#7323",
        variant="blanks",
        about="With blanks around the delimiter the marks are inside bare fields.",
        content='a : b\n1 : "3:4"\n',
        options={"delimiter": ":"},
        right=[Refuses("INGEST_RAGGED_LINES", ("line 2",)), AdmitsDoubt(of="quote")],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#249",
        about="Columns aligned with blanks.",
        content="name     age city\nAnn        5 Rome\nBenjamin   6 Oslo\n",
        right=[AdmitsDoubt(of="delimiter"), Refuses("INGEST_RAGGED_LINES")],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1626",
        about="Fields kept their marks although nothing was said to be a mark, or failed.",
        content='thad,test,good,"not so much","ok very good"\nnothing,more,to,see,here\n',
        options={"quote": ""},
        right=[
            Reads(
                types={
                    "thad": "text",
                    "test": "text",
                    "good": "text",
                    '"not so much"': "text",
                    '"ok very good"': "text",
                },
                rows=[["nothing", "more", "to", "see", "here"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#7042",
        about="With marks ignored, a comma inside them divides the field.",
        content='a,b,c\n1,"2,0",3\n0,0,0\n$,/,\'\n',
        options={"quote": ""},
        right=[Refuses("INGEST_RAGGED_LINES", ("line 2",))],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#2199",
        about="The third line is the header.",
        content="Export of May\n\nid,name\n1,x\n",
        options={"header_row": 3},
        right=[Reads(types={"id": "integer", "name": "text"}, rows=[[1, "x"]])],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#6723",
        about="More columns than a reader was made for.",
        content=",".join(f"c{n}" for n in range(1200)) + "\n" + ",".join(["1"] * 1200) + "\n",
        right=[Reads(types={f"c{n}": "integer" for n in range(1200)}, rows=[[1] * 1200])],
    ),
)
