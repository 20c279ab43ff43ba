"""Choose the layout in which a JSON file holds its table, from the file in outline.

| layout | looks like |
| --- | --- |
| records | `[{"a": 1}, {"a": 2}]` |
| lines | `{"a": 1}` and `{"a": 2}`, one after the other; one object alone is a table of one row |
| split | `{"columns": ["a"], "data": [[1], [2]]}` |
| values | `[["a"], [1], [2]]`, or `["a"]`, `[1]` and `[2]`, one after the other |
| columns | `{"a": [1, 2]}`, or `{"a": {"0": 1, "1": 2}}` |
| index | `{"x": {"a": 1}, "y": {"a": 2}}` |
| geojson | `{"type": "FeatureCollection", "features": [{"properties": {"a": 1}, "geometry": …}]}` |

A table may be inside an object, as in the answers of APIs:
`{"count": 2, "results": [{"a": 1}, {"a": 2}]}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from data_tools.ingest.formats.json_outline import Outline, Shape
from data_tools.ingest.guess import Certainty

LAYOUTS_READ = (
    "A table is a list of objects or of lists, one object or list after the other, an object of "
    "columns, an object of records, or an object with one list of records"
)
_MOST_LEFT_OUT = 20
_NESTED = {Shape.LIST, Shape.OBJECT}
_PANDAS_SPLIT = ("columns", "index", "data")
_KEYS_OF_NAMES = (
    *("columns", "fields", "headers", "header", "names", "column_names", "columnNames", "meta"),
    "schema",
)
_KEYS_OF_RECORDS = frozenset(
    "data results items records rows value values hits entries list content documents docs result "
    "elements objects resources features response item record row entry".split()
)
# In more objects than this, a list of records is rather part of a setting or a schema.
_DEEPEST_UNKNOWN = 3

_KEYS_OF_ONE_RECORD = ("data", "result", "response", "record")


class NoTable(Exception):
    """The file holds no table, or several; the message is a sentence without its stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class JsonLayout:
    """Where in a file its records are, and how they are written."""

    name: str
    certainty: Certainty
    why: str
    path: tuple[str, ...] = ()
    """The keys that lead to the table, from the outermost."""
    left_out: tuple[str, ...] = ()
    """The other keys on that way, whose values are not in the table."""
    keys: tuple[str, str] = ("columns", "data")
    """The keys of the names and of the rows in the layout `split`."""
    is_keyed: bool = False
    """Whether the columns of the layout `columns` are objects, with a key for each row."""
    keeps_keys: bool = False
    """Whether the keys of the rows become a column, since they are more than a count from 0."""
    is_sequence: bool = False
    """Whether the lists of the layout `values` come one after the other, in no list themselves."""


def layout_of(root: Outline, *, is_cut_off: bool) -> JsonLayout:
    """Return the layout of a file that holds one object.

    `is_cut_off` says that the last value of the outline may go on.

    Raises:
        NoTable: the object holds no table, or several that could be meant.
    """
    layout = _table_in(root, is_cut_off=is_cut_off)
    if layout:
        return layout
    nested = [key for key, member in root.members.items() if member.is_nested]
    if len(nested) == 1 and nested[0].lower() in _KEYS_OF_ONE_RECORD:
        record = root.members[nested[0]]
        if record.shape is Shape.OBJECT and record.length:
            return JsonLayout(
                name="lines",
                path=(nested[0],),
                left_out=_others(root, nested[0]),
                certainty=Certainty.GUESS,
                why=f"The file is one object, and the one row is in its “{nested[0]}”.",
            )
    if nested:
        why = "The file is one object, which is one row; the lists and objects in it stay JSON."
        return JsonLayout(name="lines", certainty=Certainty.GUESS, why=why)
    why = "The file is one object of single values, which is one row."
    return JsonLayout(name="lines", certainty=Certainty.LIKELY, why=why)


def _table_in(value: Outline, *, is_cut_off: bool) -> JsonLayout | None:
    return (
        _geojson(value)
        or _split(value)
        or _columns_of_lists(value, is_cut_off=is_cut_off)
        or _records_inside(value)
        or _objects_by_key(value)
        or _table_further_inside(value, is_cut_off=is_cut_off)
    )


def _geojson(value: Outline) -> JsonLayout | None:
    type_, features = value.members.get("type"), value.members.get("features")
    if not type_ or type_.text != "FeatureCollection" or not features:
        return None
    if features.shape is not Shape.LIST:
        return None
    return JsonLayout(
        name="geojson",
        path=("features",),
        left_out=_others(value, "features", "type"),
        certainty=Certainty.CERTAIN,
        why="The file says that it is a FeatureCollection: each feature is a row.",
    )


def _split(value: Outline) -> JsonLayout | None:
    """Return the layout of names and rows apart; pandas writes it with an index."""
    members = value.members
    pandas_lists = [members[key] for key in _PANDAS_SPLIT if key in members]
    is_pandas = set(members) & {"columns", "data"} == {"columns", "data"} and all(
        member.shape is Shape.LIST for member in pandas_lists
    )
    if is_pandas and not members["data"].is_of_objects:
        keys, others = ("columns", "data"), _others(value, *_PANDAS_SPLIT)
        if others and not members["data"].length:
            raise NoTable("there is something other than columns, index, data, and no row")
    else:
        names = [key for key in _KEYS_OF_NAMES if key in members and _are_names(members[key])]
        rows = [key for key, member in members.items() if member.is_of_lists]
        if len(names) != 1 or len(rows) != 1:
            return None
        keys = (names[0], rows[0])
        others = _others(value, *keys)
    is_sure = is_pandas and not others
    return JsonLayout(
        name="split",
        keys=keys,
        left_out=others,
        certainty=Certainty.CERTAIN if is_sure else Certainty.LIKELY,
        why=f"The names of the columns are in “{keys[0]}”, and the rows in “{keys[1]}”.",
    )


def _are_names(value: Outline) -> bool:
    """Whether it is a list of texts, or of objects that each describe a column."""
    return value.shape is Shape.LIST and value.elements in ({Shape.TEXT}, {Shape.OBJECT})


def _columns_of_lists(value: Outline, *, is_cut_off: bool) -> JsonLayout | None:
    if value.elements != {Shape.LIST} or Shape.NULL in value.shapes:
        return None
    tables = [key for key, member in value.members.items() if member.is_of_objects]
    if len(value.member_lengths) > 1 and not is_cut_off:
        if tables:
            return None
        (shorter, one), (longer, other) = sorted(value.member_lengths.items())
        raise NoTable(
            f"the lists are of different lengths: “{one[:80]}” has {shorter:,} values, and "
            f"“{other[:80]}” has {longer:,}"
        )
    is_alone = value.length == 1
    if is_alone and not _is_plain_column(value):
        return None
    is_one_row = 1 in value.member_lengths
    if tables and (len(tables) == len(value.members) or is_one_row and any(map(_is_known, tables))):
        return None
    is_sure = not is_alone and not tables and 0 not in value.member_lengths
    return JsonLayout(
        name="columns",
        certainty=Certainty.LIKELY if is_sure else Certainty.GUESS,
        why="The file is an object of lists of one length: each of them is a column.",
    )


def _is_plain_column(value: Outline) -> bool:
    """Tell whether an object's only list is one of single values, rather than one of records."""
    key, only = next(iter(value.members.items()))
    return only.elements.isdisjoint(_NESTED) and not (_is_known(key) and not only.length)


def _records_inside(value: Outline) -> JsonLayout | None:
    """Return the layout of an object with one list of records, such as the answer of an API."""
    members = value.members
    if any(_is_known(key) and one.is_nested and one.length for key, one in members.items()):
        # What describes the columns is not the table.
        members = {key: one for key, one in members.items() if key not in _KEYS_OF_NAMES}
    for name, keys in (
        ("records", [key for key, member in members.items() if member.is_of_objects]),
        ("values", [key for key in members if members[key].is_of_lists and _is_known(key)]),
    ):
        known = list(filter(_is_known, keys))
        if len(keys) > 1 and len(known) != 1:
            listed = ", ".join(f"“{key[:80]}”" for key in keys[:5])
            raise NoTable(
                f"there are several lists of records, {listed}, and one file makes one table: "
                "save the list that you mean as a file of its own"
            )
        if keys:
            key = known[0] if known else keys[0]
            others_are_single = not any(
                member.is_nested and member.length
                for other, member in value.members.items()
                if other != key
            )
            is_sure = len(keys) == 1 and (_is_known(key) or others_are_single)
            return JsonLayout(
                name=name,
                path=(key,),
                left_out=_others(value, key),
                certainty=Certainty.LIKELY if is_sure else Certainty.GUESS,
                why=f"The rows are in “{key}” of the object that the file is.",
            )
    for key, member in members.items():
        if _is_known(key) and member.shape is Shape.LIST and len(member.elements) > 1:
            if Shape.OBJECT in member.elements:
                raise NoTable(f"some of “{key[:80]}” are objects, and others are not")
    empty = [
        key
        for key, member in members.items()
        if member.shape is Shape.LIST and not member.length and _is_known(key)
    ]
    if empty:
        raise NoTable(f"“{empty[0]}” holds no records")
    return None


def _is_known(key: str) -> bool:
    return key.lower() in _KEYS_OF_RECORDS


def _objects_by_key(value: Outline) -> JsonLayout | None:
    """Return the layout of an object of objects: a column or a record by each key."""
    if value.elements != {Shape.OBJECT} or Shape.NULL in value.shapes:
        return None
    first, *others = value.members.values()
    if not first.length:
        return None
    have_same_keys = len(value.member_digests) == 1
    columns = JsonLayout(
        name="columns",
        is_keyed=True,
        keeps_keys=not first.counts_up,
        certainty=Certainty.GUESS,
        why="The file is an object of columns, as pandas writes it: the keys inside are the rows.",
    )
    records = JsonLayout(
        name="index",
        keeps_keys=not value.counts_up,
        certainty=Certainty.GUESS,
        why="The file is an object of records: each of its keys is a row.",
    )
    if have_same_keys and first.keys_are_values:
        is_sure = first.counts_up and not value.keys_are_values
        return replace(columns, certainty=Certainty.LIKELY) if is_sure else columns
    if not others and not value.keys_are_values:
        is_column = (
            first.length > 1 and len(_shapes(first)) == 1 and _NESTED.isdisjoint(_shapes(first))
        )
        return columns if is_column else None
    are_counts = all(member.keys_are_values for member in value.members.values())
    if are_counts and not value.keys_are_values:
        (shorter, one), *_ = sorted((member.length, key) for key, member in value.members.items())
        raise NoTable(
            f"the columns have different rows: “{one[:80]}” has {shorter:,}, and not those of the "
            "others"
        )
    if value.keys_are_values:
        is_sure = have_same_keys and value.counts_up
        return replace(records, certainty=Certainty.LIKELY) if is_sure else records
    if have_same_keys and _is_uniform(value):
        # Where all values are alike, either may be meant. Tables have more rows than columns.
        is_longer = first.length >= value.length
        return columns if is_longer or not _is_uniform_across(value) else records
    return records if _share_keys([first, *others]) else None


def _is_uniform(value: Outline) -> bool:
    """Tell whether the values inside each of the objects are of one shape."""
    return all(len(_shapes(member)) <= 1 for member in value.members.values())


def _is_uniform_across(value: Outline) -> bool:
    """Tell whether the values under each key inside the objects are of one shape."""
    by_position = zip(*(member.shapes for member in value.members.values()), strict=False)
    return all(len(set(shapes) - {Shape.NULL}) <= 1 for shapes in by_position)


def _shapes(value: Outline) -> set[Shape]:
    return set(value.shapes) - {Shape.NULL}


def _share_keys(values: list[Outline]) -> bool:
    """Tell whether the objects look like records of one table: most of their keys are in most."""
    keys = [key for value in values for key in value.members]
    return 2 * len(keys) > len(values) * len(set(keys))


def _table_further_inside(value: Outline, *, is_cut_off: bool) -> JsonLayout | None:
    """Return the layout of the only table in an object inside this one.

    Raises:
        NoTable: there are several.
    """
    for table_in in (_rows_in, partial(_columns_in, is_cut_off=is_cut_off)):
        found = [
            layout
            for layout in _tables_inside(value, table_in)
            if len(layout.path) <= _DEEPEST_UNKNOWN or _is_known(layout.path[-1])
        ]
        known = [layout for layout in found if _is_known(layout.path[-1])]
        if len(found) > 1 and len(known) != 1:
            listed = ", ".join(f"“{'.'.join(layout.path)[:80]}”" for layout in found[:5])
            raise NoTable(
                f"there are several tables, {listed}, and one file makes one table: save the one "
                "that you mean as a file of its own"
            )
        if found:
            chosen = known[0] if known else found[0]
            is_sure = len(found) == 1 and table_in is _rows_in
            place = "”, “".join(chosen.path)
            return replace(
                chosen,
                certainty=Certainty.LIKELY if known and is_sure else Certainty.GUESS,
                why=f"The table is inside the object that the file is, under “{place}”.",
            )
    return None


def _tables_inside(
    value: Outline, table_in: Callable[[str, Outline], JsonLayout | None]
) -> list[JsonLayout]:
    found = []
    for key, member in value.members.items():
        if member.shape is Shape.OBJECT:
            inside = table_in(key, member)
            for layout in [inside] if inside else _tables_inside(member, table_in):
                path = (key, *layout.path)
                left_out = (*_others(value, key), *layout.left_out)[:_MOST_LEFT_OUT]
                found.append(replace(layout, path=path, left_out=left_out))
    return found


def _rows_in(_: str, value: Outline) -> JsonLayout | None:
    return _geojson(value) or _split(value) or _records_inside(value)


def _columns_in(key: str, value: Outline, *, is_cut_off: bool) -> JsonLayout | None:
    """Return the layout of columns or of an index, if they do not look like parts of one record."""
    if value.elements != {Shape.OBJECT}:
        return _columns_inside(value, is_cut_off=is_cut_off)
    inner = value.members.values()
    have_keys_of_rows = value.keys_are_values or all(one.keys_are_values for one in inner)
    if not have_keys_of_rows and not (_is_known(key) and value.length > 1):
        return None
    try:
        return _objects_by_key(value)
    except NoTable:
        return None


def _columns_inside(value: Outline, *, is_cut_off: bool) -> JsonLayout | None:
    """Return the layout of several lists of one length, which are no list of records each."""
    if value.elements != {Shape.LIST} or Shape.NULL in value.shapes:
        return None
    is_even = value.length > 1 and len(value.member_lengths) == 1 and min(value.member_lengths) > 1
    if not is_even and not is_cut_off:
        return None
    return JsonLayout(name="columns", certainty=Certainty.GUESS, why="")


def _others(value: Outline, *keys: str) -> tuple[str, ...]:
    return tuple(key for key in value.members if key not in keys)[:_MOST_LEFT_OUT]
