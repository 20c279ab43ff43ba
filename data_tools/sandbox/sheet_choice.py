"""Which sheet of a workbook is read."""

from __future__ import annotations

from collections.abc import Sequence

from python_calamine import SheetMetadata, SheetTypeEnum, SheetVisibleEnum

from data_tools.sandbox.refusal import Code, Refusal

_MOST_NAMED_SHEETS = 5


def choose_sheet(sheets: Sequence[SheetMetadata], name: str) -> str:
    """Return the named sheet, or the first visible one, or the first if all are hidden.

    Raises:
        Refusal: no sheet has that name, or there is none.
    """
    if name:
        if any(sheet.name == name for sheet in sheets):
            return name
        raise Refusal(
            Code.SHEET_NOT_FOUND,
            f"The workbook has no sheet “{name}”. It has {_listed(sheets)}.",
        )
    tables = [sheet for sheet in sheets if sheet.typ == SheetTypeEnum.WorkSheet]
    if not tables:
        raise Refusal(Code.EMPTY, "The workbook has no sheets.")
    return next(filter(is_visible, tables), tables[0]).name


def is_visible(sheet: SheetMetadata) -> bool:
    """Tell whether the workbook shows the sheet."""
    return bool(sheet.visible == SheetVisibleEnum.Visible)


def _listed(sheets: Sequence[SheetMetadata]) -> str:
    """Return the names of the first sheets as a list in a sentence."""
    names = [
        f"“{sheet.name}”" + ("" if is_visible(sheet) else " (hidden)")
        for sheet in sheets[:_MOST_NAMED_SHEETS]
    ]
    return ", ".join(names) + (", …" if len(sheets) > _MOST_NAMED_SHEETS else "")


def other_sheets(sheets: Sequence[SheetMetadata], chosen: str) -> str:
    """Return a sentence that names the sheets besides the chosen one; "" if there are none."""
    others = [sheet for sheet in sheets if sheet.name != chosen]
    return f" The workbook also has {_listed(others)}." if others else ""
