"""How JSON becomes a table: its three layouts, its types, and what is refused, with the line."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from data_tools.ingest.exceptions import (
    BrokenJson,
    BrokenText,
    EmptyFile,
    IngestError,
    NulCharacter,
    RecordTooLong,
    TooManyColumns,
    TooManyRows,
    UnreadableEncoding,
)
from data_tools.ingest.formats import json_reader
from data_tools.ingest.formats.opening import open_table
from tests.support.table_reading import ReadTable, read_table

Read = Callable[..., ReadTable]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str | bytes, name: str = "table.json") -> ReadTable:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read_table(path)

    return read


@pytest.mark.parametrize(
    ("content", "layout"),
    [
        ('[{"a": 1, "b": "x"}, {"a": 2, "b": null}]', "records"),
        ('\n [\n{"a":1,"b":"x"}\n,{"a":2,"b":null}\n]\n', "records"),
        ('{"a": 1, "b": "x"}\n{"a": 2, "b": null}\n', "lines"),
        ('{"a": 1, "b": "x"}\r\n\r\n{"a": 2}', "lines"),
        ('{"columns": ["a", "b"], "data": [[1, "x"], [2, null]]}', "split"),
        ('{"columns":["a","b"],"index":[0,"z"],"data":[[1,"x"],[2,null]]}', "split"),
        ('{"data": [[1, "x"], [2, null]], "columns": ["a", "b"]}', "split"),
    ],
)
def test_each_layout_is_read(read: Read, content: str, layout: str) -> None:
    table = read(content)

    assert table.types == {"a": "integer", "b": "text"}
    assert table.rows == [[1, "x"], [2, None]]
    assert (table.facts["format"], table.facts["layout"]) == ("json", layout)
    assert table.facts["index_left_out"] is ("index" in content)


@pytest.mark.parametrize("name", ["x.jsonl", "x.NDJSON"])
def test_a_file_named_as_json_lines_is_read_as_lines_even_if_it_looks_split(
    read: Read, name: str
) -> None:
    table = read('{"data": [1], "a": 1}\n{"data": [2, 3], "a": 2}\n', name=name)

    assert table.rows == [["[1]", 1], ["[2,3]", 2]]


@pytest.mark.parametrize("name", ["x.csv", "x.txt", "x"])
def test_json_is_recognized_by_its_content(read: Read, name: str) -> None:
    assert read('[{"a": 1}]', name=name).rows == [[1]]
    assert read('{"a": 1}', name=name).rows == [[1]]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_decides_the_encoding(read: Read, encoding: str) -> None:
    assert read('[{"ä": "€"}]'.encode(encoding)).types == {"ä": "text"}


def test_columns_come_in_the_order_their_keys_first_appear_and_a_key_may_be_missing(
    read: Read,
) -> None:
    table = read('[{"b": 1}, {"a": 2, "b": 3}, {}, {"c": 4, "b": null}]')

    assert list(table.types) == ["b", "a", "c"]
    assert table.rows == [[1, None, None], [3, 2, None], [None] * 3, [None, None, 4]]
    assert table.columns["c"]["missing_count"] == 3


@pytest.mark.no_cover  # the same lines, very often
def test_columns_that_appear_late_are_missing_in_the_batches_before(read: Read) -> None:
    records = [{"a": n} for n in range(50_000)] + [{"a": 0, "b": 1}]

    table = read("\n".join(map(json.dumps, records)))

    assert table.rows[0] == [0, None]
    assert table.rows[-1] == [0, 1]
    assert len(table.rows) == 50_001
    assert table.columns["b"]["missing_count"] == 50_000


@pytest.mark.parametrize(
    ("written", "type_", "stored"),
    [
        ("[1, -2, null]", "integer", [1, -2, None]),
        ("[1, 2.50]", "float", [1, 2.5]),
        ("[1e3]", "float", [1000.0]),
        ("[9223372036854775807]", "integer", [2**63 - 1]),
        ("[1, 9223372036854775808]", "text", ["1", "9223372036854775808"]),
        ("[" + "7" * 5000 + "]", "text", ["7" * 5000]),
        ("[1e400]", "text", ["1e400"]),
        ("[9007199254740993, 0.5]", "text", ["9007199254740993", "0.5"]),
        ("[true, null]", "boolean", [True, None]),
        ('["007", "1"]', "text", ["007", "1"]),
        ('["", " x "]', "text", ["", " x "]),
        ('["2013-01-31", null]', "date", ["2013-01-31", None]),
        ('["2013-01-31T05:00:00Z"]', "datetime", ["2013-01-31T05:00:00Z"]),
        ('["2013-01-31", "x"]', "text", ["2013-01-31", "x"]),
        ('[1, "x", true, null]', "text", ["1", "x", "true", None]),
        ('[{"x": [1.50, "é", null, true]}]', "text", ['{"x":[1.50,"é",null,true]}']),
        ("[[], {}]", "text", ["[]", "{}"]),
        ('["\\ud834\\udd1e \\n\\""]', "text", ['𝄞 \n"']),
        ("[\"=cmd|' /C calc'!A0\"]", "text", ["=cmd|' /C calc'!A0"]),
    ],
)
def test_a_column_has_the_type_of_its_values(
    read: Read, written: str, type_: str, stored: list[Any]
) -> None:
    values = json.loads(written, parse_float=Raw, parse_int=Raw)
    records = ",".join(f'{{"x": {raw(value)}}}' for value in values)

    table = read(f"[{records}]")

    assert (table.types, [row[0] for row in table.rows]) == ({"x": type_}, stored)


class Raw(str):
    """A number as it is written."""

    __slots__ = ()


def raw(value: Any) -> str:
    if isinstance(value, Raw):
        return str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(raw, value))}]"
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}: {raw(inner)}" for key, inner in value.items())
        return f"{{{', '.join(pairs)}}}"
    return json.dumps(value, ensure_ascii=False)


def test_the_kinds_of_value_in_a_mixed_column_are_counted(read: Read) -> None:
    table = read('[{"x": 1, "y": [1]}, {"x": "a", "y": [2]}]')

    assert table.notes("x") == ["Kept as text: numbers (1), texts (1)."]
    assert table.notes("y") == ["Kept as text: lists or objects (2)."]


def test_a_text_suggests_no_notation_since_json_writes_numbers_as_such(read: Read) -> None:
    table = read('[{"a": "1,5"}, {"a": "2,5"}]')

    assert table.columns["a"]["type"] == "text"
    assert table.columns["a"]["suggested_options"] == {}


def test_names_that_are_empty_or_doubled_are_made_unique(read: Read) -> None:
    table = read('{"columns": ["a", "", "a"], "data": [[1, 2, 3]]}')

    assert list(table.types) == ["a", "column_2", "a_2"]
    assert [one["position"] for one in table.facts["renamed_columns"]] == [2, 3]


# What is refused


@pytest.mark.parametrize(
    ("content", "error", "words"),
    [
        ('[{"a": 1},\n{"a": NaN}]', BrokenJson, "record 2 contains NaN"),
        ('[{"a": -Infinity}]', BrokenJson, "line 1: record 1 contains -Infinity"),
        ('[{"a": 1},\n\n{"a": 1, "a": 2}]', BrokenJson, "line 3: record 2 has the key “a” twice"),
        ('[{"a": {"b": 1, "b": 2}}]', BrokenJson, "“b” twice"),
        ('[{"a": 1},\n{"a": 1 "b": 2}]', BrokenJson, "line 2: expecting ',' delimiter"),
        ('[{"a": 1},\n{"b": 2}', BrokenJson, r"line 2: expected , or \]"),
        ('[{"a": 1}\n{"b": 2}]', BrokenJson, r"line 2: expected , or \]"),
        ('[{"a": "x\n"}]', BrokenJson, "line 1: invalid control character"),
        ('[{"a": 1}] x', BrokenJson, "more after the end"),
        ('{"a": 1}\n{"a":', BrokenJson, "line 2: expecting value"),
        ('{"a": 1}\n\n"x"', BrokenJson, "line 3: record 2 is not an object"),
        ("[1, 2]", BrokenJson, "record 1 is not an object"),
        ("[", BrokenJson, "ends too early"),
        ("nonsense", BrokenJson, "line 1: a table begins with"),
        ('"text"', BrokenJson, "line 1: a table begins with"),
        ('\n[{"a": "never closed }]', BrokenJson, "line 2: unterminated string"),
        ('[{"a": ' + "[" * 100_000 + "]" * 100_000 + "}]", BrokenJson, "nested too deeply"),
        ('{"columns": ["a"], "data": [[1], [2, 3]]}', BrokenJson, "record 2 has 2 values; there"),
        ('{"data": [[1, 2]], "columns": ["a"]}', BrokenJson, "record 1 has 2 values; there is 1"),
        ('{"columns": ["a"], "data": [1]}', BrokenJson, "record 1 of “data” is not a list"),
        ('{"columns": ["a"], "data": [], "x": 1}', BrokenJson, "something other than columns"),
        ('{"columns": [1, []], "data": []}', BrokenJson, "must be a list of names"),
        ("[]", EmptyFile, "no records"),
        ("[{}]", EmptyFile, "no columns"),
        ("  \n ", EmptyFile, "holds no JSON"),
        ('[{"a": "x"}, {"a": "\\ud800"}]', BrokenText, r"record 2 contains half .* \(\\ud800\)"),
        ('[{"\\udfff": 1}]', BrokenText, "name of a column"),
        ('[{"a": "x"}, {"a": "x\\u0000"}]', NulCharacter, "row 2 of column “a”"),
        ('[{"a\\u0000": 1}]', NulCharacter, "name of a column"),
        ('[{"a": 1},\n{"a": "Ärger, öde Füße"}]'.encode("latin-1"), UnreadableEncoding, "line 2"),
        ('[{"a": 1}]'.encode("utf-16-le"), UnreadableEncoding, "is not in UTF-8"),
    ],
)
def test_json_that_is_not_a_table_is_refused_and_the_place_named(
    read: Read, content: str | bytes, error: type[IngestError], words: str
) -> None:
    with pytest.raises(error, match=words):
        read(content)


def test_rows_and_columns_have_limits(read: Read, settings: Any) -> None:
    settings.UPLOADS = settings.UPLOADS | {"MAX_ROWS": 2, "MAX_COLUMNS": 2}

    with pytest.raises(TooManyRows, match="more than 2 rows"):
        read('[{"a": 1}, {"a": 2}, {"a": 3}]')
    with pytest.raises(TooManyColumns, match="3 columns; at most 2"):
        read('[{"a": 1}, {"b": 2, "c": 3}]')
    with pytest.raises(TooManyColumns, match="3 columns"):
        read('{"columns": ["a", "b", "c"], "data": []}')


def test_a_record_longer_than_the_limit_is_refused_and_the_place_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data_tools.ingest.formats.opening.RECORD_BYTES", (1 << 20,))
    path = tmp_path / "x.json"
    path.write_text('[{"a": 1},\n{"a": "' + "x" * (3 << 20) + '"}]')

    with pytest.raises(RecordTooLong, match="Record 2, which begins on line 2, is longer than 1 M"):
        open_table(path)


@pytest.mark.parametrize("piece", [1, 2, 3, 7])
def test_json_is_read_the_same_however_the_file_is_cut_into_pieces(
    read: Read, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    monkeypatch.setattr(json_reader, "_READ_CHARACTERS", piece)

    assert read('[{"a": -12.5e1, "b": "\\ud834\\udd1e"},\n {"a": 127, "b": null}]').rows == [
        [-125.0, "𝄞"],
        [127.0, None],
    ]
    with pytest.raises(BrokenJson, match="line 3: expecting value"):
        read('{"a": 1}\n{"a": true}\n{"a": truu}\n')


@pytest.mark.no_cover  # the same lines, very often
def test_memory_does_not_grow_with_the_records(tmp_path: Path) -> None:
    path = tmp_path / "x.json"

    def peak(records: int) -> int:
        text = "text " * 100
        path.write_text("\n".join(f'{{"n": {n}, "t": "{text}{n}"}}' for n in range(records)))
        arrow = pa.default_memory_pool()
        tracemalloc.start()
        before, peaks = arrow.bytes_allocated(), []
        for _ in open_table(
            path, advance=lambda _: peaks.append(arrow.bytes_allocated() - before)
        ).batches():
            peaks.append(arrow.bytes_allocated() - before)
        _, python_peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return max(peaks) + python_peak

    assert peak(60_000) < peak(20_000) * 1.3


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.just("k"), inner),
    max_leaves=3,
)


@hypothesis_settings(max_examples=80)
@given(records=st.lists(st.dictionaries(st.sampled_from("abc"), VALUES), min_size=1, max_size=5))
def test_no_value_is_lost(read: Read, records: list[dict[str, Any]]) -> None:
    if not any(records):
        return

    table = read(json.dumps(records))

    for record, row in zip(records, table.rows, strict=True):
        for name, stored in zip(table.types, row, strict=True):
            assert means(record.get(name), stored), (table.types[name], record.get(name), stored)


def means(written: Any, stored: Any) -> bool:
    """Whether a stored value means what was written, judged without the code under test."""
    if isinstance(stored, str) and not isinstance(written, str):
        return bool(json.loads(stored) == written)
    return bool(stored == written)
