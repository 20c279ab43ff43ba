"""Whatever is stored otherwise than it was written is counted, with the first example."""

from __future__ import annotations

from dataclasses import asdict
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.columns import ColumnType
from data_tools.ingest.options import ColumnOptions
from tests.support.settled_column import Values, settle, settle_as_json

Asked = ColumnOptions


def respelled(report: Any) -> tuple[int, tuple[int, str, str] | None]:
    first = report.respelled.first
    return report.respelled.count, first and (first.row, first.written, first.stored)


@pytest.mark.parametrize(
    ("written", "type_", "count", "first"),
    [
        (["1.5", "5E1"], "float", 1, (2, "5E1", "50")),
        (["3.10", "4.00", None, "5.25"], "float", 2, (1, "3.10", "3.1")),
        (["-1", "1e5", "2.5"], "float", 1, (2, "1e5", "100000")),
        (["2.5", ".5"], "float", 1, (2, ".5", "0.5")),
        (["2.5", "7."], "float", 1, (2, "7.", "7")),
        (["2.5", "2.0"], "float", 1, (2, "2.0", "2")),
        (["2.5", "-0"], "float", 1, (2, "-0", "0")),
        (["2.5", "-0.0"], "float", 1, (2, "-0.0", "0")),
        (["0.5", "1e-7"], "float", 1, (2, "1e-7", "0.0000001")),
        (["0.5", "1e+22"], "float", 1, (2, "1e+22", "10000000000000000000000")),
        (
            ["0.5", "1152921504606846976"],
            "float",
            1,
            (2, "1152921504606846976", "1152921504606847000"),
        ),
        (
            ["1152921504606846976", "0.5"],
            "float",
            1,
            (1, "1152921504606846976", "1152921504606847000"),
        ),
        (["0.5", "1000000000000000", "12345678901.5", "-8168297947778"], "float", 0, None),
        (["0.5", "0.1000000000000000055511"], "float", 1, (2, "0.1000000000000000055511", "0.1")),
        (["1", "20", "-3"], "integer", 0, None),
        (["0.5", "12.25", "NA"], "float", 0, None),
        (["true", "TRUE", "False"], "boolean", 2, (2, "TRUE", "true")),
        (["2024-01-31"], "date", 0, None),
        (["2024-01-31T05:00:00"], "datetime", 0, None),
        (["2024-01-31T05:00:00Z"], "datetime", 0, None),
        (["2024-01-31 05:00:00"], "datetime", 1, (1, "2024-01-31 05:00:00", "2024-01-31T05:00:00")),
        (["2024-01-31T05:00"], "datetime", 1, (1, "2024-01-31T05:00", "2024-01-31T05:00:00")),
        (
            ["2024-01-31T05:00:00+05:30"],
            "datetime",
            1,
            (1, "2024-01-31T05:00:00+05:30", "2024-01-30T23:30:00Z"),
        ),
        (
            ["2024-01-31T05:00:00+00:00"],
            "datetime",
            1,
            (1, "2024-01-31T05:00:00+00:00", "2024-01-31T05:00:00Z"),
        ),
        (
            ["2024-01-31T05:00:00.5", "2024-01-31T05:00:00.250"],
            "datetime",
            1,
            (1, "2024-01-31T05:00:00.5", "2024-01-31T05:00:00.500"),
        ),
        (
            ["2024-01-31T05:00:00", "2024-01-31T05:00:00.125"],
            "datetime",
            1,
            (1, "2024-01-31T05:00:00", "2024-01-31T05:00:00.000"),
        ),
        (
            ["2024-01-31T05:00:00.000"],
            "datetime",
            1,
            (1, "2024-01-31T05:00:00.000", "2024-01-31T05:00:00"),
        ),
        (["5E1", "x"], "text", 0, None),
        (["TRUE", "1"], "text", 0, None),
    ],
)
def test_values_that_are_stored_otherwise_are_counted_with_the_first(
    written: Values, type_: str, count: int, first: tuple[int, str, str] | None
) -> None:
    report, _ = settle(written)

    assert report.type == type_
    assert respelled(report) == (count, first)


@pytest.mark.parametrize(
    ("written", "options", "asked", "first"),
    [
        ([" a", "b "], {"trims": True}, Asked(), (1, " a", "a")),
        (["1", " 2"], {"trims": True}, Asked(), (2, " 2", "2")),
        (["1,5"], {"decimal": ","}, Asked(), (1, "1,5", "1.5")),
        (["1", "1,000"], {"thousands": ","}, Asked(), (2, "1,000", "1000")),
        (["007"], {}, Asked(type=ColumnType.INTEGER), (1, "007", "7")),
        (["+2.5"], {}, Asked(type=ColumnType.FLOAT), (1, "+2.5", "2.5")),
        (["yes"], {}, Asked(type=ColumnType.BOOLEAN), (1, "yes", "true")),
        (["31/01/2024"], {}, Asked(date_format="%d/%m/%Y"), (1, "31/01/2024", "2024-01-31")),
        (
            ["2024-01-31"],
            {},
            Asked(type=ColumnType.DATETIME),
            (1, "2024-01-31", "2024-01-31T00:00:00"),
        ),
    ],
)
def test_what_options_alter_is_counted_too(
    written: Values, options: dict[str, Any], asked: ColumnOptions, first: tuple[int, str, str]
) -> None:
    report, _ = settle(written, asked=asked, **options)

    assert report.respelled.first is not None
    assert respelled(report)[1] == first


def test_the_first_missing_spelling_and_the_first_rounded_value_are_named() -> None:
    report, _ = settle(["1.5"], [None, "NA"], ["9007199254740993.5", "null"])

    assert report.first_missing_spelling is not None
    assert asdict(report.first_missing_spelling) == {"row": 3, "written": "NA", "stored": None}
    assert report.first_rounded_value is not None
    assert asdict(report.first_rounded_value) == {
        "row": 4,
        "written": "9007199254740993.5",
        "stored": "9007199254740994",
    }


def test_an_example_is_cut_off_since_a_cell_may_hold_megabytes() -> None:
    report, _ = settle([f" {'x' * 1_000_000}"], trims=True)

    assert report.respelled.first is not None
    assert report.respelled.first.written == f" {'x' * 98}…"


SPELLINGS = st.sampled_from(
    ["0", "-0", "7", "007", "+7", "1.5", "2.0", "-0.0", "5E1", "12E4", "1e-3", "3.10", "3.9", ".5"]
    + ["NA", "", "NaN", "inf", "true", "FALSE", "9007199254740993", "1000000000000000", "1e22"]
    + ["1152921504606846976", "-8168297947778", "12345678901.25", "0.0000001"]
    + ["2013-01-01", "2013-01-01T05:00", "2013-01-01 05:00:00", "2013-01-01T05:00:00.250"]
    + ["2013-01-01T05:00Z", "2013-01-01T05:00:00Z", "2013-01-01T05:00:00+01:00", "x", " 7", "1,5"]
)
KINDS = [
    ("-0", "1.5", "2.0", "5E1", "1e-3", "3.10", "3.9", "7", "NA", "1e22", "1000000000000000")
    + (
        "-8168297947778",
        "1152921504606846976",
        "12345678901.5",
        "0.0000001",
        "0.10000000000000001",
    ),
    ("2013-01-01T05:00", "2013-01-01 05:00:00", "2013-01-01T05:00:00.250", "NA"),
    ("2013-01-01T05:00Z", "2013-01-01T05:00:00Z", "2013-01-01T05:00:00.1+01:00"),
    ("true", "FALSE", "True", "null"),
]


@given(
    st.lists(st.none() | SPELLINGS)
    | st.sampled_from(KINDS).flatmap(lambda kind: st.lists(st.sampled_from(kind))),
    st.booleans(),
    st.integers(0, 5),
)
def test_exactly_the_values_with_another_text_are_counted(
    written: list[str | None], trims: bool, cut: int
) -> None:
    report, json = settle_as_json(written[:cut], written[cut:], trims=trims)

    stored = [_text(cell) for cell in json]
    changed = [
        (row, before, after)
        for row, (before, after) in enumerate(zip(written, stored, strict=True), start=1)
        if after is not None and after != before
    ]
    assert respelled(report) == (len(changed), changed[0] if changed else None)


def _text(json: str | None) -> str | None:
    """Return the text of a stored value: the database keeps numbers as decimals."""
    if json is None or json in ("true", "false"):
        return json
    return orjson.loads(json) if json.startswith('"') else f"{Decimal(json) + 0:f}"
