"""Workbooks for tests: small ones written by openpyxl, hostile ones put together by hand."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import openpyxl

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
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


def xlsb(
    rows: Sequence[Sequence[str | float]],
    *,
    number_format: str = "General",
    format_number: int = 164,
    counts_from_1904: bool = False,
) -> bytes:
    """Return a binary workbook of one sheet, “Data”, with texts, and numbers in this format, or in
    the built-in one of another number than 164.

    Whole numbers that are ints are stored as short integers, as Excel does.
    """
    return xlsb_sheets(
        {"Data": (0, rows)},
        number_format=number_format,
        format_number=format_number,
        counts_from_1904=counts_from_1904,
    )


def xlsb_sheets(
    sheets: Mapping[str, tuple[int, Sequence[Sequence[str | float]]]],
    *,
    number_format: str = "General",
    format_number: int = 164,
    counts_from_1904: bool = False,
) -> bytes:
    """Return a binary workbook of sheets: 0, 1 for a hidden one or 2 for a very hidden one, and
    the rows."""
    properties = _record(153, struct.pack("<III", counts_from_1904, 0, 0))
    entries = b"".join(
        _record(156, struct.pack("<II", state, number) + _wide(f"rId{number}") + _wide(name))
        for number, (name, (state, _)) in enumerate(sheets.items(), start=1)
    )
    styles = [
        _record(615, struct.pack("<I", 1)),
        _record(44, struct.pack("<H", 164) + _wide(number_format)),
        _record(616),
        _record(617, struct.pack("<I", 2)),
        *(_record(47, struct.pack("<HH", 0, style) + bytes(12)) for style in (0, format_number)),
        _record(618),
    ]
    targets = [f"worksheets/sheet{number}.bin" for number in range(1, len(sheets) + 1)]
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("xl/workbook.bin", properties + entries + _record(144) + _record(132))
        package.writestr("xl/_rels/workbook.bin.rels", _relationship("worksheet", *targets))
        package.writestr("xl/styles.bin", b"".join(styles))
        for target, (_, rows) in zip(targets, sheets.values(), strict=True):
            package.writestr(f"xl/{target}", _binary_sheet(rows))
    return file.getvalue()


def _binary_sheet(rows: Sequence[Sequence[str | float]]) -> bytes:
    bounds = (0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    cells = b"".join(
        _record(0, struct.pack("<IIHBBBI", number, *[0] * 6))
        + b"".join(_cell(position, value) for position, value in enumerate(row))
        for number, row in enumerate(rows)
    )
    return _record(148, struct.pack("<IIII", *bounds)) + _record(145) + cells + _record(146)


def _cell(position: int, value: str | float) -> bytes:
    if isinstance(value, str):
        return _record(6, struct.pack("<II", position, 0) + _wide(value))
    if isinstance(value, int) and abs(value) < 1 << 29:
        return _record(2, struct.pack("<IIi", position, 1, value << 2 | 2))
    return _record(5, struct.pack("<IId", position, 1, value))


def ods(*, hidden: Collection[str] = (), **sheets: Sequence[Sequence[str | float | None]]) -> bytes:
    """Return an OpenDocument workbook with these rows in each sheet.

    A text that begins with `office:` is a cell's attributes, as they are written in XML.
    """
    tables = "".join(
        f'<table:table table:name="{name}" table:style-name="{_style(name in hidden)}">'
        + "".join(
            f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows
        )
        + "</table:table>"
        for name, rows in sheets.items()
    )
    styles = "".join(
        f'<style:style style:name="{_style(is_hidden)}" style:family="table">'
        f'<style:table-properties table:display="{str(not is_hidden).lower()}"/></style:style>'
        for is_hidden in (True, False)
    )
    names = " ".join(
        f'xmlns:{name}="{_ODF}:{name}:1.0"' for name in ("office", "table", "text", "style")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as package:
        package.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        package.writestr(
            "content.xml",
            f"<office:document-content {names}><office:automatic-styles>{styles}"
            f"</office:automatic-styles><office:body><office:spreadsheet>{tables}"
            "</office:spreadsheet></office:body></office:document-content>",
        )
        package.writestr("META-INF/manifest.xml", "<manifest/>")
    return file.getvalue()


def _style(is_hidden: bool) -> str:
    return "hidden" if is_hidden else "shown"


def _ods_cell(value: str | float | None) -> str:
    match value:
        case None:
            return "<table:table-cell/>"
        case str() if value.startswith("office:"):
            return f"<table:table-cell {value.removesuffix('>')}/>"
        case str():
            text = f"<text:p>{value}</text:p>"
            return f'<table:table-cell office:value-type="string">{text}</table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{value}"/>'


def _record(kind: int, content: bytes = b"") -> bytes:
    """Return a record of less than 128 bytes; from 128 on, its kind takes two bytes."""
    head = [kind] if kind < 128 else [kind & 127 | 128, kind >> 7]
    return bytes([*head, len(content)]) + content


def _wide(text: str) -> bytes:
    return struct.pack("<I", len(text)) + text.encode("utf-16-le")


def _relationship(kind: str, *targets: str) -> str:
    relationships = "".join(
        f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for number, target in enumerate(targets, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relationships}</Relationships>'


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
