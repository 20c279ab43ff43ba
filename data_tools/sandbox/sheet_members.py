"""Find which member of an .xlsx archive holds which sheet."""

from __future__ import annotations

import posixpath
import zipfile
from pathlib import Path
from xml.etree import ElementTree

_RELATIONSHIP_ID = "}id"


def sheet_members(path: Path) -> dict[str, str]:
    """Return each sheet's member by the sheet's name; {} for a workbook that is not an .xlsx or
    does not say.

    Only for an archive whose XML declares no entities, which `workbook_package.scan_package`
    checks.
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
