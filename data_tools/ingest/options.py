"""How a person says that a file is to be read. Whatever they leave open is guessed."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, fields
from enum import Enum
from types import MappingProxyType

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import OptionNotApplicable


class Open(Enum):
    """The value of an option that its owner left to the service."""

    GUESS = "guess"


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnOptions:
    """Options for one column. What is None is left to the service."""

    type: ColumnType | None = None
    date_format: str | None = None
    """How its dates or datetimes are written, in the letters of `strptime`."""
    name: str | None = None
    """The name that the dataset's column gets in place of the written one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingOptions:
    """How a file is to be read.

    Lines, and rows of a sheet, are counted from 1. An option that does not apply to the file's
    format refuses the file.
    """

    encoding: str | None = None
    """A text file's character encoding, as Python's codecs name it; None to detect it."""
    delimiter: str | None = None
    """One character between the fields of a CSV file; None to detect it."""
    quote: str | None = None
    """The character around quoted fields; "" if there is none, None to detect it."""
    escape: str | None = None
    """The character before a quotation mark that is data; "" if marks are doubled instead, None to
    detect it."""
    comment: str = ""
    """Lines that begin with this hold no record; "" if there are none."""
    header_row: int | Open | None = Open.GUESS
    """The line, or row of the sheet, with the names of the columns, counted after the skipped
    ones; None if there is none, so that the columns are called `column_1`, `column_2` …"""
    skip_rows: int = 0
    """How many lines, or rows of a sheet, are left out at the top."""
    skip_footer: int = 0
    """How many records, or rows of a sheet, are left out at the end."""
    pads_ragged: bool = False
    """Whether a record with too few fields gets missing values, rather than refusing the file."""
    replaces_bad_bytes: bool = False
    """Whether bytes that are not characters become U+FFFD, rather than refusing the file."""
    null_values: tuple[str, ...] | None = None
    """The spellings of a missing value in any column, in place of the usual ones."""
    decimal: str = "."
    """The character before a number's fraction."""
    thousands: str = ""
    """The character between the groups of a number's digits; "" if there is none."""
    trims: bool = False
    """Whether blanks at the ends of texts, and of names of columns, are left out."""
    sheet: str = ""
    """The sheet of a workbook; "" for the first visible one."""
    columns: Mapping[str, ColumnOptions] = field(default_factory=lambda: MappingProxyType({}))
    """Options for single columns, by the names that the dataset would give them otherwise."""

    def given(self) -> list[str]:
        """Return the names of the options that are not left to the service, in order."""
        return [
            option.name
            for option in fields(self)
            if getattr(self, option.name) != getattr(DEFAULT_OPTIONS, option.name)
        ]


DEFAULT_OPTIONS = ReadingOptions()
"""Everything is left to the service."""

WIRE_NAMES = {
    "pads_ragged": "ragged",
    "replaces_bad_bytes": "bad_bytes",
    "trims": "trim",
}
"""What an option is called over the wire, if not as here."""


def refuse_inapplicable(
    options: ReadingOptions, *, applicable: AbstractSet[str], format_name: str
) -> None:
    """Refuse an option that was given but has no meaning for the file's format.

    `applicable` holds names of fields of `ReadingOptions`; `format_name` is the format with its
    article, as in "a workbook".

    Raises:
        OptionNotApplicable: an option is given that is not among the applicable ones.
    """
    refused = [WIRE_NAMES.get(name, name) for name in options.given() if name not in applicable]
    if not refused:
        return
    listed = ", ".join(f"“{name}”" for name in refused)
    plural = "option" if len(refused) == 1 else "options"
    verb = "does" if len(refused) == 1 else "do"
    raise OptionNotApplicable(
        f"The file is {format_name}, to which the {plural} {listed} {verb} not apply.",
        report={"options": refused},
    )
