"""The zip archive that a workbook is: unpacked once before anybody trusts what it says of itself.

Sizes are counted while unpacking, since those that the archive declares may lie. What is unpacked
is thrown away at once.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from data_tools.sandbox.refusal import (
    BROKEN_WORKBOOK,
    ENCRYPTED,
    WORKBOOK_TOO_LARGE,
    Refusal,
)
from data_tools.sandbox.sheet_xml import SheetScan

MOST_MEMBERS = 10_000
# Sheets of one value over and over shrink to a fiftieth at most; a bomb to a thousandth.
LARGEST_RATIO = 200
_RATIO_FROM_BYTES = 16 << 20
_NO_END = 1 << 62
_READ_BYTES = 1 << 20
_FORMATS = {"xl/workbook.xml": "xlsx", "xl/workbook.bin": "xlsb", "content.xml": "ods"}
_DECLARATION = re.compile(rb"<!(DOCTYPE|ENTITY)", re.IGNORECASE)
_LONGEST_DECLARATION_START = 9


def workbook_format(path: Path) -> str:
    """`xlsx`, `xlsb` or `ods` for a zip archive of such a workbook, `xls` for what is no archive,
    "" for another archive."""
    with path.open("rb") as file:
        if file.read(2) != b"PK":
            return "xls"
    try:
        with zipfile.ZipFile(path) as package:
            names = set(package.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return ""
    return next((kind for member, kind in _FORMATS.items() if member in names), "")


def scan_package(path: Path, *, largest_bytes: int) -> dict[str, SheetScan]:
    """Unpack every member; what was seen in each sheet of an .xlsx, by the member's name.

    Raises `Refusal`: it is damaged or encrypted, unpacks to more than `largest_bytes`, to more
    than its packed size explains or into too many members, or its XML declares entities.
    """
    scans: dict[str, SheetScan] = {}
    unpacked_bytes = 0
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            if len(members) > MOST_MEMBERS:
                raise Refusal(
                    WORKBOOK_TOO_LARGE,
                    f"The workbook is an archive of {len(members):,} members; "
                    f"at most {MOST_MEMBERS:,} are read.",
                )
            for member in members:
                scan = _scan_of(member)
                is_xml = member.filename.endswith((".xml", ".rels"))
                previous, member_bytes = b"", 0
                for piece, member_bytes in _pieces(package, member):
                    if unpacked_bytes + member_bytes > largest_bytes:
                        raise Refusal(
                            WORKBOOK_TOO_LARGE,
                            f"The workbook unpacks to more than {largest_bytes >> 20:,} MiB, "
                            f"in its member “{_shown(member)}”.",
                        )
                    if is_xml and _DECLARATION.search(previous + piece):
                        raise Refusal(
                            BROKEN_WORKBOOK,
                            f"The workbook's member “{_shown(member)}” declares XML entities, "
                            "which no spreadsheet program writes.",
                        )
                    previous = piece[-_LONGEST_DECLARATION_START:]
                    if scan:
                        scan.feed(piece)
                unpacked_bytes += member_bytes
                if scan:
                    scans[member.filename] = scan
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError) as error:
        raise Refusal(BROKEN_WORKBOOK) from error
    return scans


def _scan_of(member: zipfile.ZipInfo) -> SheetScan | None:
    name = member.filename
    is_sheet = name.startswith("xl/worksheets/") and name.endswith(".xml")
    return SheetScan() if is_sheet else None


def _pieces(package: zipfile.ZipFile, member: zipfile.ZipInfo) -> Iterator[tuple[bytes, int]]:
    """The member's bytes, piece by piece, each with how many there are so far."""
    if member.flag_bits & 0x1:
        raise Refusal(ENCRYPTED, "The workbook is encrypted. Save it without a password.")
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refusal(
            BROKEN_WORKBOOK,
            f"The workbook's member “{_shown(member)}” is packed in a way "
            "that no spreadsheet program uses.",
        )
    unpacked, declared_bytes = 0, member.file_size
    member.file_size = _NO_END  # or no more than was declared would be read
    with package.open(member) as file:
        while piece := file.read(_READ_BYTES):
            unpacked += len(piece)
            explained = max(_RATIO_FROM_BYTES, LARGEST_RATIO * member.compress_size)
            if unpacked > explained:
                raise Refusal(
                    WORKBOOK_TOO_LARGE,
                    f"The workbook's member “{_shown(member)}” unpacks to more than "
                    f"{LARGEST_RATIO} times its size, as a zip bomb does.",
                )
            yield piece, unpacked
    if unpacked != declared_bytes:
        raise Refusal(BROKEN_WORKBOOK)


def _shown(member: zipfile.ZipInfo) -> str:
    return "".join(filter(str.isprintable, member.filename))[:80]
