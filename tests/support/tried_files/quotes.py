"""Files whose quotation marks are broken, or escaped in one way or another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tests.support.tried_files.tried_file import AdmitsDoubt, Reads, Refuses, TriedFile


def broken(name: str, content: str, line: str) -> TriedFile:
    return TriedFile(
        reference="broken-quotes",
        variant=name,
        about="A field is opened and not closed as it should be: refused with its line.",
        content=content,
        right=[
            Refuses("INGEST_BROKEN_QUOTING", (line,)),
            AdmitsDoubt(of="quote"),
        ],
    )


def never_closed(name: str, content: str, line: str) -> TriedFile:
    return TriedFile(
        reference="open-quote",
        variant=name,
        about="A mark is never closed: refused with the line that opens it.",
        content=content,
        right=[Refuses("INGEST_BROKEN_QUOTING", (line,))],
    )


def read(
    name: str, content: str, types: dict[str, str], rows: Sequence[Sequence[Any]]
) -> TriedFile:
    return TriedFile(
        reference="quotes",
        variant=name,
        about="The marks are as a writer of CSV makes them.",
        content=content,
        right=[Reads(types=types, rows=rows)],
    )


AB = {"a": "integer", "b": "text"}

FILES = (
    broken("first-column", 'a,b\n"x"y,1\nz,2\n', "line 2"),
    broken("last-column", 'a,b\n1,"x" y\n2,z\n', "line 2"),
    broken("header", '"a"x,b\n1,2\n', "line 1"),
    broken("swallows-with-semicolons", 'id;size\n1;"5 inch\n2;6" pipe\n3;x\n', "line 2"),
    broken("swallows-with-tabs", 'id\tsize\n1\t"5 inch\n2\t6" pipe\n3\tx\n', "line 2"),
    broken("swallows-two-rows", 'id,size\n0,a\n1,"5 inch\n2,7\n3,6" pipe\n4,x\n', "line 3"),
    broken("swallows-in-crlf", 'id,size\r\n1,"5 inch\r\n2,6" pipe\r\n3,x\r\n', "line 2"),
    broken("swallows-in-cr", 'id,size\r1,"5 inch\r2,6" pipe\r3,x\r', "line 2"),
    broken(
        "far-down", "id,size\n" + "1,x\n" * 30_000 + '2,"5 inch\n3,6" pipe\n4,x\n', "line 30,002"
    ),
    broken("after-fields-of-many-lines", 'a,b\n1,"x\ny\nz"\n2,"p\nq"\n3,"r" s\n4,t\n', "line 7"),
    broken("blank-after", 'a,b\n1,"x" \n2,"y"\n', "line 2"),
    broken("single-column", 'a\n"x" y\nz\n', "line 2"),
    broken("half-doubled", 'a,b\n1,"x""y"z"\n2,w\n', "line 2"),
    never_closed("last-record", 'a,b\n1,x\n2,"y\n', "line 3"),
    never_closed("middle", 'a,b\n1,x\n2,"y\n3,z\n4,w\n', "line 3"),
    never_closed("header", 'a,"b\n1,2\n', "line 1"),
    *(
        TriedFile(
            reference="open-quote",
            variant=f"header-{name}",
            about="A mark that the header leaves open does not hide what divides the fields.",
            content='id,text,"note\n0,x,y\n1,z,w\n'.replace(",", delimiter),
            right=[Refuses("INGEST_BROKEN_QUOTING", ("line 1",)), AdmitsDoubt(of="delimiter")],
        )
        for name, delimiter in (("tab", "\t"), ("semicolon", ";"), ("pipe", "|"))
    ),
    never_closed("crlf", 'a,b\r\n1,x\r\n2,"y\r\n3,z\r\n', "line 3"),
    never_closed("far-down", "a,b\n" + "1,x\n" * 30_000 + '2,"y\n3,z\n', "line 30,002"),
    never_closed("after-blank-lines", 'a,b\n\n\n1,"x\n2,y\n', "line 4"),
    read("mark-in-bare-field", 'a,b\n1,5" pipe\n2,6"\n', AB, [[1, '5" pipe'], [2, '6"']]),
    read("doubled-in-bare-field", 'a,b\n1,x""y\n2,z\n', AB, [[1, 'x""y'], [2, "z"]]),
    read("only-marks", 'a,b\n1,""""\n2,""""""\n', AB, [[1, '"'], [2, '""']]),
    read(
        "apostrophes", "a,b\n1,'tis\n2,don't\n3,'x'\n", AB, [[1, "'tis"], [2, "don't"], [3, "'x'"]]
    ),
    read(
        "doubled", 'a,b\n1,"say ""hi"", you"\n2,"""x"""\n', AB, [[1, 'say "hi", you'], [2, '"x"']]
    ),
    *(
        TriedFile(
            reference="backslash-escapes",
            variant=name,
            about="A backslash before a mark escapes it, or the file is refused.",
            content=content,
            right=[
                Reads(types=types, rows=rows),
                Refuses("INGEST_BROKEN_QUOTING", ("line",)),
                Refuses("INGEST_RAGGED_LINES", ("line",)),
            ],
        )
        for name, content, types, rows in (
            (
                "semicolons",
                'pid;yaml\n1387;"{\\"f\\":\\"_top\\"}"\n1388;"He said \\"hi\\""\n',
                {"pid": "integer", "yaml": "text"},
                [[1387, '{"f":"_top"}'], [1388, 'He said "hi"']],
            ),
            (
                "delimiter-inside",
                'a,b\n1,"{\\"k\\": 1, \\"l\\": 2}"\n2,"x"\n',
                AB,
                [[1, '{"k": 1, "l": 2}'], [2, "x"]],
            ),
            (
                "line-end-inside",
                'a,b\n1,"say \\"hi\\"\nand go"\n2,"x"\n',
                AB,
                [[1, 'say "hi"\nand go'], [2, "x"]],
            ),
            (
                "header",
                '"a","the \\"b\\""\n1,"x"\n',
                {"a": "integer", 'the "b"': "text"},
                [[1, "x"]],
            ),
            (
                "everything-quoted",
                '"a","b"\n"1","He said \\"hi\\""\n"2","\\"x\\""\n',
                AB,
                [[1, 'He said "hi"'], [2, '"x"']],
            ),
            (
                "escaped-backslash",
                'a,b\n1,"C:\\\\dir\\\\"\n2,"say \\"hi\\""\n',
                AB,
                [[1, "C:\\dir\\"], [2, 'say "hi"']],
            ),
        )
    ),
    *(
        TriedFile(
            reference="backslash-escapes",
            variant=f"bare-backslash-{name}",
            about="A backslash at the end of a bare field takes no line end with it.",
            content=content,
            right=[
                Reads(types=AB, rows=rows),
                Refuses("INGEST_BROKEN_QUOTING", ("line",)),
                Refuses("INGEST_RAGGED_LINES", ("line",)),
            ],
        )
        for name, content, rows in (
            (
                "last",
                'a,b\n1,"say \\"hi\\""\n2,C:\\dir\\\n',
                [[1, 'say "hi"'], [2, "C:\\dir\\"]],
            ),
            (
                "in-the-middle",
                'a,b\n1,"say \\"hi\\""\n2,C:\\dir\\\n3,x\n',
                [[1, 'say "hi"'], [2, "C:\\dir\\"], [3, "x"]],
            ),
        )
    ),
    read(
        "backslashes-that-escape-nothing",
        'a,b\n1,"C:\\x"\n2,"\\n"\n',
        AB,
        [[1, "C:\\x"], [2, "\\n"]],
    ),
    read("backslash-at-the-end", 'a,b\n1,"C:\\dir\\"\n2,"x"\n', AB, [[1, "C:\\dir\\"], [2, "x"]]),
)
