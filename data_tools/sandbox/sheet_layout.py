"""Where in a sheet the table is: as the owner said, or as its first rows look."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, dropwhile, islice

from python_calamine import CalamineSheet

from data_tools.sandbox.header_guess import SAMPLE_ROWS, guess_header, looks_like_data
from data_tools.sandbox.refusal import Code, Refusal
from data_tools.sandbox.workbook_cells import CellReader

_SAMPLE_CELLS = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetOptions:
    """What the owner of a workbook asked for, as in `data_tools.ingest.options`."""

    sheet: str = ""
    guesses_header: bool = True
    """Whether `header_row` was left open."""
    header_row: int | None = None
    skip_rows: int = 0
    skip_footer: int = 0


Row = list[str | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLayout:
    """Where a sheet's table begins."""

    names: list[str]
    """The texts of the header; all are empty if there is none."""
    header_row: int | None
    rows: Iterator[Row]
    """The rows below the header."""
    has_title: bool = False
    """Whether rows above the header were guessed to be a title."""
    header_looks_like_data: bool = False


def sheet_layout(sheet: CalamineSheet, reader: CellReader, options: SheetOptions) -> SheetLayout:
    """Return the layout that the options give, or that is guessed.

    Raises:
        Refusal: no row is left for a table.
    """
    assert sheet.start
    assert sheet.end
    last_row, width = sheet.end[0] - options.skip_footer, sheet.end[1] - sheet.start[1] + 1
    rows = (
        (number, reader.row(number, values))
        for number, values in islice(
            enumerate(sheet.iter_rows()), options.skip_rows, max(0, last_row + 1)
        )
    )
    if not options.guesses_header and options.header_row is not None:
        header = next(islice(rows, options.header_row - 1, None), None)
        if header is None:
            raise _too_short(sheet, f"row {options.skip_rows + options.header_row:,}")
        return SheetLayout(
            names=_texts(header[1]), header_row=header[0] + 1, rows=(cells for _, cells in rows)
        )
    rows = dropwhile(lambda row: not any(row[1]), rows)
    top = list(islice(rows, max(2, min(SAMPLE_ROWS, _SAMPLE_CELLS // width))))
    if not top:
        raise _too_short(sheet, "what is skipped")
    if not options.guesses_header:
        below = (cells for _, cells in chain(top, rows))
        return SheetLayout(names=[""] * width, header_row=None, rows=below)
    index = guess_header([_texts(cells) for _, cells in top])
    number, header_cells = top[index]
    return SheetLayout(
        names=_texts(header_cells),
        header_row=number + 1,
        rows=(cells for _, cells in chain(top[index + 1 :], rows)),
        has_title=index > 0,
        header_looks_like_data=looks_like_data(_texts(header_cells)),
    )


def _too_short(sheet: CalamineSheet, place: str) -> Refusal:
    assert sheet.end
    return Refusal(
        Code.EMPTY,
        f"Sheet “{sheet.name}” ends with row {sheet.end[0] + 1:,}, so no table is left below "
        f"{place}.",
    )


def _texts(cells: Sequence[str | None]) -> list[str]:
    """Return the cells' texts without their kinds; "" for an empty one."""
    return [(cell or "")[1:] for cell in cells]
