"""Find out in which layout a JSON file is, from its beginning or, if it is one object, from all."""

from __future__ import annotations

from data_tools.ingest.exceptions import EmptyFile
from data_tools.ingest.formats.json_layout import LAYOUTS_READ, JsonLayout, NoTable, layout_of
from data_tools.ingest.formats.json_outline import Outline, read_outline
from data_tools.ingest.formats.json_reader import EndsTooEarly, JsonReader
from data_tools.ingest.guess import Certainty


def choose_layout(reader: JsonReader, *, is_lines: bool, is_cut_off: bool) -> JsonLayout:
    """Return the layout of the file that the reader is at the beginning of.

    It moves the reader, so the records need one of their own. `is_lines` says that the file's name
    makes it one of objects or lists that come one after the other.

    Raises:
        BrokenJson: the file is not JSON, or holds no table.
        EmptyFile: the file holds only blanks, or an empty list.
        RecordTooLong: a value is too long to be read.
    """
    match reader.peek():
        case "":
            raise EmptyFile("The file is empty: it holds no JSON.")
        case "[":
            return _layout_of_list(reader, is_lines=is_lines)
        case "{" if not is_lines:
            return _layout_of_object(reader, is_cut_off=is_cut_off)
        case "{":
            return _LINES
    raise reader.broken(f"a table begins with {{ or [. {LAYOUTS_READ}")


def _layout_of_object(reader: JsonReader, *, is_cut_off: bool) -> JsonLayout:
    root, line = Outline(), reader.line
    try:
        read_outline(reader, root)
        if reader.peek():
            return _LINES
    except EndsTooEarly:
        if not is_cut_off:
            raise
    try:
        return layout_of(root, is_cut_off=is_cut_off)
    except NoTable as error:
        raise reader.broken(f"{error}. {LAYOUTS_READ}", line=line) from error


def _layout_of_list(reader: JsonReader, *, is_lines: bool) -> JsonLayout:
    reader.skip("[")
    match reader.peek():
        case "":
            raise reader.broken("the file ends too early", is_at_end=True)
        case "]" if not is_lines:
            raise EmptyFile("The file holds no records, so it has no columns.")
        case "[" if not is_lines:
            why = "The file is a list of lists: each of them is a row."
            return JsonLayout(name="values", certainty=Certainty.LIKELY, why=why)
        case "{":
            why = "The file is a list of objects: each of them is a row."
            return JsonLayout(name="records", certainty=Certainty.CERTAIN, why=why)
    return _lists_one_after_the_other(reader, is_lines=is_lines)


def _lists_one_after_the_other(reader: JsonReader, *, is_lines: bool) -> JsonLayout:
    """Return the layout of a file that begins with a list of values that are no objects."""
    layout = JsonLayout(
        name="values",
        is_sequence=True,
        certainty=Certainty.CERTAIN,
        why="The file holds one list after the other: each of them is a row.",
    )
    if is_lines:
        return layout
    while reader.peek() not in ("]", ""):
        read_outline(reader, Outline())
        if reader.peek() == ",":
            reader.skip(",")
    reader.skip("]")
    if reader.peek() == "[":
        return layout
    raise reader.broken(f"record 1 is not an object. {LAYOUTS_READ}", line=1)


_LINES = JsonLayout(
    name="lines",
    certainty=Certainty.CERTAIN,
    why="The file holds one object after the other: each of them is a row.",
)
