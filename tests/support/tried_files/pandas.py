"""After reports on `read_csv` of pandas."""

from __future__ import annotations

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions
from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile

REPORTS = (
    TriedFile(
        reference="pandas-dev/pandas#16682",
        about="A log with blanks between its fields and a backslash before a mark.",
        content=(
            "A B C D\n"
            '128.0.0.0 "GET /index.html?la=en HTTP/1.1" 200 7765\n'
            '128.0.0.0 "GET /index.html?la=en\'\\" HTTP/1.1" 200 7765\n'
        ),
        options={"delimiter": " ", "quote": '"', "escape": "\\"},
        right=[
            Reads(
                types={"A": "text", "B": "text", "C": "integer", "D": "integer"},
                rows=[
                    ["128.0.0.0", "GET /index.html?la=en HTTP/1.1", 200, 7765],
                    ["128.0.0.0", "GET /index.html?la=en'\" HTTP/1.1", 200, 7765],
                ],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#21862",
        about="An escaped mark and a delimiter in one field.",
        content=('title,description\nJeans,"blue"\nJeans,"2\\" seam"\nJeans,"2\\" seam, blue"\n'),
        right=[
            Reads(
                types={"title": "text", "description": "text"},
                rows=[["Jeans", "blue"], ["Jeans", '2" seam'], ["Jeans", '2" seam, blue']],
            ),
            Refuses("INGEST_BROKEN_QUOTING", ("line 3",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#56690",
        about="Three marks where two were meant.",
        content=('"test";"columns"\n"This is a """TEST"""";"with """escaped""" quotes"\n'),
        right=[Refuses("INGEST_BROKEN_QUOTING", ("line 2",))],
    ),
    TriedFile(
        reference="pandas-dev/pandas#33735",
        about="A backslash before a closing mark is data where marks are doubled.",
        content='a,b,c,d\n"""key"":""value""","mno,","abc\\",ijk\nw,x,y,z\n',
        right=[
            Reads(
                types={"a": "text", "b": "text", "c": "text", "d": "text"},
                rows=[['"key":"value"', "mno,", "abc\\", "ijk"], ["w", "x", "y", "z"]],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#33720",
        about="Backslashes escape inside marks and are data outside of them.",
        content='a,b,c\n"This is \\"quoted\\"",C:\\users\\gary,bad value\\\n"x",y,z\n',
        right=[
            Reads(
                types={"a": "text", "b": "text", "c": "text"},
                rows=[['This is "quoted"', "C:\\users\\gary", "bad value\\"], ["x", "y", "z"]],
            ),
            Refuses("INGEST_BROKEN_QUOTING", ("line 2",)),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#4793",
        about="The mark around the first name stayed, behind a byte-order mark.",
        content=b'\xef\xbb\xbf"Name","Team","G"\n"Ann","BOS","3"\n',
        right=[
            Reads(types={"Name": "text", "Team": "text", "G": "integer"}, rows=[["Ann", "BOS", 3]])
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#26545",
        about="A header alone, quoted, behind a byte-order mark.",
        content=b'\xef\xbb\xbf"Project ID"\t"Project Name"\t"Product Name"',
        file_name="table.tsv",
        right=[
            Reads(
                types={"Project ID": "text", "Project Name": "text", "Product Name": "text"},
                rows=[],
            )
        ],
    ),
    *(
        TriedFile(
            reference="pandas-dev/pandas#64631",
            variant=repr(written),
            about="A comma that groups no digits was dropped from a number.",
            content=f"id;a\n7;{written}\n8;1,000\n",
            options={"thousands": ","},
            right=[Reads(types={"id": "integer", "a": "text"}, rows=[[7, written], [8, "1,000"]])],
        )
        for written in ("1 ,", "1,,0", "1,23", ",1", "1,", "12,34,567", "1,0000", "0,001")
    ),
    TriedFile(
        reference="pandas-dev/pandas#4322",
        about="Thousands were separated in integers only.",
        content="A|B|C\n1|2,334.01|5\n10|13|10\n",
        options={"thousands": ","},
        right=[
            Reads(
                types={"A": "integer", "B": "float", "C": "integer"},
                rows=[[1, 2334.01, 5], [10, 13.0, 10]],
                tells_of=("B",),
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#12340",
        about="A large id, written as a decimal, was off by two.",
        content=(
            "SourceID,Photons,AvgX\n"
            "6144039378640938.000000,71,1457.802817\n"
            "6145000614093866.000000,0,nan\n"
        ),
        right=[
            Reads(
                types={"SourceID": "float", "Photons": "integer", "AvgX": "float"},
                rows=[
                    [6144039378640938.0, 71, 1457.802817],
                    [6145000614093866.0, 0, None],
                ],
                tells_of=("SourceID", "AvgX"),
            ),
            Reads(
                types={"SourceID": "text", "Photons": "integer", "AvgX": "float"},
                rows=[
                    ["6144039378640938.000000", 71, 1457.802817],
                    ["6145000614093866.000000", 0, None],
                ],
                tells_of=("AvgX",),
            ),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#48170",
        about="One missing value made a column of large integers floats.",
        content="col1,col2\n,1\n1234567890123456789,\n",
        right=[
            Reads(
                types={"col1": "integer", "col2": "integer"},
                rows=[[None, 1], [1234567890123456789, None]],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#5697",
        about="A blank line in one column of large integers.",
        content="x\n\n1111111111111111111\n",
        right=[Reads(types={"x": "integer"}, rows=[[None], [1111111111111111111]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#2697",
        about="One number with an exponent cost the others their last digits.",
        content=(
            "id,text\n"
            "135217135789158401,'testing lost precision from csv'\n"
            "1352171357E+5,'any item'\n"
        ),
        right=[
            Reads(
                types={"id": "text", "text": "text"},
                rows=[
                    ["135217135789158401", "'testing lost precision from csv'"],
                    ["1352171357E+5", "'any item'"],
                ],
            ),
            Reads(  # with the apostrophes taken for quotation marks
                types={"id": "text", "text": "text"},
                rows=[
                    ["135217135789158401", "testing lost precision from csv"],
                    ["1352171357E+5", "any item"],
                ],
                unsure_of=("quote",),
            ),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#14124",
        about="A delimiter at the end of each row, but not of the header, moved all values.",
        content="A,B,C\n1,4,7,\n2,5,8,\n3,6,9,\n",
        right=[
            Reads(
                types={"A": "integer", "B": "integer", "C": "integer"},
                rows=[[1, 4, 7], [2, 5, 8], [3, 6, 9]],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 2",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#41304",
        about="The same with semicolons and everything quoted.",
        content='"Местное время";"T";"Po"\n"04.05.2021 09:00";"9.8";"759.0";\n',
        right=[Refuses("INGEST_RAGGED_LINES", ("line 2",))],
    ),
    TriedFile(
        reference="pandas-dev/pandas#10647",
        about="NA beside other texts is an abbreviation.",
        content='x,y\n"NA",NA\n"foo",foo\n',
        right=[Reads(types={"x": "text", "y": "text"}, rows=[["NA", "NA"], ["foo", "foo"]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#24681",
        about="N/A in a column of words is a word.",
        content="id\tword\tx\nb1\t<para>\t73.557\nb2\tN/A\t108.195\nb3\ttest2\t154.508\n",
        file_name="words.tsv",
        right=[
            Reads(
                types={"id": "text", "word": "text", "x": "float"},
                rows=[["b1", "<para>", 73.557], ["b2", "N/A", 108.195], ["b3", "test2", 154.508]],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#50458",
        about="Initials that look like missing values.",
        content='a\n"NA"\n"NAN"\n"N/A"\n',
        right=[Reads(types={"a": "text"}, rows=[["NA"], ["NAN"], ["N/A"]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#50458",
        variant="said",
        about="The owner says what is missing: then nothing else is.",
        content='a\n"NA"\n"NAN"\n"N/A"\n',
        options={"null_values": ("NAN",)},
        right=[Reads(types={"a": "text"}, rows=[["NA"], [None], ["N/A"]])],
    ),
    *(
        TriedFile(
            reference=f"pandas-dev/pandas#{number}",
            about="What came after a NUL was cut off.",
            content=content,
            right=[Refuses("INGEST_NUL_CHARACTER")],
        )
        for number, content in (
            (19886, b"x,y\ntest\0test,Reg\n\0\0\0,Reg\nI,Swp\n"),
            (14012, b"var1,var2,var3\n1,2,0\n2,\0,0\n3,4,0\n"),
            (66524, b'a\n1\n"1\0xyz"\n3\n'),
        )
    ),
    TriedFile(
        reference="pandas-dev/pandas#14301",
        about="Day and month were taken in one order in one row and in the other in the next.",
        content="EuroDate\n10/9/2016\n30/9/2016\n",
        right=[Reads(types={"EuroDate": "text"}, rows=[["10/9/2016"], ["30/9/2016"]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#19402",
        about="The same, with two digits for each and the order said.",
        content="id;name;date\n1;event1;11/03/2011\n2;event2;03/05/2011\n3;event3;20/10/2011\n",
        options={"columns": {"date": ColumnOptions(type=ColumnType.DATE, date_format="%d/%m/%Y")}},
        right=[
            Reads(
                types={"id": "integer", "name": "text", "date": "date"},
                rows=[
                    [1, "event1", "2011-03-11"],
                    [2, "event2", "2011-05-03"],
                    [3, "event3", "2011-10-20"],
                ],
                tells_of=("date",),
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#2586",
        about="Dates with a time and with points.",
        content="a,b\n27.03.2003 14:55:00.000,1\n03.08.2003 15:20:00.000,2\n",
        options={
            "columns": {
                "a": ColumnOptions(type=ColumnType.DATETIME, date_format="%d.%m.%Y %H:%M:%S.%f")
            }
        },
        right=[
            Reads(
                types={"a": "datetime", "b": "integer"},
                rows=[["2003-03-27T14:55:00", 1], ["2003-08-03T15:20:00", 2]],
                tells_of=("a",),
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#53355",
        about="A date of another format is no reason to leave all of them texts in silence.",
        content="id,col\n1,18/04/1995\n2,2007-4-30\n3,07/06/2006\n",
        options={"columns": {"col": ColumnOptions(type=ColumnType.DATE, date_format="%d/%m/%Y")}},
        right=[Refuses("INGEST_VALUE_NOT_OF_TYPE", ("2007-4-30", "row 2"))],
    ),
    TriedFile(
        reference="pandas-dev/pandas#40583",
        about="The comment's character inside a record cut the record off.",
        content="#empty\na,b,c\n1,2,3#4\n# left out\n2,2,3\n#3,3,3\n",
        options={"comment": "#"},
        right=[
            Reads(
                types={"a": "integer", "b": "integer", "c": "text"},
                rows=[[1, 2, "3#4"], [2, 2, "3"]],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#12443",
        about="Missing values of a single column vanished.",
        content="a\n1\n\n3\n\n",
        right=[Reads(types={"a": "integer"}, rows=[[1], [None], [3], [None]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#9710",
        about="Zeros behind blanks vanished.",
        content="MyColumn\n   0\n   1\n   0\n   1\n",
        right=[
            Reads(types={"MyColumn": "text"}, rows=[["   0"], ["   1"], ["   0"], ["   1"]]),
            Reads(types={"MyColumn": "integer"}, rows=[[0], [1], [0], [1]], tells_of=("MyColumn",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#10728",
        about="A last line of one blank became a row.",
        content="a,b,c\n1,2,3\n4,5,6\n ",
        right=[
            Reads(
                types={"a": "integer", "b": "integer", "c": "integer"},
                rows=[[1, 2, 3], [4, 5, 6]],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 4",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#14459",
        about="Skipped lines with marks in them are lines all the same.",
        content='toskip\n"further\nskip"\na,b,c\n1,"a\nb",3\n2,c,4\n',
        options={"skip_rows": 3},
        right=[
            Reads(
                types={"a": "integer", "b": "text", "c": "integer"},
                rows=[[1, "a\nb", 3], [2, "c", 4]],
            )
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#14459",
        variant="open-mark",
        about="A mark that a skipped line leaves open does not swallow the table.",
        content='it is 5" wide, "said he\na,b\n1,2\n',
        options={"skip_rows": 1},
        right=[Reads(types={"a": "integer", "b": "integer"}, rows=[[1, 2]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#10018",
        about="A carriage return inside a bare field made a row of its own.",
        content="a,b\n1,one\n2,two\rowt\n3,three\n",
        right=[
            Reads(
                types={"a": "integer", "b": "text"},
                rows=[[1, "one"], [2, "two\rowt"], [3, "three"]],
            ),
            Refuses("INGEST_RAGGED_LINES", ("line 4",)),
        ],
    ),
    TriedFile(
        reference="pandas-dev/pandas#9079",
        about="Lines of a file with carriage returns only could not be skipped.",
        content="title\ra,b\r1,2\r3,4\r",
        options={"skip_rows": 1},
        right=[Reads(types={"a": "integer", "b": "integer"}, rows=[[1, 2], [3, 4]])],
    ),
    TriedFile(
        reference="pandas-dev/pandas#61730",
        about="Columns padded with blanks, behind closing marks too.",
        content=(
            '"field1" ,"field2" ,"field3"\n"1"      ,      14 ,"euia"\n"10"     ,      27 ,"eu"\n'
        ),
        right=[
            Refuses("INGEST_BROKEN_QUOTING", ("line 1",)),
            Reads(
                types={"field1": "integer", "field2": "integer", "field3": "text"},
                rows=[[1, 14, "euia"], [10, 27, "eu"]],
            ),
            Reads(
                types={"field1": "integer", "field2": "text", "field3": "text"},
                rows=[[1, "      14 ", "euia"], [10, "      27 ", "eu"]],
            ),
            AdmitsDoubt(of="quote"),
        ],
    ),
)
