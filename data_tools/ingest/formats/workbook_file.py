"""A sheet of a workbook as a stream of record batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from data_tools.ingest.exceptions import BrokenWorkbook, WorkbookTooLarge
from data_tools.ingest.formats.sandbox_process import SandboxedTable
from data_tools.ingest.guess import CHOSEN, Certainty, Guess
from data_tools.ingest.limits import Limits
from data_tools.ingest.options import Open, ReadingOptions, refuse_inapplicable
from data_tools.ingest.typed_columns.cell_column import CellColumn


class WorkbookFile(SandboxedTable):
    """One sheet of a workbook; it can be read any number of times."""

    APPLICABLE_OPTIONS: ClassVar = frozenset(
        {"sheet", "header_row", "skip_rows", "skip_footer", "null_values", "trims", "columns"}
    )
    too_large = WorkbookTooLarge
    broken = BrokenWorkbook

    def __init__(
        self,
        path: Path,
        options: ReadingOptions,
        *,
        limits: Limits,
        advance: Callable[[float], None],
    ) -> None:
        """`advance` is called while the file is read.

        Raises:
            OptionNotApplicable: an option is given that workbooks have no use for.
            IngestError: the sandbox refuses the file.
        """
        refuse_inapplicable(options, applicable=self.APPLICABLE_OPTIONS, format_name="a workbook")
        super().__init__(
            path,
            limits=limits,
            sandbox_limits=limits.workbook,
            advance=advance,
            trims_names=options.trims,
            workbook={
                "sheet": options.sheet,
                "guesses_header": options.header_row is Open.GUESS,
                "header_row": None if options.header_row is Open.GUESS else options.header_row,
                "skip_rows": options.skip_rows,
                "skip_footer": options.skip_footer,
            },
        )
        self._facts["guesses"] = {
            "sheet": _sheet_guess(options, self._facts).as_json(),
            "header_row": _header_guess(
                options,
                self._facts["header_row"],
                has_title=self._facts.pop("has_title"),
                looks_like_data=self._facts.pop("header_looks_like_data"),
            ).as_json(),
        }
        self.columns = [
            CellColumn(name, Counter(kinds))
            for name, kinds in zip(self.names, self._facts.pop("kinds"), strict=True)
        ]
        for sort, found in self._facts.pop("column_cells").items():
            for position, cells in found.items():
                note = _note(sort, cells["count"], cells["first"][0])
                self.columns[int(position)].report.notes.append(note)


def _note(sort: str, count: int, first: str) -> str:
    """Return the note about a column's cells of one sort, of which `first` is the first."""
    if sort == "numbers_as_dates":
        what = (
            "1 number has a format of dates but is not a date, so it stays a number"
            if count == 1
            else f"{count:,} numbers have a format of dates but are not dates, so they stay numbers"
        )
    else:
        what = (
            f"{'1 integer is' if count == 1 else f'{count:,} integers are'} beyond 2^53, of which "
            "a workbook keeps the first 15 to 17 digits"
        )
    return f"{what}; the first is in cell {first}."


def _sheet_guess(options: ReadingOptions, facts: dict[str, Any]) -> Guess[str]:
    sheet, sheets, hidden = facts["sheet"], facts["sheets"], facts["hidden_sheets"]
    before = sheets[: sheets.index(sheet)] if sheet in sheets else []
    if options.sheet:
        certainty, why = Certainty.CERTAIN, CHOSEN
    elif len(sheets) == 1:
        certainty, why = Certainty.CERTAIN, "The workbook has no other sheet."
    elif sheet in hidden:
        certainty, why = Certainty.GUESS, "All sheets are hidden; this is the first of them."
    elif before:
        certainty = Certainty.LIKELY
        listed = ", ".join(f"“{name}”" for name in before[:5]) + (", …" if before[5:] else "")
        why = f"It is the first sheet that is not hidden; before it there is {listed}."
    elif len(sheets) - len(hidden) == 1:
        certainty, why = Certainty.LIKELY, "It is the only sheet that is not hidden."
    else:
        certainty, why = Certainty.LIKELY, "It is the first sheet; name another to read that one."
    return Guess(value=sheet, certainty=certainty, why=why)


def _header_guess(
    options: ReadingOptions, row: int | None, *, has_title: bool, looks_like_data: bool
) -> Guess[int | None]:
    if options.header_row is not Open.GUESS:
        certainty, why = Certainty.CERTAIN, CHOSEN
    elif has_title:
        certainty = Certainty.LIKELY
        why = (
            "The rows above it hold one cell at most, as a title does, and this one names every "
            "column."
        )
    elif looks_like_data:
        certainty = Certainty.GUESS
        why = "It is the first row that holds anything, but it looks like data rather than names."
    else:
        certainty, why = Certainty.LIKELY, "It is the first row that holds anything."
    return Guess(value=row, certainty=certainty, why=why)
