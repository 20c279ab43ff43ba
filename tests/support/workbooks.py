"""Workbooks for tests: small ones written by openpyxl, hostile ones put together by hand."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from typing import Any

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def xlsx(**sheets: Sequence[Sequence[Any]]) -> bytes:
    """Return a workbook with these rows in each sheet, as openpyxl writes it."""
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.worksheets[0])
    for name, rows in sheets.items():
        sheet = workbook.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def sheet_xml(cells: str) -> str:
    """Return the XML of a sheet with these rows, `<row>…</row>`."""
    return f'<worksheet xmlns="{_MAIN}"><sheetData>{cells}</sheetData></worksheet>'


def raw_xlsx(
    sheet: str,
    *,
    sheet_name: str = "Data",
    more: Mapping[str, bytes] | None = None,
    file: Any = None,
) -> bytes:
    """Return a workbook of one sheet with this XML, followed by `more` members."""
    file = file or io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", _content_types())
        package.writestr("_rels/.rels", _relationship("officeDocument", "xl/workbook.xml"))
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
            f'<sheet name="{sheet_name}" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr(
            "xl/_rels/workbook.xml.rels", _relationship("worksheet", "worksheets/sheet1.xml")
        )
        package.writestr("xl/worksheets/sheet1.xml", sheet)
        for name, content in (more or {}).items():
            package.writestr(name, content)
    return file.getvalue() if isinstance(file, io.BytesIO) else b""


def xlsb(rows: Sequence[Sequence[str | float]]) -> bytes:
    """Return a binary workbook of one sheet, “Data”, with texts and numbers."""
    bounds = (0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    cells = b"".join(
        _record(0, struct.pack("<IIHBBBI", number, *[0] * 6))
        + b"".join(_cell(position, value) for position, value in enumerate(row))
        for number, row in enumerate(rows)
    )
    sheet = [_record(148, struct.pack("<IIII", *bounds)), _record(145), cells, _record(146)]
    entry = struct.pack("<II", 0, 1) + _wide("rId1") + _wide("Data")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/workbook.bin", _record(156, entry) + _record(144) + _record(132))
        package.writestr(
            "xl/_rels/workbook.bin.rels", _relationship("worksheet", "worksheets/sheet1.bin")
        )
        package.writestr("xl/worksheets/sheet1.bin", b"".join(sheet))
    return file.getvalue()


def _cell(position: int, value: str | float) -> bytes:
    if isinstance(value, str):
        return _record(6, struct.pack("<II", position, 0) + _wide(value))
    return _record(5, struct.pack("<IId", position, 0, value))


def _record(kind: int, content: bytes = b"") -> bytes:
    """Return a record of less than 128 bytes; from 128 on, its kind takes two bytes."""
    head = [kind] if kind < 128 else [kind & 127 | 128, kind >> 7]
    return bytes([*head, len(content)]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _relationship(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_OFFICE}/{kind}" Target="{target}"/></Relationships>'
    )


def _content_types() -> str:
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    return (
        f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        "</Types>"
    )
