"""Reading options as clients write them: read strictly, and written back."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest

from data_tools.columns import ColumnType
from data_tools.ingest.exceptions import OptionNotApplicable
from data_tools.ingest.options import (
    DEFAULT_OPTIONS,
    WIRE_NAMES,
    ColumnOptions,
    ReadingOptions,
    refuse_inapplicable,
)
from data_tools.ingest.written_options import (
    InvalidOption,
    WrittenColumnOptions,
    WrittenOptions,
    options_as_json,
    options_from_json,
    options_from_text,
    with_sheet,
)

ALL: dict[str, Any] = {
    "encoding": "cp1252",
    "delimiter": ";",
    "quote": "'",
    "escape": "\\",
    "comment": "#",
    "header_row": 3,
    "skip_rows": 2,
    "skip_footer": 1,
    "ragged": "pad",
    "bad_bytes": "replace",
    "null_values": ["", "-"],
    "decimal": ",",
    "thousands": ".",
    "trim": True,
    "sheet": "Zwei",
    "columns": {"day": {"type": "date", "date_format": "%d.%m.%Y", "name": "Tag"}},
}


def test_every_option_is_read_and_written_back() -> None:
    options = options_from_json(ALL)

    assert options.given() == [field.name for field in dataclasses.fields(ReadingOptions)]
    assert options.columns["day"] == ColumnOptions(
        type=ColumnType.DATE, date_format="%d.%m.%Y", name="Tag"
    )
    assert options_as_json(options) == ALL
    assert json.loads(json.dumps(options_as_json(options))) == ALL


def test_every_option_has_its_name_on_the_wire() -> None:
    fields = [field.name for field in dataclasses.fields(ReadingOptions)]

    assert [WIRE_NAMES.get(name, name) for name in fields] == list(WrittenOptions.__struct_fields__)
    assert [field.name for field in dataclasses.fields(ColumnOptions)] == list(
        WrittenColumnOptions.__struct_fields__
    )


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        '{"encoding": null, "delimiter": null, "quote": null, "escape": null, "comment": null}',
        '{"comment": "", "sheet": "", "thousands": "", "columns": {}, "null_values": null}',
        '{"ragged": "refuse", "bad_bytes": "refuse", "trim": false, "decimal": "."}',
        '{"skip_rows": 0, "skip_footer": 0}',
        '{"skip_rows": null, "skip_footer": null, "ragged": null, "bad_bytes": null}',
        '{"decimal": null, "thousands": null, "trim": null, "sheet": null, "columns": null}',
    ],
)
def test_whatever_is_null_or_the_default_is_left_to_the_service(text: str) -> None:
    assert options_from_text(text) == DEFAULT_OPTIONS
    assert options_as_json(options_from_text(text)) == {}


def test_a_header_row_of_null_is_no_header_and_one_left_out_is_guessed() -> None:
    assert options_from_json({"header_row": None}).header_row is None
    assert options_as_json(options_from_json({"header_row": None})) == {"header_row": None}
    assert options_from_json({}) == DEFAULT_OPTIONS


@pytest.mark.parametrize(
    ("said", "name"),
    [("latin1", "iso8859-1"), ("Windows-1252", "cp1252"), ("UTF8", "utf-8"), ("SJIS", "shift_jis")],
)
def test_an_encoding_may_have_any_of_its_names(said: str, name: str) -> None:
    assert options_from_json({"encoding": said}).encoding == name


@pytest.mark.parametrize("value", ['"', "'"])
def test_the_mark_itself_as_its_escape_says_that_marks_are_doubled(value: str) -> None:
    assert options_from_json({"quote": value, "escape": value}).escape == ""


@pytest.mark.parametrize("name", ["delimiter", "quote"])
@pytest.mark.parametrize("character", ["\t", " ", "¦", "þ", "\x14", "^"])
def test_unusual_characters_are_possible(name: str, character: str) -> None:
    assert getattr(options_from_json({name: character}), name) == character


def each(name: str, *values: str, words: str = "") -> list[tuple[str, str]]:
    """Return options with each of the values, and the words of the refusal."""
    return [(f'{{"{name}": {value}}}', words or f"“{name}”") for value in values]


HUGE = str(10**30)
WRONG = [
    *((text, "JSON object") for text in ("", "[]", "null", "5", '"x"', "{", "{'a': 1}")),
    ("[" * 9999, "JSON object"),
    ('{"delimiter": ",", "delimiter": ";"}', "“delimiter” is given twice"),
    ('{"Delimiter": ","}', "no option “Delimiter”"),
    ('{"pads_ragged": true}', "no option “pads_ragged”"),
    *each("delimiter", '""', '"ab"', "5", '"\\n"', '"a"', '"5"'),
    *each("quote", '"ab"', "true", '"\\r"', '"7"', "[]"),
    *each("escape", '"ab"', "1", '"\\u2028"'),
    *each("comment", '"a\\nb"', "1", f'"{"#" * 21}"'),
    *each("header_row", "0", "-1", "1.5", '"1"', "true", HUGE),
    *each("skip_rows", "-1", "1.5", '"1"', HUGE, "NaN"),
    *each("skip_footer", "-1", "false", "10001", "[]"),
    *each("ragged", '"x"', "true", words="“ragged” must be “refuse” or “pad”"),
    *each("bad_bytes", '"ignore"', "true"),
    *each("null_values", '"NA"', "[1]", "{}", "[null]"),
    *each("decimal", '""', '";"', "5", '"5"'),
    *each("thousands", '"x"', '"5"', "1", '",,"'),
    *each("trim", "1", '"yes"', "[]"),
    *each("sheet", "1", f'"{"x" * 256}"', "[]"),
    *each("columns", "[]", '{"a": 1}', '{"a": "text"}', '{"a": []}'),
    *each("columns", '{"a": {"type": "int"}}', words="“columns.a.type” must be one of integer"),
    *each("columns", '{"a": {"format": "x"}}', words="no option “columns.a.format”"),
    *each("columns", '{"a": {"date_format": "%d"}}', words="“columns.a.date_format”"),
    *each(
        "columns",
        '{"a": {"type": "float", "date_format": "%d.%m.%Y"}}',
        words="“columns.a.date_format” is only for",
    ),
    *each("columns", '{"a": {"name": ""}}', words="“columns.a.name”"),
    *each("columns", '{"a": {"name": "c"}, "b": {"name": "c"}}', words="both be named “c”"),
    *each("encoding", '"klingon"', '"hex"', '"rot13"', '"idna"', '"unicode_escape"', '""'),
    ('{"delimiter": "|", "quote": "|"}', "“delimiter” and “quote”"),
    ('{"delimiter": "|", "escape": "|"}', "“delimiter” and “escape”"),
    ('{"delimiter": "#", "comment": "#"}', "“delimiter” and “comment”"),
    ('{"decimal": ",", "thousands": ","}', "“decimal” and “thousands”"),
    ('{"thousands": ".", "trim": true}', "“decimal” and “thousands”"),
    *each("sheet", '"a\\u0000"', words="NUL"),
    *each("columns", '{"a\\u0000": {}}', words="NUL"),
    *each("null_values", '["\\ud800"]', words="not Unicode"),
]


@pytest.mark.parametrize(("text", "words"), WRONG, ids=[text[:40] for text, _ in WRONG])
def test_a_wrong_option_is_refused_by_name(text: str, words: str) -> None:
    with pytest.raises(InvalidOption) as refused:
        options_from_text(text)

    assert words in str(refused.value)


def test_a_sheet_is_named_once() -> None:
    assert with_sheet(DEFAULT_OPTIONS, "Zwei").sheet == "Zwei"
    assert with_sheet(options_from_json({"sheet": "Zwei"}), "").sheet == "Zwei"
    assert with_sheet(options_from_json({"sheet": "Zwei"}), "Zwei").sheet == "Zwei"
    with pytest.raises(InvalidOption, match="“sheet”"):
        with_sheet(options_from_json({"sheet": "Zwei"}), "Eins")


def test_an_option_that_a_format_does_not_have_is_refused_by_its_name_on_the_wire() -> None:
    options = options_from_json({"ragged": "pad", "delimiter": ";", "trim": True})

    refuse_inapplicable(
        options, applicable={"pads_ragged", "delimiter", "trims"}, format_name="a workbook"
    )
    with pytest.raises(OptionNotApplicable) as refused:
        refuse_inapplicable(options, applicable={"trims"}, format_name="a workbook")

    assert refused.value.reason == (
        "The file is a workbook, to which the options “delimiter”, “ragged” do not apply."
    )
