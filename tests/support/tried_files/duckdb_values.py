"""After reports on the types and values that DuckDB's reader of CSV files makes."""

from __future__ import annotations

from tests.support.tried_files.tried_file import Reads, TriedFile

# More records than DuckDB's sniffer looks at.
_PAST_THE_SAMPLE = 20_500

REPORTS = (
    TriedFile(
        reference="duckdb/duckdb#11411",
        about="Somebody wanted leading zeros dropped; whoever needs the FIPS codes does not.",
        content="date,state,fips\n2020-01-21,Washington,53\n2020-01-25,Arizona,04\n",
        right=[
            Reads(
                types={"date": "date", "state": "text", "fips": "text"},
                rows=[["2020-01-21", "Washington", "53"], ["2020-01-25", "Arizona", "04"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#10528",
        about="1E-7 among integers was read as the integer 0.",
        content="a,b,c\n1,2,3\n4,5,6\n7,8,1E-7\n",
        right=[
            Reads(
                types={"a": "integer", "b": "integer", "c": "float"},
                rows=[[1, 2, 3.0], [4, 5, 6.0], [7, 8, 1e-7]],
            ),
            Reads(
                types={"a": "integer", "b": "integer", "c": "text"},
                rows=[[1, 2, "3"], [4, 5, "6"], [7, 8, "1E-7"]],
            ),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#22750",
        about="Long ids were read as doubles.",
        content="value,name\n12345678901234567890,abc\n99999999999999999999,abc\n",
        right=[
            Reads(
                types={"value": "text", "name": "text"},
                rows=[["12345678901234567890", "abc"], ["99999999999999999999", "abc"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#8573",
        about="A decimal with more digits than a double was rounded without a word.",
        content="id,bignumber\n1,82544000000000707.52\n",
        right=[
            Reads(
                types={"id": "integer", "bignumber": "float"},
                rows=[[1, 82544000000000707.52]],
                tells_of=("bignumber",),
            ),
            Reads(types={"id": "integer", "bignumber": "text"}, rows=[[1, "82544000000000707.52"]]),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#17093",
        about="Numbers with a comma between the thousands.",
        content='"text","number"\n"ab","100,000.00"\n"cd","7.50"\n',
        options={"thousands": ","},
        right=[
            Reads(
                types={"text": "text", "number": "float"},
                rows=[["ab", 100000.0], ["cd", 7.5]],
                tells_of=("number",),
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#17093",
        variant="unsaid",
        about="Without a word of its owner that comma is no separator of thousands.",
        content='"text","number"\n"ab","100,000.00"\n"cd","7.50"\n',
        right=[
            Reads(
                types={"text": "text", "number": "text"},
                rows=[["ab", "100,000.00"], ["cd", "7.50"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#6690",
        about="80000000,00 was taken for a date.",
        content="progetto;importo\nA;80000000,00\nB;1200,5\n",
        options={"decimal": ","},
        right=[
            Reads(
                types={"progetto": "text", "importo": "float"},
                rows=[["A", 80000000.0], ["B", 1200.5]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#15473",
        about="One number at the end of a column of dates made it a column of numbers.",
        content="name,Date,height\nbob,2024/12/12,163\njason,2024/12/12,158.5\n1,1,1\n",
        right=[
            Reads(
                types={"name": "text", "Date": "text", "height": "float"},
                rows=[
                    ["bob", "2024/12/12", 163.0],
                    ["jason", "2024/12/12", 158.5],
                    ["1", "1", 1.0],
                ],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#25824",
        variant="fraction",
        about="A fraction after the sample was rounded to an integer.",
        content="id,n\n" + "7,1\n" * _PAST_THE_SAMPLE + "7,1.5\n",
        right=[
            Reads(
                types={"id": "integer", "n": "float"},
                rows=[[7, 1.0]] * _PAST_THE_SAMPLE + [[7, 1.5]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#25824",
        variant="leading-zero",
        about="A leading zero after the sample was dropped.",
        content="id,n\n" + "7,1\n" * _PAST_THE_SAMPLE + "7,007\n",
        right=[
            Reads(
                types={"id": "integer", "n": "text"},
                rows=[[7, "1"]] * _PAST_THE_SAMPLE + [[7, "007"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#25824",
        variant="time",
        about="A time after the sample was cut off a column of dates.",
        content="id,d\n" + "7,2024-01-31\n" * _PAST_THE_SAMPLE + "7,2024-01-31 23:59:59\n",
        right=[
            Reads(
                types={"id": "integer", "d": "text"},
                rows=[[7, "2024-01-31"]] * _PAST_THE_SAMPLE + [[7, "2024-01-31 23:59:59"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#13168",
        about="Underscores in a code were dropped, and it became a number.",
        content="date,plot,code\n2016-10-03,vst_OSBS_2016,41_10_1\n",
        right=[
            Reads(
                types={"date": "date", "plot": "text", "code": "text"},
                rows=[["2016-10-03", "vst_OSBS_2016", "41_10_1"]],
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#13247",
        about="Times of day without seconds, and blanks before numbers.",
        content="a,b\n05:40, 7\n21:30, 21\n17:45, 99\n",
        right=[
            Reads(
                types={"a": "text", "b": "text"},
                rows=[["05:40", " 7"], ["21:30", " 21"], ["17:45", " 99"]],
            ),
            Reads(
                types={"a": "text", "b": "integer"},
                rows=[["05:40", 7], ["21:30", 21], ["17:45", 99]],
                tells_of=("b",),
            ),
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#13247",
        variant="trimmed",
        about="The same with the blanks trimmed.",
        content="a,b\n05:40, 7\n21:30, 21\n17:45, 99\n",
        options={"trims": True},
        right=[
            Reads(
                types={"a": "text", "b": "integer"},
                rows=[["05:40", 7], ["21:30", 21], ["17:45", 99]],
                tells_of=("b",),
            )
        ],
    ),
    TriedFile(
        reference="duckdb/duckdb#7162",
        about="A quoted empty field is missing in a column of numbers, and a text in one of texts.",
        content='int,str\n42,""\n,a\n88,\n"",b\n',
        right=[
            Reads(
                types={"int": "integer", "str": "text"},
                rows=[[42, ""], [None, "a"], [88, None], [None, "b"]],
            )
        ],
    ),
)
