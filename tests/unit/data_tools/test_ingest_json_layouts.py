"""In which layouts JSON is read, how sure the choice is, and what is refused with the layouts."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data_tools.ingest.exceptions import BrokenJson, EmptyFile, OptionNotApplicable
from data_tools.ingest.formats import json_reader
from data_tools.ingest.formats.opening import open_table
from tests.support.table_reading import ReadTable, read_table

Read = Callable[..., ReadTable]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def read(content: str, name: str = "table.json", **options: Any) -> ReadTable:
        path = tmp_path / name
        path.write_text(content)
        return read_table(path, **options)

    return read


POINT = '{"type":"Point","coordinates":[1,2.50]}'


@pytest.mark.parametrize(
    ("content", "layout", "certainty", "names", "rows"),
    [
        ('{"a":[1,2],"b":["x","y"]}', "columns", "likely", "ab", [[1, "x"], [2, "y"]]),
        ('{"a":[1,null],"b":[null,null]}', "columns", "likely", "ab", [[1, None], [None, None]]),
        ('{"a":[[1],[2]],"b":[{"x":1},3]}', "columns", "likely", "ab",
         [["[1]", '{"x":1}'], ["[2]", "3"]]),
        ('{"a":[1,2,3]}', "columns", "guess", "a", [[1], [2], [3]]),
        ('{"results":[1,2,3]}', "columns", "guess", ["results"], [[1], [2], [3]]),
        ('{"a":[],"b":[]}', "columns", "guess", "ab", []),
        ('{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}', "columns", "likely", "ab",
         [[1, "x"], [2, "y"]]),
        ('{"a":{"0":1,"1":2}}', "columns", "likely", "a", [[1], [2]]),
        ('{"a":{"7":1,"9":2},"b":{"7":3,"9":4}}', "columns", "guess", ["index", "a", "b"],
         [["7", 1, 3], ["9", 2, 4]]),
        ('{"a":{"r1":1,"r2":2},"b":{"r1":"x","r2":"y"}}', "columns", "guess",
         ["index", "a", "b"], [["r1", 1, "x"], ["r2", 2, "y"]]),
        ('{"a":{"r1":1,"r2":2},"b":{"r1":3,"r2":4}}', "columns", "guess",
         ["index", "a", "b"], [["r1", 1, 3], ["r2", 2, 4]]),
        ('{"r1":{"a":1,"b":3},"r2":{"a":2,"b":4},"r3":{"a":5,"b":6}}', "index", "guess",
         ["index", "a", "b"], [["r1", 1, 3], ["r2", 2, 4], ["r3", 5, 6]]),
        ('{"a":[{"x":1},{"x":2}],"b":[3,4]}', "columns", "guess", "ab",
         [['{"x":1}', 3], ['{"x":2}', 4]]),
        ('{"price":{"r1":1,"r2":2}}', "columns", "guess", ["index", "price"],
         [["r1", 1], ["r2", 2]]),
        ('{"0":{"a":1,"b":"x"},"1":{"a":2,"b":"y"}}', "index", "likely", "ab",
         [[1, "x"], [2, "y"]]),
        ('{"r1":{"a":1,"b":"x"},"r2":{"a":2,"b":"y"}}', "index", "guess", ["index", "a", "b"],
         [["r1", 1, "x"], ["r2", 2, "y"]]),
        ('{"-K1":{"n":"x","age":1},"-K2":{"n":"y"}}', "index", "guess", ["index", "n", "age"],
         [["-K1", "x", 1], ["-K2", "y", None]]),
        ("[[1,2],[3,4]]", "values", "likely", ["column_1", "column_2"], [[1, 2], [3, 4]]),
        ('[["a","b"],[1,2],[3,4]]', "values", "likely", "ab", [[1, 2], [3, 4]]),
        ('[["a","b"],["c","d"]]', "values", "likely", "ab", [["c", "d"]]),
        ("[1,2]\n[3,4]\n", "values", "certain", ["column_1", "column_2"], [[1, 2], [3, 4]]),
        ('["a","b"]\n\n[3,4]', "values", "certain", "ab", [[3, 4]]),
        ('{"a":1}{"a":2} {"a":3}', "lines", "certain", "a", [[1], [2], [3]]),
        ('{"a":1,"b":"x"}', "lines", "likely", "ab", [[1, "x"]]),
        ('{"a":1,"b":[1,2]}', "lines", "guess", "ab", [[1, "[1,2]"]]),
        ('{"columns":["a"],"rows":[[1],[2]]}', "split", "likely", "a", [[1], [2]]),
        ('{"n":2,"rows":[[1],[2]],"fields":["a"]}', "split", "likely", "a", [[1], [2]]),
        ('{"index":[0],"columns":["a"],"data":[[1]],"index_names":[null],"column_names":[null]}',
         "split", "likely", "a", [[1]]),
        ('{"columns":["a"],"data":[[1],[2]],"total":2}', "split", "likely", "a", [[1], [2]]),
        ('{"columns":[{"name":"a","type":"bigint"}],"data":[[1],[2]]}', "split", "certain", "a",
         [[1], [2]]),
        ('{"fields":[{"id":"a"},{"id":"b"}],"rows":[[1,"x"]]}', "split", "likely", "ab",
         [[1, "x"]]),
        ('{"meta":[{"name":"a","type":"Int"}],"data":[[1],[2]],"rows":2}', "split", "likely", "a",
         [[1], [2]]),
        ('{"dataset":{"id":9,"column_names":["a"],"data":[[1],[2]]}}', "split", "guess", "a",
         [[1], [2]]),
        ('{"meta":[{"name":"a"}],"data":{"a":[1,2],"b":[3,4]},"rows":2}', "columns", "guess",
         "ab", [[1, 3], [2, 4]]),
        ('{"data":{"a":[1,2],"b":["x","y"]}}', "columns", "guess", "ab", [[1, "x"], [2, "y"]]),
        ('{"lat":1,"units":{"t":"s"},"hourly":{"t":[1,2],"v":[3,4]},"daily":{"t":[1],"v":[5]}}',
         "columns", "guess", "tv", [[1, 3], [2, 4]]),
        ('{"Meta Data":{"1. About":"x"},"Daily":{"2024-01-02":{"o":"1"},"2024-01-01":{"o":"2"}}}',
         "index", "guess", ["index", "o"], [["2024-01-02", "1"], ["2024-01-01", "2"]]),
        ('{"base":"EUR","rates":{"2024-01-01":{"USD":1.5},"2024-01-02":{"USD":1.25}}}',
         "index", "guess", ["index", "USD"], [["2024-01-01", 1.5], ["2024-01-02", 1.25]]),
        ('{"data":{"x":{"n":1,"m":"q"},"y":{"n":2,"m":"r"}}}', "index", "guess",
         ["index", "n", "m"], [["x", 1, "q"], ["y", 2, "r"]]),
        ('{"a":{"2024-01-01":1,"2024-01-02":2},"b":{"2024-01-01":3,"2024-01-02":4}}',
         "columns", "guess", ["index", "a", "b"], [["2024-01-01", 1, 3], ["2024-01-02", 2, 4]]),
        ('{"a":{"0.5":1,"1.5":2},"b":{"0.5":3,"1.5":4}}', "columns", "guess",
         ["index", "a", "b"], [["0.5", 1, 3], ["1.5", 2, 4]]),
        ('{"ok":true,"data":{"id":7,"name":"x"}}', "lines", "guess", ["id", "name"], [[7, "x"]]),
        ('{"id":1,"first":{"x":1},"second":{"y":2}}', "lines", "guess",
         ["id", "first", "second"], [[1, '{"x":1}', '{"y":2}']]),
        ('{"definitions":{"A":{"properties":{"K":{"anyOf":[{"x":1}]}}}}}', "lines", "guess",
         ["definitions"], [['{"A":{"properties":{"K":{"anyOf":[{"x":1}]}}}}']]),
        ('{"first":{"x":1},"second":{"y":2}}', "lines", "guess", ["first", "second"],
         [['{"x":1}', '{"y":2}']]),
    ],
)  # fmt: skip
def test_a_layout_is_recognized_by_what_the_file_holds(
    read: Read, content: str, layout: str, certainty: str, names: Any, rows: list[list[Any]]
) -> None:
    table = read(content)

    guess = table.facts["guesses"]["layout"]
    assert (table.facts["layout"], guess["value"]) == (layout, layout)
    assert guess["certainty"] == certainty
    assert guess["why"].endswith(".")
    assert (list(table.types), table.rows) == (list(names), rows)


@pytest.mark.parametrize(
    ("content", "at", "left_out", "certainty"),
    [
        ('{"count":2,"results":[{"a":1},{"a":2}]}', ["results"], ["count"], "likely"),
        ('{"data":[{"a":1},{"a":2}]}', ["data"], [], "likely"),
        ('{"next":null,"tags":[],"x":[{"a":1},{"a":2}]}', ["x"], ["next", "tags"], "likely"),
        ('{"user":{"n":1},"orders":[{"a":1},{"a":2}]}', ["orders"], ["user"], "guess"),
        ('{"links":[{"u":1}],"items":[{"a":1},{"a":2}]}', ["items"], ["links"], "guess"),
        ('{"d":{"results":[{"a":1},{"a":2}]}}', ["d", "results"], [], "likely"),
        ('{"data":{"users":[{"a":1},{"a":2}]}}', ["data", "users"], [], "guess"),
        ('{"hits":{"total":{"v":2},"hits":[{"a":1},{"a":2}]}}', ["hits", "hits"], ["total"],
         "likely"),
        ('{"ok":1,"d":{"n":2,"results":[{"a":1},{"a":2}]}}', ["d", "results"], ["ok", "n"],
         "likely"),
        ('{"links":[{"u":1},{"u":2}],"items":[{"a":1},{"a":2}]}', ["items"], ["links"], "guess"),
        ('{"head":{"vars":["a"]},"results":{"bindings":[{"a":1},{"a":2}]}}',
         ["results", "bindings"], ["head"], "guess"),
        ('{"dataset":{"id":7,"data":[[1],[2]],"column_names":["a"]}}', ["dataset"], ["id"],
         "guess"),
        ('{"schema":{"fields":[{"name":"a"}]},"data":[{"a":1},{"a":2}]}', ["data"], ["schema"],
         "likely"),
        ('{"values":[["a"],[1],[2]],"range":"A1:A3"}', ["values"], ["range"], "likely"),
        ('{"result":{"columns":["a"],"rows":[[1],[2]]},"ok":true}', ["result"], ["ok"], "likely"),
        ('{"response":{"body":{"items":{"item":[{"a":1},{"a":2}]},"n":2}}}',
         ["response", "body", "items", "item"], ["n"], "likely"),
        ('{"took":1,"hits":{"hits":[{"a":1},{"a":2}]},"aggregations":{"t":{"buckets":[{"k":1}]}}}',
         ["hits", "hits"], ["took", "aggregations"], "guess"),
    ],
)  # fmt: skip
def test_a_table_inside_an_object_is_found_and_its_place_reported(
    read: Read, content: str, at: list[str], left_out: list[str], certainty: str
) -> None:
    table = read(content)

    assert (table.types, table.rows) == ({"a": "integer"}, [[1], [2]])
    assert (table.facts["table_at"], table.facts["guesses"]["layout"]["certainty"]) == (
        at,
        certainty,
    )
    assert table.facts["left_out"] == left_out


@pytest.mark.parametrize(
    ("content", "layout", "at", "names", "rows"),
    [
        ('{"latitude":1.5,"hourly":{"time":["x","y"],"temp":[1,2]}}', "columns", ["hourly"],
         ["time", "temp"], [["x", 1], ["y", 2]]),
        ('{"ok":true,"data":{"a":{"0":1,"1":2},"b":{"0":"x","1":"y"}}}', "columns", ["data"],
         ["a", "b"], [[1, "x"], [2, "y"]]),
        ('{"ok":true,"result":{"k1":{"a":1,"b":"x"},"k2":{"a":2,"b":"y"}}}', "index", ["result"],
         ["index", "a", "b"], [["k1", 1, "x"], ["k2", 2, "y"]]),
        ('{"a":1,"b":{"c":{"x":[1,2],"y":[3,4]}}}', "columns", ["b", "c"], ["x", "y"],
         [[1, 3], [2, 4]]),
    ],
)  # fmt: skip
def test_columns_and_keyed_records_inside_an_object_are_a_guess(
    read: Read, content: str, layout: str, at: list[str], names: list[str], rows: list[list[Any]]
) -> None:
    table = read(content)

    assert (table.facts["layout"], table.facts["table_at"]) == (layout, at)
    assert table.facts["guesses"]["layout"]["certainty"] == "guess"
    assert (list(table.types), table.rows) == (names, rows)


@pytest.mark.parametrize(
    "content",
    [
        '{"name":"x","address":{"lines":["a","b"]}}',
        '{"name":"x","address":{"lines":["a","b"],"tags":["c"]}}',
        '{"home":{"lat":1,"lon":2},"name":"x"}',
        '{"a":{"x":[],"y":[]},"b":1}',
    ],
)
def test_lists_and_objects_of_one_record_are_no_table(read: Read, content: str) -> None:
    table = read(content)

    assert (table.facts["layout"], len(table.rows)) == ("lines", 1)


@pytest.mark.parametrize(
    "content",
    [
        '{"type":"FeatureCollection","name":"x","features":[%s,%s]}',
        "[%s,%s]",
        "%s\n%s\n",
    ],
)
def test_the_features_of_geojson_are_rows_of_their_properties(read: Read, content: str) -> None:
    first = f'{{"type":"Feature","id":7,"properties":{{"a":1,"id":2}},"geometry":{POINT}}}'
    second = '{"type":"Feature","properties":null,"geometry":null,"bbox":[0,1]}'

    table = read(content % (first, second))

    assert list(table.types) == ["id", "a", "id_2", "geometry", "bbox"]
    assert table.rows == [[7, 1, 2, POINT, None], [None, None, None, None, "[0,1]"]]


def test_one_feature_is_one_row(read: Read) -> None:
    table = read('{"type":"Feature","properties":{"a":1},"geometry":null}')

    assert (list(table.types), table.rows) == (["a", "geometry"], [[1, None]])


def test_an_object_that_only_calls_itself_a_feature_stays_a_record(read: Read) -> None:
    assert read('[{"type":"Feature","properties":{"a":1}}]').rows == [["Feature", '{"a":1}']]


LAYOUTS = "A table is a list of objects or of lists"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a":[1,2],"b":[1]}', "different lengths: “b” has 1 values, and “a” has 2"),
        ('{"a":{"0":1,"1":2},"b":{"0":"x"}}', "different rows: “b” has 1"),
        ('{"orders":[{"a":1}],"users":[{"b":1},{"b":2}]}', "several lists .* “orders”, “users”"),
        ('{"orders":[{"a":1}],"users":[{"b":1}],"x":1}', "several lists of records"),
        ('{"x":1,"hourly":{"t":[1,2],"v":[3,4]},"daily":{"t":[1,2],"v":[5,6]}}',
         "several tables, “hourly”, “daily”"),
        ('{"n":2,"a":{"rows":[{"x":1}]},"b":{"rows":[{"y":1}]}}',
         "several tables, “a.rows”, “b.rows”"),
        ('{"hits":{"total":0,"hits":[]},"aggregations":{"t":{"buckets":[]}}}',
         "“hits” holds no records"),
        ('{"data":[],"meta":{"links":[{"url":"u"}],"total":0}}', "“data” holds no records"),
        ('{"schema":{"fields":[{"name":"a"}]},"data":[]}', "“data” holds no records"),
        ('{"orders":[{"a":1}],"users":[{"b":1}]}', "several lists of records"),
        ('{"count":0,"results":[]}', "“results” holds no records"),
        ('{"results":[]}', "“results” holds no records"),
        ('{"results":[{"a":1},5]}', "some of “results” are objects, and others are not"),
        ("5", "begins with"),
        ('"x"', "begins with"),
        ("null", "begins with"),
        ("[1,2]", "record 1 is not an object"),
        ('[null,{"a":1}]', "record 1 is not an object"),
        ('[{"a":1},[2]]', "record 2 is not an object"),
        ('[[1],{"a":1}]', "list 2 of the table is not a list"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_refused_with_the_layouts_that_are_read(
    read: Read, content: str, words: str
) -> None:
    with pytest.raises(BrokenJson, match=f"line 1: .*{words}.*{LAYOUTS}"):
        read(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ('{"a":1,"a":2}', "the key “a” twice"),
        ('{"a":[1,2],"a":[3,4]}', "the key “a” twice"),
        ('{"x":{"a":1},"y":{"a":1,"a":2}}', "the key “a” twice"),
        ('{"a":[1,NaN]}', "NaN"),
        ("[[1],[2,3]]", "record 2 has 2 values; there is 1 column"),
        ('{"columns":["a"],"rows":[[1],[2,3]]}', "record 2 has 2 values"),
        ('{"a":[1,2}', "expected , or"),
        ('{"count":1,"results":[{"a":1}]} x', "line 1: expecting value"),
    ],
)
def test_json_that_is_broken_is_refused_in_every_layout(
    read: Read, content: str, words: str
) -> None:
    with pytest.raises(BrokenJson, match=words):
        read(content)


def test_an_empty_object_holds_no_records(read: Read) -> None:
    with pytest.raises(EmptyFile, match="no records"):
        read("{}")


@pytest.mark.parametrize(
    ("content", "options", "names", "rows"),
    [
        ('[["a","b"],[1,2]]', {"header_row": None}, ["column_1", "column_2"],
         [["a", "b"], ["1", "2"]]),
        ('[["x"],["a","b"],[1,2]]', {"header_row": 2}, ["a", "b"], [[1, 2]]),
        ("[[1,2],[3,4]]", {"header_row": 1}, ["1", "2"], [[3, 4]]),
        ('[["a","b"],[1]]', {"pads_ragged": True}, ["a", "b"], [[1, None]]),
        ('[{" a ":1}]', {"trims": True}, ["a"], [[1]]),
        ('[{"a":"x"},{"a":"-"}]', {"null_values": ("-",)}, ["a"], [["x"], [None]]),
    ],
)  # fmt: skip
def test_options_change_how_lists_are_read(
    read: Read, content: str, options: dict[str, Any], names: list[str], rows: list[list[Any]]
) -> None:
    table = read(content, **options)

    assert (list(table.types), table.rows) == (names, rows)


@pytest.mark.parametrize(
    ("content", "options", "words"),
    [
        ('[{"a":1}]', {"header_row": 1}, "layout “records”, .* “header_row” does not apply"),
        ('{"a":[1]}', {"header_row": None}, "layout “columns”"),
        ('[{"a":1}]', {"skip_rows": 1}, "“skip_rows” does not apply"),
        ('[{"a":1}]', {"delimiter": ";", "trims": True}, "“delimiter” does not apply"),
    ],
)
def test_options_without_a_meaning_are_refused_by_name(
    read: Read, content: str, options: dict[str, Any], words: str
) -> None:
    with pytest.raises(OptionNotApplicable, match=words):
        read(content, **options)


def test_a_row_with_names_that_is_not_there_is_refused(read: Read) -> None:
    with pytest.raises(EmptyFile, match="no row 5"):
        read("[[1],[2]]", header_row=5)


@pytest.mark.parametrize(
    ("content", "certainty", "row"),
    [
        ('[["a","b"],[1,2]]', "likely", 1),
        ('[["a","b"],["c","d"]]', "guess", 1),
        ('[["a","b"]]', "guess", None),
        ('[["a","a"],[1,2]]', "guess", None),
        ("[[1,2],[3,4]]", "guess", None),
    ],
)
def test_the_row_with_the_names_is_a_guess_with_a_reason(
    read: Read, content: str, certainty: str, row: int | None
) -> None:
    guess = read(content).facts["guesses"]["header_row"]

    assert (guess["certainty"], guess["value"]) == (certainty, row)


# A file that is only the beginning of one


RECORDS = [{"a": n, "b": f"text {n}"} for n in range(50)]


@pytest.mark.parametrize(
    ("content", "step"),
    [
        (json.dumps(RECORDS), 30),
        ("\n".join(map(json.dumps, RECORDS)), 30),
        (json.dumps({"count": 50, "results": RECORDS}), 60),
        (json.dumps({str(n): record for n, record in enumerate(RECORDS)}), 70),
        (json.dumps([["a", "b"], *([one["a"], one["b"]] for one in RECORDS)]), 60),
        (json.dumps({"columns": ["a", "b"], "data": [list(one.values()) for one in RECORDS]}), 90),
    ],
)
def test_of_a_file_that_is_cut_off_the_complete_records_are_read(
    tmp_path: Path, content: str, step: int
) -> None:
    path = tmp_path / "x.json"
    for length in range(step, len(content), 41):
        path.write_text(content[:length])
        table = open_table(path, is_cut_off=True)
        rows = [row for batch in table.batches() for row in batch.to_pylist()]

        for row, record in zip(rows, RECORDS, strict=False):
            assert list(row.values()) == [f"n{record['a']}", f"s{record['b']}"]
        assert abs(len(rows) - 50 * length / len(content)) < 5


def test_of_columns_that_are_cut_off_the_complete_ones_are_read(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": [1, 2, 3], "b": ["x", "y", "z"], "c": [1, 2')

    table = open_table(path, is_cut_off=True)

    assert table.names == ("a", "b")
    assert sum(map(len, table.batches())) == 3


@pytest.mark.parametrize("end", ['"b": {"0": "x", "1', '"b": {"0": "x"', '"b": {"0": "x", "1": '])
def test_of_columns_with_keys_that_are_cut_off_the_complete_ones_are_read(
    tmp_path: Path, end: str
) -> None:
    path = tmp_path / "cut.json"
    path.write_text('{"a": {"0": 1, "1": 2}, ' + end)

    table = open_table(path, is_cut_off=True)

    assert list(table.names) == ["a"]
    assert sum(map(len, table.batches())) == 2


def test_a_number_in_which_a_file_is_cut_off_may_go_on(tmp_path: Path) -> None:
    path = tmp_path / "x.json"
    path.write_text('{"a": [1, 2, 3')

    assert sum(map(len, open_table(path, is_cut_off=True).batches())) == 2


@pytest.mark.parametrize("piece", [1, 3, 7])
@pytest.mark.parametrize(
    "content",
    [
        '{"a":[10,-2.5e1,null],"b":["é","x\\n","𝄞"]}',
        '{"a":{"0":10,"1":-2.5e1,"2":null},"b":{"0":"é","1":"x\\n","2":"𝄞"}}',
        '{"n":3,"results":[{"a":10,"b":"é"},{"a":-2.5e1,"b":"x\\n"},{"b":"𝄞"}]}',
    ],
)
def test_each_layout_is_read_the_same_however_the_file_is_cut_into_pieces(
    read: Read, monkeypatch: pytest.MonkeyPatch, content: str, piece: int
) -> None:
    monkeypatch.setattr(json_reader, "_READ_CHARACTERS", piece)

    assert read(content).rows == [[10, "é"], [-25, "x\n"], [None, "𝄞"]]


def test_many_columns_and_rows_come_back_in_order(read: Read) -> None:
    table = read(json.dumps({f"c{n}": [n * 1000 + row for row in range(300)] for n in range(200)}))

    assert table.rows == [[n * 1000 + row for n in range(200)] for row in range(300)]


def test_one_record_beside_one_text_is_no_row_of_both(read: Read) -> None:
    table = read('{"results":[{"a":1}],"warnings":["slow"]}')

    assert (list(table.types), table.rows) == (["a"], [[1]])
    assert table.facts["left_out"] == ["warnings"]


@pytest.mark.parametrize("end", [47, 35, 24])
def test_columns_inside_an_object_may_be_cut_off(tmp_path: Path, end: int) -> None:
    content = '{"ok":1,"data":{"time":["x","y"],"temp":[1,2]}}'
    path = tmp_path / "table.json"
    path.write_text(content[:end])

    table = open_table(path, is_cut_off=True)

    assert table.names[0] == "time"
    assert table.facts()["table_at"] == ["data"]
