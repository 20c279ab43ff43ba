"""Which member of an .xlsx holds which sheet."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_RELATIONSHIP_ID = "}id"


def sheet_members(path: Path) -> dict[str, str]:
    """The member's name by the sheet's; nothing for a workbook that is no .xlsx, or says no more.

    Only for a package whose XML declares no entities (`package.scan_package`).
    """
    try:
        with zipfile.ZipFile(path) as package:
            workbook = ElementTree.fromstring(package.read("xl/workbook.xml"))
            relationships = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))
    except (KeyError, ElementTree.ParseError):
        return {}
    targets = {one.get("Id"): one.get("Target", "") for one in relationships}
    found = {}
    for element in workbook.iter():
        if element.tag.rpartition("}")[2] != "sheet":
            continue
        ids = [value for name, value in element.items() if name.endswith(_RELATIONSHIP_ID)]
        target = targets.get(ids[0]) if ids else None
        if target:
            found[element.get("name", "")] = posixpath.normpath(
                posixpath.join("/xl", target)
            ).lstrip("/")
    return found
