"""How an .xlsx shows its numbers: the format of each style, and where its days are counted from."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree

from data_tools.sandbox.number_formats import Shown, shown_by, shown_by_built_in

_TRUE = ("1", "true", "on")


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberFormats:
    """The styles of a workbook's cells, by number."""

    shown: tuple[Shown, ...] = ()
    counts_from_1904: bool = False

    def shown_in(self, style: int) -> Shown:
        """Return what a cell of this style shows."""
        return self.shown[style] if style < len(self.shown) else Shown.NUMBER


def read_number_formats(styles: bytes, workbook: bytes) -> NumberFormats:
    """Return the formats of these members of a package, whose XML declares no entities.

    XML that is damaged gives none: calamine is the one to refuse it.
    """
    try:
        shown = _shown(ElementTree.fromstring(styles))
    except ElementTree.ParseError:
        return NumberFormats()
    return NumberFormats(shown=shown, counts_from_1904=_counts_from_1904(workbook))


def _shown(styles: ElementTree.Element) -> tuple[Shown, ...]:
    own = {
        element.get("numFmtId", ""): shown_by(element.get("formatCode", ""))
        for element in _children(styles, "numFmts")
    }
    numbers = [style.get("numFmtId", "0") for style in _children(styles, "cellXfs")]
    return tuple(
        own[number] if number in own else shown_by_built_in(int(number) if number.isdigit() else 0)
        for number in numbers
    )


def _counts_from_1904(workbook: bytes) -> bool:
    try:
        elements = ElementTree.fromstring(workbook).iter()
    except ElementTree.ParseError:
        return False
    properties = (element for element in elements if _name(element) == "workbookPr")
    return any(element.get("date1904", "").lower() in _TRUE for element in properties)


def _children(root: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for element in root if _name(element) == name for child in element]


def _name(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]
