"""What a JSON file holds, in outline: enough to choose its layout, in memory for one value.

An object is looked through member by member and a list element by element, so a file that is one
large object takes one pass. Of a file of many objects, only the first is looked at.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum, auto
from hashlib import blake2b
from typing import Any

from data_tools.ingest.formats.json_reader import JsonReader
from data_tools.ingest.formats.json_values import WrittenNumber
from data_tools.sandbox.cell_looks import is_value

# How many members of an object are kept, by the number of objects around it.
_KEPT_MEMBERS = (100, 50, 20, 20, 20, 20)
# Among this many members, one key twice is found.
_COMPARED_KEYS = 20_000
_LONGEST_VALUE = 40


class Shape(Enum):
    """What a value is, roughly."""

    NULL = auto()
    BOOLEAN = auto()
    NUMBER = auto()
    TEXT = auto()
    LIST = auto()
    OBJECT = auto()


def shape_of(value: Any) -> Shape:
    """Return the shape of a value that `JsonReader` read."""
    match value:
        case None:
            return Shape.NULL
        case bool():
            return Shape.BOOLEAN
        case WrittenNumber():
            return Shape.NUMBER
        case str():
            return Shape.TEXT
        case list():
            return Shape.LIST
    return Shape.OBJECT


@dataclass(slots=True)
class Outline:
    """A value in outline. Of a value in which the file ends, what came before the end."""

    shape: Shape = Shape.NULL
    text: str = ""
    """The value itself, if it is a text."""
    length: int = 0
    """How many elements or members it has."""
    elements: set[Shape] = field(default_factory=set)
    """The shapes of the elements of a list, or of the values of an object, other than null."""
    shapes: list[Shape] = field(default_factory=list)
    """The shapes of the first values of an object, in order."""
    members: dict[str, Outline] = field(default_factory=dict)
    """The first members of an object."""
    counts_up: bool = False
    """Whether the keys of an object are 0, 1, 2 and so on."""
    keys_are_values: bool = False
    """Whether the keys of an object are numbers, dates or the like, as the names of rows often are
    and those of columns seldom."""
    digest: bytes = b""
    """The same for two objects with the same keys in the same order."""
    member_lengths: dict[int, str] = field(default_factory=dict)
    """The lengths of the lists among the values of an object, each with the first such key."""
    member_digests: set[bytes] = field(default_factory=set)
    """The digests of the objects among the values of an object; two at most are kept."""

    @property
    def is_of_objects(self) -> bool:
        """Whether it is a list of objects; nulls may be among them."""
        return self.shape is Shape.LIST and self.elements == {Shape.OBJECT}

    @property
    def is_of_lists(self) -> bool:
        """Whether it is a list of lists."""
        return self.shape is Shape.LIST and self.elements == {Shape.LIST}

    @property
    def is_nested(self) -> bool:
        return self.shape in (Shape.LIST, Shape.OBJECT)


def read_outline(reader: JsonReader, outline: Outline, depth: int = 0) -> None:
    """Move past the value at the reader's position, and describe it in `outline`.

    If the reader raises an error, `outline` describes what came before.

    Raises:
        BrokenJson, RecordTooLong: see `JsonReader.value`.
    """
    match reader.peek():
        case "{" if depth < len(_KEPT_MEMBERS):
            _read_object(reader, outline, depth)
        case "[":
            _read_list(reader, outline)
        case _:
            value = reader.value("a value")
            outline.shape = shape_of(value)
            if outline.shape is Shape.TEXT:
                outline.text = value
            elif outline.is_nested:
                outline.length = len(value)


def _read_object(reader: JsonReader, outline: Outline, depth: int) -> None:
    outline.shape = Shape.OBJECT
    outline.counts_up = outline.keys_are_values = True
    digest = blake2b(digest_size=16)
    seen: set[str] = set()
    for _ in reader.parts_in("{}"):
        key = reader.key()
        if key in seen:
            raise reader.broken(f"there is the key “{key[:80]}” twice")
        if len(seen) < _COMPARED_KEYS:
            seen.add(key)
        digest.update(key.encode("utf-8", "surrogatepass") + b"\0")
        outline.counts_up &= key == str(outline.length)
        if outline.keys_are_values:
            outline.keys_are_values = len(key) <= _LONGEST_VALUE and is_value(key)
        outline.length += 1
        member = Outline()
        if len(outline.members) < _KEPT_MEMBERS[depth]:
            outline.members[key] = member
        is_complete = False
        try:
            read_outline(reader, member, depth + 1)
            is_complete = True
        finally:
            if is_complete or member.is_nested:
                _add_member(
                    outline, key, member, kept=_KEPT_MEMBERS[depth], is_complete=is_complete
                )
            else:
                outline.members.pop(key, None)
    outline.digest = digest.digest()


def _add_member(
    outline: Outline, key: str, member: Outline, *, kept: int, is_complete: bool
) -> None:
    if member.shape is not Shape.NULL:
        outline.elements.add(member.shape)
    if len(outline.shapes) < kept:
        outline.shapes.append(member.shape)
    if member.shape is Shape.LIST and len(outline.member_lengths) < 2:
        outline.member_lengths.setdefault(member.length, key)
    if member.shape is Shape.OBJECT and len(outline.member_digests) < 2:
        # Of an object in which the file ends, some keys are not known.
        if is_complete or not outline.member_digests:
            outline.member_digests.add(member.digest)


def _read_list(reader: JsonReader, outline: Outline) -> None:
    outline.shape = Shape.LIST
    for _ in reader.parts_in("[]"):
        value = reader.value(f"element {outline.length + 1:,} of a list")
        outline.length += 1
        if value is not None:
            outline.elements.add(shape_of(value))
