"""Files with values that a type would not keep as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions
from tests.support.tried_files.tried_file import Reads, Refuses, TriedFile


def column(
    name: str,
    written: Sequence[str],
    type_: str,
    stored: Sequence[Any],
    *,
    tells: bool = False,
    why: str = "",
    **options: Any,
) -> TriedFile:
    return TriedFile(
        reference="spelling",
        variant=name,
        about="A value is stored as it is written, or the report says so.",
        content="id|x\n" + "".join(f"r|{value}\n" for value in written),
        options=options,
        right=[
            Reads(
                types={"id": "text", "x": type_},
                rows=[["r", value] for value in stored],
                tells_of=("x",) if tells else (),
                why={"x": why} if why else {},
            )
        ],
    )


def kept(name: str, *written: str, why: str = "", **options: Any) -> TriedFile:
    return column(name, written, "text", written, why=why, **options)


FILES = (
    kept("ids-with-e", "5E1", "5E2", "12E4"),
    kept("long-ids-with-e", "2310009E13", "2310010E13"),
    kept("lower-case-e", "1e5", "2e6", "7e10"),
    kept("ids-with-e-and-zero", "0E1", "00E1"),
    kept("e-among-digits", "1234", "5E12", "9999"),
    kept("ids-with-huge-exponents", "1E400", "12E999"),
    kept("versions", "3.8", "3.9", "3.10", "3.11"),
    kept("versions-of-three", "1.2", "1.10", "1.10.1"),
    kept("leading-zeros", "007", "12"),
    kept("plus", "+49", "+1"),
    kept("zip-codes", "01234", "98765"),
    kept("long-integers", "9007199254740993", "1.5"),
    kept("longer-integers", "12345678901234567890", "1"),
    kept("nanoseconds", "2024-01-31T10:00:00.123456789", "2024-01-31T10:00:00.123456999"),
    kept("times", "26:15:00", "10:30:00"),
    kept("percent", "5%", "10%"),
    kept("money", "$5", "€7"),
    kept("fractions", "1/2", "3/4"),
    kept("hexadecimal", "0x1F", "0x20"),
    kept("yes-no", "yes", "no"),
    kept("underscores", "1_000", "2_000"),
    kept("arabic-digits", "١٢", "٣"),
    kept("why-late", *map(str, range(1, 17)), "n/a?", why="n/a?"),
    kept("why-words", "1", "two", "3", why="two"),
    column("prices", ["3.10", "4.00", "5.25"], "float", [3.1, 4.0, 5.25], tells=True),
    column("measurements", ["1.5e-7", "2.25e-6"], "float", [1.5e-7, 2.25e-6]),
    column("dot-first", [".5", "1.5"], "float", [0.5, 1.5], tells=True),
    column("dot-last", ["1.", "2.5"], "float", [1.0, 2.5], tells=True),
    column("trailing-zero", ["1.0", "2.5"], "float", [1.0, 2.5], tells=False),
    column("minus-zero", ["-0.0", "1.5"], "float", [0.0, 1.5], tells=True),
    column(
        "long-decimals",
        ["0.1234567890123456789", "1.5"],
        "float",
        [0.12345678901234568, 1.5],
        tells=True,
    ),
    column("upper-case-booleans", ["TRUE", "false"], "boolean", [True, False], tells=True),
    column(
        "offsets",
        ["2024-01-31T10:00:00+05:30", "2024-01-31T10:00:00+00:00"],
        "datetime",
        ["2024-01-31T04:30:00Z", "2024-01-31T10:00:00Z"],
        tells=True,
    ),
    column(
        "blank-before-the-time",
        ["2024-01-31 10:00:00", "2024-02-01 11:30:00"],
        "datetime",
        ["2024-01-31T10:00:00", "2024-02-01T11:30:00"],
        tells=True,
    ),
    column("nulls", ["1", "NA", "3"], "integer", [1, None, 3], tells=True),
    column("own-nulls", ["1", "-99", "x"], "text", ["1", None, "x"], null_values=("-99",)),
    column(
        "own-nulls-in-numbers",
        ["1", "-99", "3"],
        "integer",
        [1, None, 3],
        tells=True,
        null_values=("-99",),
    ),
    column("own-nulls-only", ["1", "NA", "3"], "text", ["1", "NA", "3"], null_values=("-99",)),
    column(
        "decimal-comma",
        ["12,5", "-3,25", "7"],
        "float",
        [12.5, -3.25, 7.0],
        tells=True,
        decimal=",",
    ),
    column(
        "thousands",
        ["1,234", "12", "1,234,567"],
        "integer",
        [1234, 12, 1234567],
        tells=True,
        thousands=",",
    ),
    column(
        "swiss",
        ["1'234.50", "12.25"],
        "float",
        [1234.5, 12.25],
        tells=True,
        thousands="'",
    ),
    column(
        "decimal-comma-rounded",
        ["9007199254740993,0", "1,5"],
        "float",
        [9007199254740992.0, 1.5],
        tells=True,
        decimal=",",
    ),
    column("bad-groups", ["1,23", "4,567"], "text", ["1,23", "4,567"], thousands=","),
    column("trimmed", [" 7 ", "8"], "integer", [7, 8], tells=True, trims=True),
    column("trimmed-text", [" x ", "y"], "text", ["x", "y"], tells=True, trims=True),
    column(
        "as-text",
        ["1", "2"],
        "text",
        ["1", "2"],
        columns={"x": ColumnOptions(type=ColumnType.TEXT)},
    ),
    column(
        "day-first",
        ["31/01/2024", "01/02/2024"],
        "date",
        ["2024-01-31", "2024-02-01"],
        tells=True,
        columns={"x": ColumnOptions(type=ColumnType.DATE, date_format="%d/%m/%Y")},
    ),
    column(
        "month-names",
        ["31-Jan-2024", "01-Feb-2024"],
        "date",
        ["2024-01-31", "2024-02-01"],
        tells=True,
        columns={"x": ColumnOptions(type=ColumnType.DATE, date_format="%d-%b-%Y")},
    ),
    column(
        "two-digit-years",
        ["31.01.24", "01.02.99"],
        "date",
        ["2024-01-31", "1999-02-01"],
        tells=True,
        columns={"x": ColumnOptions(type=ColumnType.DATE, date_format="%d.%m.%y")},
    ),
    TriedFile(
        reference="spelling",
        variant="type-that-does-not-fit",
        about="A type that a value does not fit refuses the file with row and value.",
        content="id,x\na,1\nb,two\n",
        options={"columns": {"x": ColumnOptions(type=ColumnType.INTEGER)}},
        right=[Refuses("INGEST_VALUE_NOT_OF_TYPE", ("two", "row 2"))],
    ),
    TriedFile(
        reference="spelling",
        variant="day-that-is-none",
        about="The 31st of February is no date in any format.",
        content="id,x\na,28/02/2024\nb,31/02/2024\n",
        options={"columns": {"x": ColumnOptions(type=ColumnType.DATE, date_format="%d/%m/%Y")}},
        right=[Refuses("INGEST_VALUE_NOT_OF_TYPE", ("31/02/2024", "row 2"))],
    ),
    TriedFile(
        reference="spelling",
        variant="renamed",
        about="A column gets the name that its owner gives it.",
        content="id,x\na,1\n",
        options={"columns": {"x": ColumnOptions(name="amount")}},
        right=[Reads(types={"id": "text", "amount": "integer"}, rows=[["a", 1]])],
    ),
)
