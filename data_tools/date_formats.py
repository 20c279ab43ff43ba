"""How dates are written, in the letters of `strptime`: which formats are allowed, and which ones
fit given texts.

| letter | what it reads |
| --- | --- |
| `%d` `%m` | a day, a month: one or two digits |
| `%b` `%B` | a month's English name: `Jan`, `January`, in any case |
| `%Y` `%y` | a year of four digits; of two, from 1969 (`69`) to 2068 (`68`) |
| `%H` `%M` `%S` | an hour of 24, a minute, a second: one or two digits |
| `%I` `%p` | an hour of 12, and `AM` or `PM` in any case |
| `%f` | a fraction of a second, one to six digits |
| `%z` | an offset from UTC: `+05:30`, `+0530`, `Z` |
| `%%` | a percent sign |

Every other character stands for itself. A format is strict: it reads a text whole or not at all,
and only days of the calendar. A number that touches another one has its full width, so that
`%d%m%Y` reads `01022024` but not `122024`.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from functools import cache, cached_property

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
FIRST_YEAR_OF_TWO_DIGITS = 69
"""The years 69 to 99 of `%y` are in the 20th century, as POSIX has it."""
_LONGEST = 100
_NUMBERS = {"d": 2, "m": 2, "Y": 4, "y": 2, "H": 2, "I": 2, "M": 2, "S": 2, "f": 6}
_ALWAYS_FULL = ("Y", "y")
_WORDS = {
    "b": f"(?i:{'|'.join(month[:3] for month in MONTHS)})",
    "B": f"(?i:{'|'.join(MONTHS)})",
    "p": "(?i:AM|PM)",
    "z": "Z|[+-](?:[01][0-9]|2[0-3]):?[0-5][0-9]",
}
LETTERS = ("d", "m", "b", "B", "Y", "y", "H", "I", "M", "S", "f", "p", "z")
_DESCRIBED = ", ".join(f"%{letter}" for letter in LETTERS)
_DATE_PARTS = frozenset({"%d", "%m", "%b", "%B", "%Y", "%y"})
_ALTERNATIVES = (("Y", "y"), ("m", "b", "B"), ("H", "I"))
_NEEDED = (("day", ("d",)), ("month", ("m", "b", "B")), ("year", ("Y", "y")))
_REQUIRES = {
    "M": ("H", "I"),
    "S": ("M",),
    "f": ("S",),
    "z": ("H", "I"),
    "I": ("p",),
    "p": ("I",),
}


class DateFormat(str):
    """A format that `parse_format` found to be sound."""

    @cached_property
    def parts(self) -> tuple[str, ...]:
        """The format piece by piece: letters with their percent sign, and literal texts."""
        return tuple(_parts(self))

    @cached_property
    def letters(self) -> frozenset[str]:
        return frozenset(part[1] for part in self.parts if part.startswith("%") and part != "%%")

    @property
    def gives_time(self) -> bool:
        """Whether it reads a time of day, so that its values are datetimes."""
        return bool(self.letters & {"H", "I"})

    @property
    def gives_offset(self) -> bool:
        """Whether it reads an offset from UTC, so that its values are moments."""
        return "z" in self.letters

    @property
    def order(self) -> str:
        """Which comes first: `day first`, `month first` or `year first`."""
        first = next(part[1] for part in self.parts if part in _DATE_PARTS)
        return {"d": "day first", "Y": "year first", "y": "year first"}.get(first, "month first")

    @cached_property
    def widths(self) -> tuple[tuple[int, int], ...]:
        """The fewest and most digits of each part that is a number, in order; (0, 0) of others."""
        return tuple(_widths(self.parts))

    @cached_property
    def pattern(self) -> str:
        """A regular expression, for RE2 as well, with a group for each letter; without anchors."""
        pieces = []
        for part, (fewest, most) in zip(self.parts, self.widths, strict=True):
            if most:
                digits = f"{{{most}}}" if fewest == most else f"{{{fewest},{most}}}"
                pieces.append(f"(?P<{part[1]}>[0-9]{digits})")
            elif part[1:] in _WORDS and part.startswith("%"):
                pieces.append(f"(?P<{part[1]}>{_WORDS[part[1]]})")
            else:
                pieces.append(re.escape("%" if part == "%%" else part))
        return "".join(pieces)

    def read(self, text: str) -> dt.datetime | None:
        """Return the moment that a text spells, with an offset if the format has one; a date is at
        midnight. None if the text does not fit."""
        match = _compiled(self.pattern).fullmatch(text)
        return _moment(match.groupdict()) if match else None


def parse_format(text: str) -> DateFormat:
    """Return a format that reads at least a day, a month and a year.

    Raises:
        ValueError: the format is not sound, with a sentence that says why.
    """
    if not text or len(text) > _LONGEST:
        raise ValueError(f"A date format has 1 to {_LONGEST} characters.")
    if any(character < " " for character in text):
        raise ValueError("A date format must not contain control characters.")
    letters = [part[1:] for part in _parts(text) if part.startswith("%") and part != "%%"]
    for letter in letters:
        if letter not in LETTERS:
            raise ValueError(f"“%{letter}” is not part of a date format; use {_DESCRIBED}.")
        if letters.count(letter) > 1:
            raise ValueError(f"The date format has “%{letter}” twice.")
    for alternatives in _ALTERNATIVES:
        present = [letter for letter in letters if letter in alternatives]
        if len(present) > 1:
            raise ValueError(
                f"The date format has both “%{present[0]}” and “%{present[1]}”; one is enough."
            )
    for name, alternatives in _NEEDED:
        if not set(letters) & set(alternatives):
            listed = " or ".join(f"“%{letter}”" for letter in alternatives)
            raise ValueError(f"The date format has no {name}: {listed}.")
    for letter in letters:
        required = _REQUIRES.get(letter, ())
        if required and not set(letters) & set(required):
            listed = " or ".join(f"“%{other}”" for other in required)
            raise ValueError(f"In a date format, “%{letter}” needs {listed} as well.")
    return DateFormat(text)


def candidates_for(text: str) -> list[DateFormat]:
    """Return the usual formats that read one text, the likeliest first.

    Both the day and the month may come first in `01/02/2024`; then both formats are returned.
    """
    fitting = []
    if any(character.isdigit() for character in text[:20]):
        for date in _DATES:
            match = _compiled(date.pattern).match(text)
            if not match:
                continue
            rest = text[match.end() :]
            # A date is cheap to look for; only after one are the times of day tried.
            for time, pattern in _TIMES.items():
                if _compiled(pattern).fullmatch(rest):
                    format_ = parse_format(date + time)
                    fitting += [format_] if format_.read(text) else []
    return fitting


def without_repetition(formats: Iterable[DateFormat]) -> list[DateFormat]:
    """Return the formats without those that differ only in the length of the month's name: `May`
    is both."""
    kept: dict[str, DateFormat] = {}
    for format_ in formats:
        kept.setdefault(format_.replace("%B", "%b"), format_)
    return list(kept.values())


def _parts(text: str) -> Iterator[str]:
    yield from re.findall(r"%.?|[^%]+", text)


def _widths(parts: tuple[str, ...]) -> Iterator[tuple[int, int]]:
    for position, part in enumerate(parts):
        most = _NUMBERS.get(part[1:], 0) if part.startswith("%") else 0
        before = parts[position - 1] if position else ""
        after = parts[position + 1] if position + 1 < len(parts) else ""
        if not most:
            yield (0, 0)
        elif part[1] in _ALWAYS_FULL or _ends_in_number(before) or _begins_with_number(after):
            yield (1, most) if part[1] == "f" and not _begins_with_number(after) else (most, most)
        else:
            yield (1, most)


def _ends_in_number(part: str) -> bool:
    return part[-1:].isdigit() or (part.startswith("%") and part[1:] in _NUMBERS)


def _begins_with_number(part: str) -> bool:
    return part[:1].isdigit() or (part.startswith("%") and part[1:] in _NUMBERS)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _moment(written: dict[str, str]) -> dt.datetime | None:
    """Return what the groups of a match stand for; None if there is no such moment."""
    name = written.get("b") or written.get("B")
    month = [m[:3] for m in MONTHS].index(name[:3].title()) + 1 if name else int(written["m"])
    hour = int(written.get("H") or 0)
    if "I" in written:
        hour = int(written["I"])
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if written["p"].upper() == "PM" else 0)
    try:
        moment = dt.datetime(
            _year(written),
            month,
            int(written["d"]),
            hour,
            int(written.get("M") or 0),
            int(written.get("S") or 0),
            int(written.get("f", "0").ljust(6, "0")),
            tzinfo=_offset(written["z"]) if "z" in written else None,
        )
        if moment.tzinfo:
            moment.astimezone(dt.UTC)  # which is what is stored, so it must be in the calendar
        return moment
    except (ValueError, OverflowError):
        return None


def _year(written: dict[str, str]) -> int:
    if "Y" in written:
        return int(written["Y"])
    year = int(written["y"])
    return year + (1900 if year >= FIRST_YEAR_OF_TWO_DIGITS else 2000)


def _offset(text: str) -> dt.timezone:
    if text == "Z":
        return dt.UTC
    offset = dt.timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def _usual_dates() -> Iterator[DateFormat]:
    for year in ("%Y", "%y"):
        for separator in ("/", ".", "-", " "):
            yield parse_format(separator.join(("%d", "%m", year)))
            yield parse_format(separator.join(("%m", "%d", year)))
            yield parse_format(separator.join((year, "%m", "%d")))
        for month in ("%b", "%B"):
            for separator in (" ", "-", "/"):
                yield parse_format(separator.join(("%d", month, year)))
            yield parse_format(f"%d. {month} {year}")
            yield parse_format(f"{month} %d, {year}")
            yield parse_format(f"{month} %d {year}")
            yield parse_format(f"{year}-{month}-%d")
    yield parse_format("%Y%m%d")


_DATES = tuple(_usual_dates())
_CLOCKS = ("%H:%M", "%H:%M:%S", "%H:%M:%S.%f", "%I:%M %p", "%I:%M:%S %p", "%I:%M%p", "%I:%M:%S%p")
_TIMES = {
    time: DateFormat(time).pattern
    for time in (
        "",
        *(
            f"{between}{clock}{zone}"
            for between in (" ", "T", ", ")
            for clock in _CLOCKS
            for zone in ("", "%z", " %z")
        ),
    )
}
