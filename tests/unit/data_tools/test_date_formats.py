"""Which date formats are allowed, what they read, and which ones fit given texts."""

from __future__ import annotations

import datetime as dt

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_tools.date_formats import candidates_for, parse_format, without_repetition
from data_tools.ingest.typed_columns import text_parsers, written_dates


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "A date format has 1 to 100 characters."),
        ("%d" * 51, "A date format has 1 to 100 characters."),
        ("%d/%m", "The date format has no year: “%Y” or “%y”."),
        ("%m/%Y", "The date format has no day: “%d”."),
        ("%d %Y", "The date format has no month: “%m” or “%b” or “%B”."),
        ("dd/mm/yyyy", "The date format has no day: “%d”."),
        ("%e/%m/%Y", "“%e” is not part of a date format; use %d, %m,"),
        ("%d/%m/%Y %", "“%” is not part of a date format"),
        ("%-d/%m/%Y", "“%-” is not part of a date format"),
        ("%d/%d/%m/%Y", "The date format has “%d” twice."),
        ("%d/%m/%Y %y", "The date format has both “%Y” and “%y”; one is enough."),
        ("%d/%m %b %Y", "The date format has both “%m” and “%b”; one is enough."),
        ("%d/%m/%Y %H %I %p", "The date format has both “%H” and “%I”; one is enough."),
        ("%d/%m/%Y :%M", "In a date format, “%M” needs “%H” or “%I” as well."),
        ("%d/%m/%Y %H %S", "In a date format, “%S” needs “%M” as well."),
        ("%d/%m/%Y %H:%M.%f", "In a date format, “%f” needs “%S” as well."),
        ("%d/%m/%Y %z", "In a date format, “%z” needs “%H” or “%I” as well."),
        ("%d/%m/%Y %I:%M", "In a date format, “%I” needs “%p” as well."),
        ("%d/%m/%Y %H:%M %p", "In a date format, “%p” needs “%I” as well."),
        ("%d/%m/%Y\n", "A date format must not contain control characters."),
        ("%d/%m/\x00%Y", "A date format must not contain control characters."),
    ],
)
def test_a_format_that_is_not_sound_is_refused_with_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=".") as refusal:
        parse_format(text)

    assert sentence in str(refusal.value)


@pytest.mark.parametrize(
    ("format_", "text", "moment"),
    [
        ("%d/%m/%Y", "1/2/2024", "2024-02-01T00:00:00"),
        ("%m-%d-%y", "12-31-99", "1999-12-31T00:00:00"),
        ("%Y%m%d", "20240229", "2024-02-29T00:00:00"),
        ("%d%b%Y", "05JAN2024", "2024-01-05T00:00:00"),
        ("%d%b%Y", "5JAN2024", "2024-01-05T00:00:00"),
        ("%d. %B %Y", "1. september 2024", "2024-09-01T00:00:00"),
        ("%Y-%m-%dT%H:%M:%S.%f", "2024-01-31T10:00:00.25", "2024-01-31T10:00:00.250000"),
        ("%Y-%m-%d %H:%M:%S%z", "2024-01-31 10:00:00-0330", "2024-01-31T10:00:00-03:30"),
        ("%d/%m/%Y (%I %p)", "31/01/2024 (12 AM)", "2024-01-31T00:00:00"),
        ("%d/%m/%Y", "31/04/2024", None),
        ("%d/%m/%Y", " 1/2/2024", None),
        ("%d/%m/%Y", "1/2/2024\n", None),
        ("%d/%m/%Y", "١/2/2024", None),
        ("%d%m%Y", "1022024", None),
        ("%d.%m.%Y", "1a2b2024", None),
    ],
)
def test_a_format_reads_a_whole_text_or_nothing(
    format_: str, text: str, moment: str | None
) -> None:
    read = parse_format(format_).read(text)

    assert (read and read.isoformat()) == moment


def test_a_format_knows_what_it_gives_and_which_part_comes_first() -> None:
    with_offset = parse_format("%m/%d/%Y %H:%M %z")

    assert (with_offset.gives_time, with_offset.gives_offset) == (True, True)
    assert with_offset.order == "month first"
    assert with_offset.parts == ("%m", "/", "%d", "/", "%Y", " ", "%H", ":", "%M", " ", "%z")
    assert parse_format("Am %d. %B %Y").order == "day first"
    assert not parse_format("%Y/%m/%d").gives_time


@pytest.mark.parametrize(
    ("texts", "formats"),
    [
        (["31/01/2024", "01/02/2024"], ["%d/%m/%Y"]),
        (["01/02/2024"], ["%d/%m/%Y", "%m/%d/%Y"]),
        (["2024/01/31"], ["%Y/%m/%d"]),
        (["01-02-03"], ["%d-%m-%y", "%m-%d-%y", "%y-%m-%d"]),
        (["Jan 5 2024", "May 6 2024"], ["%b %d %Y"]),
        (["20240131"], ["%Y%m%d"]),
        (["31.01.2024 10:00"], ["%d.%m.%Y %H:%M"]),
        (["31/01/2024", "soon"], []),
        (["", "31/01/2024"], []),
    ],
)
def test_of_the_usual_formats_for_one_text_those_stay_that_read_the_others(
    texts: list[str], formats: list[str]
) -> None:
    first, *others = texts

    fitting = [each for each in candidates_for(first) if all(map(each.read, others))]

    assert without_repetition(fitting) == formats


FORMATS = [
    *("%d/%m/%Y", "%m/%d/%y", "%Y%m%d", "%d %b %Y", "%B %d, %Y", "%d%B%y", "%y.%m.%d"),
    *("%d/%m/%Y %H:%M", "%Y-%m-%d %I:%M:%S %p", "%d%m%Y%H%M%S", "%m/%d/%Y %H:%M:%S.%f"),
    *("%d/%m/%Y %H:%M:%S%z", "%Y%m%dT%H%M%S%f%z", "%I%p %d.%m.%Y"),
]
MOMENTS = st.datetimes(
    dt.datetime(1969, 1, 1), dt.datetime(2068, 12, 31),  # noqa: DTZ001
    timezones=st.integers(-1439, 1439).map(lambda m: dt.timezone(dt.timedelta(minutes=m))),
)  # fmt: skip


@given(st.sampled_from(FORMATS), MOMENTS)
def test_what_strftime_writes_is_read_again(format_: str, moment: dt.datetime) -> None:
    text = moment.strftime(format_)

    read = parse_format(format_).read(text)

    assert read is not None
    assert read.strftime(format_) == text


@given(
    st.sampled_from(FORMATS),
    MOMENTS,
    st.integers(0, 30),
    st.sampled_from(["", "0", "3", " ", "9", "x", "/"]),
    st.booleans(),
)
def test_arrays_are_read_like_single_texts(
    format_: str, moment: dt.datetime, at: int, other: str, is_put_in: bool
) -> None:
    text = moment.strftime(format_)
    text = text[:at] + other + text[at + (0 if is_put_in else 1) :]
    date_format = parse_format(format_)

    iso = written_dates.iso_datetimes(pa.array([None, text], pa.string()), date_format)

    zone = "UTC" if date_format.gives_offset else None
    findings = iso and text_parsers.check_datetimes(iso, zone=zone)
    read = date_format.read(text)
    if read is None:
        assert findings is None
    else:
        assert findings is not None
        written = iso[1].as_py().replace("Z", "+00:00")
        assert written == read.isoformat(timespec="microseconds")
