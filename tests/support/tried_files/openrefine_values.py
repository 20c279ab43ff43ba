"""After reports on the letters, types and values that OpenRefine's importer makes."""

from __future__ import annotations

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions
from tests.support.tried_files.tried_file import Reads, Refuses, TriedFile

REPORTS = (
    TriedFile(
        reference="OpenRefine/OpenRefine#308",
        about="Hexadecimal codes of digits and one E became numbers.",
        content="id,hex\n1,0033\n2,9e42\n3,1234\n",
        right=[
            Reads(
                types={"id": "integer", "hex": "text"},
                rows=[[1, "0033"], [2, "9e42"], [3, "1234"]],
            )
        ],
    ),
    *(
        TriedFile(
            reference=f"OpenRefine/OpenRefine#{number}",
            about="Codes with an E became numbers.",
            content="name,code\n" + "".join(f"n,{code}\n" for code in codes),
            right=[
                Reads(types={"name": "text", "code": "text"}, rows=[["n", code] for code in codes])
            ],
        )
        for number, codes in ((511, ("5E0", "5E1")), (906, ("2E4", "1234", "3E0", "2F1")))
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#259",
        about="1,290 stayed a text although numbers were asked for.",
        content='state,n\nTotal,"1,290"\nAlabama,36\n',
        options={"thousands": ","},
        right=[
            Reads(
                types={"state": "text", "n": "integer"},
                rows=[["Total", 1290], ["Alabama", 36]],
                tells_of=("n",),
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#1241",
        about="The byte-order mark became part of the first name.",
        content="\ufeffUNID,Name\n7,x\n",
        right=[Reads(types={"UNID": "integer", "Name": "text"}, rows=[[7, "x"]])],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#356",
        about="A file with two byte-order marks kept one of them in its first name.",
        content="\ufeff\ufeffproductcode,n\nA,1\n",
        right=[
            Reads(types={"productcode": "text", "n": "integer"}, rows=[["A", 1]]),
            Refuses("INGEST_UNREADABLE_ENCODING"),
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#121",
        about="Backslashes were stripped from JSON texts.",
        content='Foo,Bar\nHello\\nWorld,3\n"{""q"":""\\u201cx\\u201d\\n""}",4\n',
        right=[
            Reads(
                types={"Foo": "text", "Bar": "integer"},
                rows=[["Hello\\nWorld", 3], ['{"q":"\\u201cx\\u201d\\n"}', 4]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#6604",
        about="Blanks were trimmed that nobody wanted trimmed.",
        content="a\tb\tc\n lsp\ttsp \t ltsp \nx\ty\tz\n",
        file_name="Spaces.tsv",
        right=[
            Reads(
                types={"a": "text", "b": "text", "c": "text"},
                rows=[[" lsp", "tsp ", " ltsp "], ["x", "y", "z"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#5246",
        about="A no-break space was not trimmed.",
        content="a,n\nRow 1\u00a0,1\nRow 2 ,2\nRow 3\u00a0,3\n",
        options={"trims": True},
        right=[
            Reads(
                types={"a": "text", "n": "integer"},
                rows=[["Row 1", 1], ["Row 2", 2], ["Row 3", 3]],
                tells_of=("a",),
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#172",
        about="One letter outside ASCII made UTF-32 of a file.",
        content="id;citta\n1;Citt\u00e0 di Castello\n2;Roma\n".encode("latin-1"),
        right=[
            Reads(
                types={"id": "integer", "citta": "text"},
                rows=[[1, "Città di Castello"], [2, "Roma"]],
                unsure_of=("encoding",),
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#164",
        about="The first letters outside ASCII, in row 33, were not seen.",
        content="id\tname\n" + "1\tplain\n" * 32 + "33\tŁódź, naïve\n",
        file_name="export.tsv",
        right=[
            Reads(
                types={"id": "integer", "name": "text"},
                rows=[[1, "plain"]] * 32 + [[33, "Łódź, naïve"]],
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#3020",
        about="Day and month were swapped in the rows that allow it.",
        content="n,when\n1,11/12/2020\n2,13/12/2020\n",
        options={"columns": {"when": ColumnOptions(type=ColumnType.DATE, date_format="%d/%m/%Y")}},
        right=[
            Reads(
                types={"n": "integer", "when": "date"},
                rows=[[1, "2020-12-11"], [2, "2020-12-13"]],
                tells_of=("when",),
            )
        ],
    ),
    TriedFile(
        reference="OpenRefine/OpenRefine#3020",
        variant="month-first",
        about="An order that does not fit every row is no order.",
        content="n,when\n1,11/12/2020\n2,13/12/2020\n",
        options={"columns": {"when": ColumnOptions(type=ColumnType.DATE, date_format="%m/%d/%Y")}},
        right=[Refuses("INGEST_VALUE_NOT_OF_TYPE", ("13/12/2020", "row 2"))],
    ),
)
