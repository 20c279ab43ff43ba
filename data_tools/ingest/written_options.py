"""Reading options as clients write them: a JSON object, read strictly, and written back."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from data_tools.columns import ColumnType
from data_tools.date_formats import parse_format
from data_tools.ingest.option_descriptions import (
    LONGEST_NAME,
    MEANING,
    MEANING_OF_COLUMN,
    MOST_FOOTER_LINES,
    MOST_LINES,
    POSSIBLE,
    POSSIBLE_OF_COLUMN,
)
from data_tools.ingest.options import ColumnOptions, Open, ReadingOptions

_LINE_ENDS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
# Codecs that make something else of bytes than text, or text of anything.
_NO_ENCODINGS = ("idna", "punycode", "raw-unicode-escape", "unicode-escape", "undefined")

_Character = Annotated[str, Meta(min_length=1, max_length=1)]
_CharacterOrNone = Annotated[str, Meta(max_length=1)]
_NullValue = Annotated[str, Meta(max_length=1_000)]
_Name = Annotated[str, Meta(min_length=1, max_length=LONGEST_NAME)]


class InvalidOption(Exception):
    """The options are not a JSON object of known options with possible values."""


class WrittenColumnOptions(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """Options for one column: its type, how its dates are written, its name."""

    type: ColumnType | None = None
    date_format: Annotated[str, Meta(max_length=100)] | None = None
    name: _Name | None = None


class WrittenOptions(Struct, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """How a file is to be read. Whatever is left out, or null, is left to the service."""

    encoding: Annotated[str, Meta(max_length=50)] | None = None
    delimiter: _Character | None = None
    quote: _CharacterOrNone | None = None
    escape: _CharacterOrNone | None = None
    comment: Annotated[str, Meta(max_length=20)] | None = None
    header_row: Annotated[int, Meta(ge=1, le=MOST_LINES)] | None | UnsetType = UNSET
    skip_rows: Annotated[int, Meta(ge=0, le=MOST_LINES)] = 0
    skip_footer: Annotated[int, Meta(ge=0, le=MOST_FOOTER_LINES)] = 0
    ragged: Literal["refuse", "pad"] = "refuse"
    bad_bytes: Literal["refuse", "replace"] = "refuse"
    null_values: Annotated[list[_NullValue], Meta(max_length=1_000)] | None = None
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", "'", "’", " ", "\u00a0", "\u202f", "_"] = ""
    trim: bool = False
    sheet: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    columns: dict[str, WrittenColumnOptions] = {}


def options_from_text(text: str) -> ReadingOptions:
    """Return the options of a JSON object as text.

    Raises:
        InvalidOption: the text is not one, or an option is unknown or has an impossible value;
            the message says which.
    """
    try:
        value = json.loads(text, object_pairs_hook=_once_each)
    except (ValueError, RecursionError) as error:
        raise InvalidOption("The options must be a JSON object.") from error
    return options_from_json(value)


def options_from_json(value: Any) -> ReadingOptions:
    """Return the options of a JSON object.

    Raises:
        InvalidOption: as `options_from_text`.
    """
    if not isinstance(value, dict):
        raise InvalidOption("The options must be a JSON object.")
    _refuse_unstorable(value)
    written = _converted(value, WrittenOptions, POSSIBLE)
    columns = {name: _column(name, column) for name, column in (value.get("columns") or {}).items()}
    _refuse_impossible(written, columns)
    return ReadingOptions(
        encoding=None if written.encoding is None else _codec_name(written.encoding),
        delimiter=written.delimiter,
        quote=written.quote,
        # Many say that marks are doubled by giving the mark as the escape, too.
        escape=""
        if written.escape and written.escape == (written.quote or '"')
        else written.escape,
        comment=written.comment or "",
        header_row=Open.GUESS if written.header_row is UNSET else written.header_row,
        skip_rows=written.skip_rows,
        skip_footer=written.skip_footer,
        pads_ragged=written.ragged == "pad",
        replaces_bad_bytes=written.bad_bytes == "replace",
        null_values=None if written.null_values is None else tuple(written.null_values),
        decimal=written.decimal,
        thousands=written.thousands,
        trims=written.trim,
        sheet=written.sheet or "",
        columns=MappingProxyType(columns),
    )


def with_sheet(options: ReadingOptions, sheet: str) -> ReadingOptions:
    """Return the options with this sheet, unless it is "".

    Raises:
        InvalidOption: they name another.
    """
    if sheet and options.sheet and options.sheet != sheet:
        raise InvalidOption(f"“sheet”: two are named, “{options.sheet}” and “{sheet}”.")
    return replace(options, sheet=sheet or options.sheet)


def options_as_json(options: ReadingOptions) -> dict[str, Any]:
    """Return the options that are not left to the service, as `options_from_json` reads them."""
    written = WrittenOptions(
        encoding=options.encoding,
        delimiter=options.delimiter,
        quote=options.quote,
        escape=options.escape,
        comment=options.comment or None,
        header_row=UNSET if options.header_row is Open.GUESS else options.header_row,
        skip_rows=options.skip_rows,
        skip_footer=options.skip_footer,
        ragged="pad" if options.pads_ragged else "refuse",
        bad_bytes="replace" if options.replaces_bad_bytes else "refuse",
        null_values=None if options.null_values is None else list(options.null_values),
        decimal=options.decimal,  # type: ignore[arg-type]
        thousands=options.thousands,  # type: ignore[arg-type]
        trim=options.trims,
        sheet=options.sheet or None,
        columns={
            name: WrittenColumnOptions(
                type=column.type, date_format=column.date_format, name=column.name
            )
            for name, column in options.columns.items()
        },
    )
    return msgspec.to_builtins(written)


def options_schemas() -> dict[str, Any]:
    """Return JSON Schemas by name; `ReadingOptions` is the one of the options."""
    _, written = msgspec.json.schema_components(
        [WrittenOptions], ref_template="#/components/schemas/{name}"
    )
    schemas = json.loads(json.dumps(written).replace("Written", "Reading"))
    for name, meaning, possible in (
        ("ReadingOptions", MEANING, POSSIBLE),
        ("ReadingColumnOptions", MEANING_OF_COLUMN, POSSIBLE_OF_COLUMN),
    ):
        for option, schema in schemas[name]["properties"].items():
            if {"type": "null"} not in schema.get("anyOf", []):
                default = {"default": schema.pop("default")}
                schema = {"anyOf": [schema, {"type": "null"}], **default}
            words = {"description": f"{meaning[option]}: {possible[option]}."}
            schemas[name]["properties"][option] = schema | words
    return schemas


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        twice = next(name for name, _ in pairs if [key for key, _ in pairs].count(name) > 1)
        raise InvalidOption(f"“{twice}” is given twice.")
    return value


_Written = TypeVar("_Written", bound=Struct)


def _converted(
    value: Mapping[str, Any], kind: type[_Written], possible: Mapping[str, str], place: str = ""
) -> _Written:
    """Return the object as that kind of structure; `place` stands before the options' names."""
    for name, each in value.items():
        if name not in possible:
            known = ", ".join(f"“{option}”" for option in possible)
            raise InvalidOption(f"There is no option “{place}{name}”. There are {known}.")
        if _left_to_the_service(name, each):
            continue
        # One by one, since the library names the type that it expected rather than the option.
        is_nested = kind is WrittenOptions and name == "columns" and isinstance(each, dict)
        if is_nested and all(isinstance(column, dict) for column in each.values()):
            continue
        try:
            msgspec.convert({name: each}, kind)
        except msgspec.ValidationError:
            raise InvalidOption(f"“{place}{name}” must be {possible[name]}.") from None
    plain = {
        name: each
        for name, each in value.items()
        if name != "columns" and not _left_to_the_service(name, each)
    }
    return msgspec.convert(plain, kind)


def _left_to_the_service(name: str, value: Any) -> bool:
    """Tell whether an option is as good as left out; only `header_row` means something by null."""
    return value is None and name != "header_row"


def _refuse_unstorable(value: Any) -> None:
    """Refuse texts that the database cannot keep: with NUL, or half of a surrogate pair."""
    for text in _texts_of(value):
        if "\0" in text:
            raise InvalidOption("The options contain the NUL character.")
        try:
            text.encode()
        except UnicodeEncodeError as error:
            raise InvalidOption("The options contain text that is not Unicode.") from error


def _texts_of(value: Any) -> Iterator[str]:
    """Yield the texts at any depth, keys too, without recursion."""
    level = [value]
    while level:
        each = level.pop()
        match each:
            case str():
                yield each
            case dict():
                level += [*each, *each.values()]
            case list():
                level += each


def _refuse_impossible(written: WrittenOptions, columns: Mapping[str, ColumnOptions]) -> None:
    for name in ("delimiter", "quote", "escape"):
        character = getattr(written, name)
        if character and (character in _LINE_ENDS or (character.isascii() and character.isalnum())):
            raise InvalidOption(f"“{name}” must not be a letter, a digit or the end of a line.")
    if written.comment and any(end in written.comment for end in _LINE_ENDS):
        raise InvalidOption("“comment” must not contain the end of a line.")
    for first, second in (
        *(("delimiter", "quote"), ("delimiter", "escape"), ("delimiter", "comment")),
        *(("quote", "comment"), ("escape", "comment"), ("decimal", "thousands")),
    ):
        if getattr(written, first) and getattr(written, first) == getattr(written, second):
            raise InvalidOption(f"“{first}” and “{second}” must be different.")
    new_names = [column.name for column in columns.values() if column.name]
    if len(set(new_names)) < len(new_names):
        twice = next(name for name in new_names if new_names.count(name) > 1)
        raise InvalidOption(f"“columns”: two columns cannot both be named “{twice}”.")


def _codec_name(name: str) -> str:
    """Return the name by which Python's codecs know a character encoding."""
    try:
        codec = codecs.lookup(name)
    except (LookupError, UnicodeError, ValueError):
        codec = None
    if codec is None or codec.name in _NO_ENCODINGS or not codec._is_text_encoding:
        raise InvalidOption(f"“encoding”: there is no character encoding “{name}”.")
    return codec.name


def _column(name: str, value: Mapping[str, Any]) -> ColumnOptions:
    place = f"columns.{name}."
    written = _converted(value, WrittenColumnOptions, POSSIBLE_OF_COLUMN, place)
    if written.date_format is not None:
        if written.type not in (None, ColumnType.DATE, ColumnType.DATETIME):
            raise InvalidOption(f"“{place}date_format” is only for the types date and datetime.")
        try:
            parse_format(written.date_format)
        except ValueError as error:
            raise InvalidOption(f"“{place}date_format”: {error}") from error
    return ColumnOptions(type=written.type, date_format=written.date_format, name=written.name)
