"""The numbers in an .xlsb that calamine reads wrong: those in formats of dates.

Beside what it gets wrong in every workbook, it takes a date that is stored as a short integer, as
Excel stores most dates, for that integer. The records are those of [MS-XLSB] 2.1.4 and 2.4.
"""

from __future__ import annotations

import posixpath
import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

from data_tools.sandbox.number_formats import (
    Shown,
    cell_of_day,
    corrected,
    shown_by,
    shown_by_built_in,
)

_ROW, _SHORT_NUMBER, _NUMBERS = 0, 2, (5, 9)
_FORMAT, _STYLE, _BEGIN_STYLES, _END_STYLES = 44, 47, 617, 618
_WORKBOOK_PROPERTIES, _SHEET = 153, 156
_RELATIONSHIPS = "xl/_rels/workbook.bin.rels"


def xlsb_corrections(path: Path, sheet_name: str) -> dict[tuple[int, int], str]:
    """Return the cells of `data_tools.cells` that calamine reads wrong, by row and column from 0.

    Only for an archive that `scan_package` let through. What is damaged gives none: calamine is the
    one to refuse it.
    """
    try:
        with zipfile.ZipFile(path) as package:
            shown = _shown_by_style(package.read("xl/styles.bin"))
            if not any(style is not Shown.NUMBER for style in shown):
                return {}
            target, counts_from_1904 = _find_sheet(package, sheet_name)
            return _corrections(package.read(target), shown, counts_from_1904)
    except (KeyError, struct.error, ElementTree.ParseError, UnicodeDecodeError):
        return {}


def _records(content: bytes) -> Iterator[tuple[int, memoryview]]:
    """Yield the kind and the body of each record."""
    view, at, end = memoryview(content), 0, len(content)
    while at < end:
        kind, at = view[at], at + 1
        if kind & 0x80 and at < end:
            kind, at = (kind & 0x7F) | (view[at] & 0x7F) << 7, at + 1
        length = 0
        for shift in (0, 7, 14, 21):
            if at >= end:
                return
            byte, at = view[at], at + 1
            length |= (byte & 0x7F) << shift
            if not byte & 0x80:
                break
        yield kind, view[at : at + length]
        at += length


def _wide(body: memoryview, at: int) -> tuple[str, int]:
    """Return the text at this place, and where it ends."""
    (length,) = struct.unpack_from("<I", body, at)
    end = at + 4 + 2 * length
    return bytes(body[at + 4 : end]).decode("utf-16-le"), end


def _shown_by_style(styles: bytes) -> list[Shown]:
    own: dict[int, Shown] = {}
    shown: list[Shown] = []
    are_of_cells = False
    for kind, body in _records(styles):
        if kind == _FORMAT:
            own[struct.unpack_from("<H", body)[0]] = shown_by(_wide(body, 2)[0])
        elif kind in (_BEGIN_STYLES, _END_STYLES):
            are_of_cells = kind == _BEGIN_STYLES
        elif kind == _STYLE and are_of_cells:
            (number,) = struct.unpack_from("<H", body, 2)
            shown.append(own[number] if number in own else shown_by_built_in(number))
    return shown


def _find_sheet(package: zipfile.ZipFile, sheet_name: str) -> tuple[str, bool]:
    """Return the sheet's member, and whether days are counted from 1904.

    Raises:
        KeyError: no sheet has that name.
    """
    relationships = ElementTree.fromstring(package.read(_RELATIONSHIPS))
    targets = {one.get("Id", ""): one.get("Target", "") for one in relationships}
    counts_from_1904, member = False, ""
    for kind, body in _records(package.read("xl/workbook.bin")):
        if kind == _WORKBOOK_PROPERTIES:
            counts_from_1904 = bool(body[0] & 1)
        elif kind == _SHEET:
            relationship, end = _wide(body, 8)
            if _wide(body, end)[0] == sheet_name:
                member = posixpath.normpath(posixpath.join("xl", targets[relationship]))
    if not member:
        raise KeyError(sheet_name)
    return member, counts_from_1904


def _corrections(
    sheet: bytes, shown: list[Shown], counts_from_1904: bool
) -> dict[tuple[int, int], str]:
    corrections: dict[tuple[int, int], str] = {}
    row = 0
    for kind, body in _records(sheet):
        if kind == _ROW:
            (row,) = struct.unpack_from("<I", body)
        elif kind == _SHORT_NUMBER or kind in _NUMBERS:
            column, style = struct.unpack_from("<II", body)
            style &= 0xFFFFFF
            if style >= len(shown) or shown[style] is Shown.NUMBER:
                continue
            if kind == _SHORT_NUMBER:
                days, is_taken_for_integer = _short_number(struct.unpack_from("<i", body, 8)[0])
            else:
                (days,), is_taken_for_integer = struct.unpack_from("<d", body, 8), False
            if is_taken_for_integer:
                cell = cell_of_day(int(days), shown[style], counts_from_1904=counts_from_1904)
            else:
                cell = corrected(days, shown[style], counts_from_1904=counts_from_1904)
            if cell:
                corrections[row, column] = cell
    return corrections


def _short_number(number: int) -> tuple[float, bool]:
    """Return the value of an RkNumber, and whether calamine takes it for an integer."""
    is_of_hundredths, is_integer = bool(number & 1), bool(number & 2)
    if is_integer:
        value = float(number >> 2)
    else:
        (value,) = struct.unpack("<d", struct.pack("<ii", 0, number & ~3))
    return (value / 100 if is_of_hundredths else value), is_integer and not is_of_hundredths
