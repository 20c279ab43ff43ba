"""The zip archive that a workbook is, unpacked once before anything it says is trusted.

Sizes are counted while unpacking, since the declared ones may lie; what was unpacked is dropped at
once. It stays on top of `zipfile` because neither that nor calamine limits what an archive expands
to.
"""

from __future__ import annotations

import posixpath
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from data_tools.sandbox.ods_durations import DurationScan
from data_tools.sandbox.refusal import Code, Refusal
from data_tools.sandbox.sheet_xml import SheetScan
from data_tools.sandbox.xlsx_styles import NumberFormats, read_number_formats

MOST_MEMBERS = 10_000
# Sheets that repeat one value shrink to a fiftieth at most; a zip bomb to a thousandth.
LARGEST_RATIO = 200
_RATIO_FROM_BYTES = 16 << 20
_NO_END = 1 << 62
_READ_BYTES = 1 << 20
_FORMATS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_DECLARATION_START = 9
_RELATIONSHIP_ID = "}id"
_KEPT_MEMBERS = ("xl/styles.xml", "xl/workbook.xml")
_MOST_KEPT_BYTES = 64 << 20
_ODS_CONTENT = "content.xml"


def workbook_format(path: Path) -> str:
    """Return `xlsx`, `xlsb` or `ods` for an archive of such a workbook, "" for another archive,
    and `xls` for a file that is not an archive."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return "xls"
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    return next((format_ for member, format_ in _FORMATS.items() if member in names), "")


@dataclass(frozen=True, slots=True)
class PackageScan:
    """What was seen of a package while it was unpacked."""

    sheets: dict[str, SheetScan] = field(default_factory=dict)
    """The scan of each sheet of an .xlsx, by the member's name."""
    durations: DurationScan = field(default_factory=DurationScan)
    """The durations in the cells of an .ods."""


def scan_package(path: Path, *, largest_bytes: int) -> PackageScan:
    """Unpack every member, and return what was seen meanwhile.

    Raises:
        Refusal: the archive is damaged or encrypted, unpacks to more than `largest_bytes`, to more
            than its packed size explains or into too many members, or its XML declares entities.
    """
    scan = PackageScan()
    formats = NumberFormats()
    kept = dict.fromkeys(_KEPT_MEMBERS, b"")
    unpacked_bytes = 0
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            if len(members) > MOST_MEMBERS:
                raise Refusal(
                    Code.WORKBOOK_TOO_LARGE,
                    f"The workbook is an archive of {len(members):,} members; "
                    f"at most {MOST_MEMBERS:,} are allowed.",
                )
            # The sheets last: to scan them takes the formats.
            for member in sorted(members, key=_is_sheet):
                name = member.filename
                if _is_sheet(member):
                    if any(kept.values()):
                        formats = read_number_formats(*kept.values())
                        kept = {}
                    scan.sheets[name] = SheetScan(formats=formats)
                for piece in _checked_pieces(package, member):
                    unpacked_bytes += len(piece)
                    if unpacked_bytes > largest_bytes:
                        raise Refusal(
                            Code.WORKBOOK_TOO_LARGE,
                            f"The workbook unpacks to more than {largest_bytes >> 20:,} MiB, "
                            f"in its member “{_printable(member)}”.",
                        )
                    if name in scan.sheets:
                        scan.sheets[name].feed(piece)
                    elif name == _ODS_CONTENT:
                        scan.durations.feed(piece)
                    elif name in kept and len(kept[name]) < _MOST_KEPT_BYTES:
                        kept[name] += piece
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Refusal(Code.BROKEN_WORKBOOK) from error
    return scan


def _is_sheet(member: zipfile.ZipInfo) -> bool:
    return member.filename.startswith("xl/worksheets/") and member.filename.endswith(".xml")


def _checked_pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the member's bytes piece by piece; refuse XML that declares entities."""
    is_xml = member.filename.endswith((".xml", ".rels"))
    previous = b""
    for piece in _pieces(package, member):
        if is_xml and _DECLARATION.search(previous + piece):
            raise Refusal(
                Code.BROKEN_WORKBOOK,
                f"The workbook's member “{_printable(member)}” declares XML entities, "
                "which no spreadsheet program writes.",
            )
        previous = piece[-_LONGEST_DECLARATION_START:]
        yield piece


def sheet_members(path: Path) -> dict[str, str]:
    """Return each sheet's member by the sheet's name; {} for a workbook that is not an .xlsx or
    does not say.

    Only for an archive whose XML declares no entities, which `scan_package` checks.
    """
    try:
        with zipfile.ZipFile(path) as package:
            workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))
            relationships = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {
        relationship.get("Id"): relationship.get("Target", "") for relationship in relationships
    }
    members = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        ids = [value for name, value in element.items() if name.endswith(_RELATIONSHIP_ID)]
        target = targets.get(ids[0]) if ids else None
        if target:
            members[element.get("name", "")] = posixpath.normpath(
                posixpath.join("/xl", target)
            ).lstrip("/")
    return members


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[bytes]:
    """Yield the member's bytes piece by piece."""
    if member.flag_bits & 0x1:
        raise Refusal(Code.ENCRYPTED, "The workbook is encrypted. Save it without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal(
            Code.BROKEN_WORKBOOK,
            f"The workbook's member “{_printable(member)}” is compressed in a way "
            "that no spreadsheet program uses.",
        )
    unpacked_bytes, declared_bytes = 0, member.file_size
    member.file_size = _NO_END  # or zipfile would stop at the declared size
    largest_bytes = max(_RATIO_FROM_BYTES, LARGEST_RATIO * member.compress_size)
    with package.open(member) as file:
        while piece := file.read(_READ_BYTES):
            unpacked_bytes += len(piece)
            if unpacked_bytes > largest_bytes:
                raise Refusal(
                    Code.WORKBOOK_TOO_LARGE,
                    f"The workbook's member “{_printable(member)}” unpacks to more than "
                    f"{LARGEST_RATIO} times its size, as a zip bomb does.",
                )
            yield piece
    if unpacked_bytes != declared_bytes:
        raise Refusal(Code.BROKEN_WORKBOOK)


def _printable(member: zipfile.ZipInfo) -> str:
    return "".join(filter(str.isprintable, member.filename))[:80]
