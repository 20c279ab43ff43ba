"""Changes of type: dates by a format, casts that fit nothing, and digits that are never cut."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data_tools.date_formats import parse_format
from data_tools.exceptions import RequestRejected
from data_tools.rows.session_rows import SessionRows
from session_events.events import ColumnChange, Operation
from tests.support.examples import examples
from tests.support.reference_rows import Table
from tests.support.stored_rows import all_rows, stored

pytestmark = pytest.mark.django_db

EARLIEST, LATEST = map(dt.datetime.fromisoformat, ("1969-01-01", "2068-12-31"))  # those of %y
GOOD = dt.datetime.fromisoformat("2024-03-05")


def column(values: list[Any], column_type: str = "text") -> SessionRows:
    return stored(Table(names=["x"], types=[column_type], rows=[[value] for value in values]))


def changed(rows: SessionRows, new_type: str, **options: Any) -> tuple[list[Any], str]:
    parameters = {"column_name": "x", "new_type": new_type, **options}
    prepared = rows.prepare("change_column_type", parameters)
    return [row[0] for row in all_rows(rows.after(prepared))], prepared.message


def refusal(rows: SessionRows, new_type: str, **options: Any) -> RequestRejected:
    with pytest.raises(RequestRejected) as refused:
        changed(rows, new_type, **options)
    return refused.value


# Dates by a format

READ: list[tuple[str, str, str, str]] = [
    ("31/01/2024", "%d/%m/%Y", "date", "2024-01-31"),
    ("01/02/2024", "%d/%m/%Y", "date", "2024-02-01"),
    ("01/02/2024", "%m/%d/%Y", "date", "2024-01-02"),
    ("1.2.2024", "%d.%m.%Y", "date", "2024-02-01"),
    ("29/02/2024", "%d/%m/%Y", "datetime", "2024-02-29T00:00:00"),
    ("31 Jan 2024", "%d %b %Y", "date", "2024-01-31"),
    ("may 5, 2024", "%B %d, %Y", "date", "2024-05-05"),
    ("SEPTEMBER 5, 2024", "%B %d, %Y", "date", "2024-09-05"),
    ("20240131", "%Y%m%d", "date", "2024-01-31"),
    ("31-12-68", "%d-%m-%y", "date", "2068-12-31"),
    ("31-12-69", "%d-%m-%y", "date", "1969-12-31"),
    ("31/01/2024 7:05", "%d/%m/%Y %H:%M", "datetime", "2024-01-31T07:05:00"),
    ("31/01/2024 12:05 am", "%d/%m/%Y %I:%M %p", "datetime", "2024-01-31T00:05:00"),
    ("31/01/2024 12:05 PM", "%d/%m/%Y %I:%M %p", "datetime", "2024-01-31T12:05:00"),
    ("31/01/2024 11:05PM", "%d/%m/%Y %I:%M%p", "datetime", "2024-01-31T23:05:00"),
    ("31/01/2024 00:00", "%d/%m/%Y %H:%M", "date", "2024-01-31"),
    (
        "31/01/2024 10:00:00.25",
        "%d/%m/%Y %H:%M:%S.%f",
        "datetime",
        "2024-01-31T10:00:00.250000",
    ),
    (
        "31/01/2024 01:00 +05:30",
        "%d/%m/%Y %H:%M %z",
        "datetime",
        "2024-01-30T19:30:00Z",
    ),
    ("31/01/2024 01:00 -0530", "%d/%m/%Y %H:%M %z", "datetime", "2024-01-31T06:30:00Z"),
    ("31/01/2024 01:00Z", "%d/%m/%Y %H:%M%z", "datetime", "2024-01-31T01:00:00Z"),
    ("100% 31/01/2024 (a|b)*", "100%% %d/%m/%Y (a|b)*", "date", "2024-01-31"),
]


@pytest.mark.parametrize(("text", "date_format", "new_type", "expected"), READ)
def test_a_text_is_read_by_the_format(
    text: str, date_format: str, new_type: str, expected: str
) -> None:
    rows = column([text, None])

    values, _ = changed(rows, new_type, date_format=date_format)

    assert values == [expected, None]


@pytest.mark.parametrize(
    ("text", "date_format", "new_type"),
    [
        ("31/02/2024", "%d/%m/%Y", "date"),
        ("29/02/2023", "%d/%m/%Y", "date"),
        ("29/02/1900", "%d/%m/%Y", "datetime"),
        ("13/13/2024", "%d/%m/%Y", "date"),
        ("00/01/2024", "%d/%m/%Y", "date"),
        ("01/01/0000", "%d/%m/%Y", "date"),
        ("01/01/24", "%d/%m/%Y", "date"),
        ("31/01/2024 ", "%d/%m/%Y", "date"),
        ("31/01/2024\n", "%d/%m/%Y", "date"),
        ("x31/01/2024", "%d/%m/%Y", "date"),
        ("31/01/2024 10:00", "%d/%m/%Y", "date"),
        ("31/01/2024 10:00", "%d/%m/%Y %H:%M", "date"),
        ("31/01/2024 24:00", "%d/%m/%Y %H:%M", "datetime"),
        ("31/01/2024 10:60", "%d/%m/%Y %H:%M", "datetime"),
        ("31/01/2024 10:00:60", "%d/%m/%Y %H:%M:%S", "datetime"),
        ("31/01/2024 13:00 PM", "%d/%m/%Y %I:%M %p", "datetime"),
        ("31/01/2024 0:00 AM", "%d/%m/%Y %I:%M %p", "datetime"),
        ("31/01/2024 10:00:00.1234567", "%d/%m/%Y %H:%M:%S.%f", "datetime"),
        ("31/01/2024 10:00 +24:00", "%d/%m/%Y %H:%M %z", "datetime"),
        ("01/01/0001 00:00 +01:00", "%d/%m/%Y %H:%M %z", "datetime"),
        ("31 Janvier 2024", "%d %B %Y", "date"),
        ("٣١/٠١/٢٠٢٤", "%d/%m/%Y", "date"),
        ("122024", "%d%m%Y", "date"),
    ],
)
def test_a_text_that_the_format_does_not_read_whole_does_not_fit(
    text: str, date_format: str, new_type: str
) -> None:
    good = GOOD.strftime(date_format.replace("%z", "Z"))
    rows = column([good, text])

    refused = refusal(rows, new_type, date_format=date_format)
    values, _ = changed(rows, new_type, date_format=date_format, on_error="null")

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details["first_value"] == text
    assert refused.details["row_numbers"] == [2]
    assert values[1] is None


FORMATS = [date_format for _, date_format, _, _ in READ if "%z" not in date_format] + [
    "%b-%d-%y",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%I %p on %d/%B/%Y",
]


@settings(max_examples=examples(15))
@given(
    moments=st.lists(st.datetimes(EARLIEST, LATEST), min_size=4),
    date_format=st.sampled_from(FORMATS),
    noise=st.text("0123456789/.: JanPM", max_size=12),
)
def test_the_database_reads_what_the_format_itself_reads(
    db: None, moments: list[dt.datetime], date_format: str, noise: str
) -> None:
    parsed = parse_format(date_format)
    texts = [moment.strftime(date_format) for moment in moments]
    texts += [text.replace("0", "") for text in texts] + [text.upper() for text in texts] + [noise]

    values, _ = changed(column(texts), "datetime", date_format=date_format, on_error="null")

    expected = [moment and moment.isoformat() for moment in map(parsed.read, texts)]
    assert values == expected


@pytest.mark.parametrize(
    ("source", "new_type", "date_format", "says"),
    [
        ("text", "date", "%d/%m", "has no year"),
        ("text", "date", "%d/%q/%Y", "%q"),
        ("text", "date", "%d/%d/%Y", "twice"),
        ("text", "datetime", "%d/%m/%Y %H %p", "%p"),
        ("text", "date", "", "characters"),
        ("text", "date", 5, "must be text"),
        ("text", "integer", "%d/%m/%Y", "is for a column of text that becomes a date"),
        ("date", "datetime", "%d/%m/%Y", "is for a column of text that becomes a date"),
        ("text", "text", "%d/%m/%Y", "is for a column of text that becomes a date"),
    ],
)
def test_a_format_that_makes_no_sense_is_refused_by_name(
    source: str, new_type: str, date_format: Any, says: str
) -> None:
    refused = refusal(column(["2024-01-31"], source), new_type, date_format=date_format)

    assert refused.code == "INVALID_PARAMETER"
    assert refused.details["path"] == "date_format"
    assert says in str(refused)


# Formats that are offered


@pytest.mark.parametrize("new_type", ["date", "datetime"])
@pytest.mark.parametrize(
    ("texts", "offered"),
    [
        (["31/01/2024", "01/02/2024"], [("%d/%m/%Y", "day first")]),
        (["01/31/2024", "01/02/2024"], [("%m/%d/%Y", "month first")]),
        (["03/04/2024", "01/02/2024"], [("%d/%m/%Y", "day first"), ("%m/%d/%Y", "month first")]),
        (["31.01.24", "1.2.24"], [("%d.%m.%y", "day first")]),
        (["2024/01/31", "2024/02/01"], [("%Y/%m/%d", "year first")]),
        (["31 Jan 2024", "1 Feb 2024"], [("%d %b %Y", "day first")]),
        (["soon", "later"], []),
        (["12", "13"], []),
    ],
)
def test_dates_that_are_not_iso_8601_are_refused_with_the_formats_that_read_them(
    texts: list[str], offered: list[tuple[str, str]], new_type: str
) -> None:
    """Also where values that do not fit become missing: by default, for a datetime."""
    options = {"on_error": "null"} if new_type == "date" else {}

    refused = refusal(column([None, *texts]), new_type, **options)

    assert refused.code == "VALUES_DO_NOT_FIT"
    formats = refused.details.get("date_formats", [])
    assert [(each["format"], each["order"]) for each in formats] == offered
    assert all(each["fits"] == len(texts) for each in formats)
    for date_format, order in offered:
        assert f'"{date_format}" ({order})' in str(refused)


def test_an_offered_format_is_counted_over_all_rows() -> None:
    texts = [f"{day:02d}/01/2024" for day in range(1, 13)] * 20
    texts += [f"0{day}/0{month}/2024" for day in range(1, 10) for month in range(1, 10)]
    texts += ["n/a", "31/12/2024"]

    refused = refusal(column(texts), "date")

    assert refused.details["date_formats"] == [
        {"format": "%d/%m/%Y", "order": "day first", "fits": len(texts) - 1}
    ]


def test_a_format_that_would_lose_less_is_offered_where_values_become_missing() -> None:
    rows = column(["2024-01-31", "31/01/2024", "28/02/2024"])

    values, message = changed(rows, "datetime")

    assert values == ["2024-01-31T00:00:00", None, None]
    assert message == (
        'Column "x" converted to datetime; 2 became missing '
        '(the format "%d/%m/%Y" (day first) reads 2 values)'
    )


# A cast that fits no value


@pytest.mark.parametrize(
    ("values", "source", "new_type"),
    [
        (["31/01/2024", None, "soon"], "text", "datetime"),
        (["a", "b"], "text", "integer"),
        (["a"], "text", "float"),
        (["maybe", None], "text", "boolean"),
        ([2.5, 0.1], "float", "integer"),
        ([2, 3], "integer", "boolean"),
        ([2**53 + 1], "integer", "float"),
        ([1e300, -0.5], "float", "boolean"),
    ],
)
@pytest.mark.parametrize("on_error", ["null", "fail", None])
def test_a_cast_that_fits_no_value_is_refused_and_names_the_first(
    values: list[Any], source: str, new_type: str, on_error: str | None
) -> None:
    refused = refusal(column(values, source), new_type, on_error=on_error)

    assert refused.code == "VALUES_DO_NOT_FIT"
    assert refused.details["first_value"] in (str(values[0]), "1e+300")
    assert 'no value of "x" fits' in str(refused)


@pytest.mark.parametrize("new_type", ["integer", "float", "boolean", "date", "datetime", "text"])
@pytest.mark.parametrize("values", [[], [None, None]])
def test_a_column_without_any_value_becomes_any_type(values: list[Any], new_type: str) -> None:
    assert changed(column(values), new_type)[0] == values


# Digits are never cut


@pytest.mark.parametrize(
    ("text", "new_type"),
    [
        ("2024-01-31T10:00:00.123456789", "datetime"),
        ("2024-01-31 10:00:00,1234567", "datetime"),
        ("2024-01-31T10:00:00.000000001Z", "datetime"),
        ("2024-01-31T10:00:00.12345678+05:30", "datetime"),
        ("2024-01-31T10:00:00", "date"),
        ("2024-01-31T00:00:00Z", "date"),
        ("3.7", "integer"),
        ("3.0", "integer"),
        ("9223372036854775808", "integer"),
        ("9007199254740993", "float"),
        ("9007199254740993.0", "float"),
        ("9007199254740993.", "float"),
        ("9007199254740993e0", "float"),
        ("90071992547409930E-1", "float"),
        ("9007199254740992.5", "float"),
        ("123456789012345678901234567890.5", "float"),
        ("-9007199254740993.0", "float"),
        ("1e400", "float"),
        ("1e-400", "float"),
        ("2", "boolean"),
        ("1.0", "boolean"),
    ],
)
def test_a_text_with_more_than_the_type_holds_does_not_fit(text: str, new_type: str) -> None:
    fitting = {"datetime": "2024-01-31", "date": "2024-01-31"}.get(new_type, "1")
    rows = column([fitting, text, text])

    refused = refusal(rows, new_type, on_error="fail")
    values, message = changed(rows, new_type, on_error="null")

    assert (refused.details["count"], refused.details["first_value"]) == (2, text)
    assert values[1:] == [None, None]
    assert "2 became missing" in message


@pytest.mark.parametrize(
    ("text", "new_type", "expected"),
    [
        ("2024-01-31T10:00:00.123456000", "datetime", "2024-01-31T10:00:00.123456"),
        ("2024-01-31T10:00:00.5", "datetime", "2024-01-31T10:00:00.500000"),
        ("2024-01-31T01:00:00+05:30", "datetime", "2024-01-30T19:30:00Z"),
        ("9007199254740992.0", "float", 2.0**53),
        ("6.02214076e23", "float", 6.02214076e23),
        ("1e22", "float", 1e22),
        ("0.1000000000000000055", "float", 0.1),
        ("1.7976931348623157e308", "float", 1.7976931348623157e308),
        (" 12 ", "integer", 12),
    ],
)
def test_a_text_that_the_type_holds_fits(text: str, new_type: str, expected: Any) -> None:
    values, message = changed(column([text]), new_type, on_error="fail")

    assert values == [expected]
    assert "missing" not in message


def test_a_datetime_that_becomes_a_date_says_how_many_times_of_day_it_leaves_out() -> None:
    times = ["2024-01-31T00:00:00", "2024-01-31T05:00:00Z", "2024-01-31T00:00:00.000001"]

    values, message = changed(
        column([*times, None, "2024-01-31T00:00:00.000Z"], "datetime"), "date"
    )

    assert values == ["2024-01-31", "2024-01-31", "2024-01-31", None, "2024-01-31"]
    assert message == 'Column "x" converted to date; 2 times of day left out'


def test_a_constant_with_more_digits_than_a_datetime_holds_is_refused() -> None:
    rows = column(["2024-01-31T10:00:00", None], "datetime")

    with pytest.raises(RequestRejected) as refused:
        rows.prepare(
            "fill_missing_values",
            {
                "columns": ["x"],
                "strategy": "constant",
                "fill_value": "2024-01-31T10:00:00.123456789",
            },
        )

    assert refused.value.code == "INVALID_PARAMETER"


# What was applied before


@pytest.mark.parametrize(
    ("text", "target", "shown"),
    [
        ("2024-01-31T10:00:00.123456789", "datetime", "2024-01-31T10:00:00.123456"),
        ("9007199254740993.0", "float", 2.0**53),
        ("soon", "datetime", None),
    ],
)
def test_an_older_event_shows_the_cells_that_it_showed(text: str, target: str, shown: Any) -> None:
    rows = column([text])
    applied = Operation(
        sequence=1,
        operation="change_column_type",
        parameters={
            "column_name": "x",
            "old_type": "text",
            "new_type": target,
            "on_error": "null",
        },
        fitted={"key": "b0", "from": "text", "made_missing": int(shown is None)},
        column_changes=(ColumnChange(action="set", key="b0", name="x", type=target),),
        rows_before=1,
        rows_after=1,
        cells_changed=1,
        applied_at=dt.datetime(2026, 11, 22, tzinfo=dt.UTC),
    )

    assert all_rows(replace(rows, operations=(applied,)))[0] == [shown]
