"""JSON files that hold their table in another layout than a list of records."""

from __future__ import annotations

import json
from typing import Any

from tests.support.tried_files.tried_file import Reads, Refuses, TriedFile

AB = {"a": "integer", "b": "text"}
ROWS = [[1, "x"], [2, "y"]]
RECORDS = [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def laid_out(name: str, content: Any, *more: Reads | Refuses) -> TriedFile:
    """Return a JSON file of the table a, b, or one that the reader may refuse."""
    return TriedFile(
        reference="json-layout",
        variant=name,
        about="A layout is read, or refused with those that are.",
        content=content if isinstance(content, str) else json.dumps(content),
        file_name="table.json",
        right=[Reads(types=AB, rows=ROWS), Refuses("INGEST_BROKEN_JSON", ("columns",)), *more],
    )


FILES = (
    laid_out("columns", {"a": [1, 2], "b": ["x", "y"]}),
    laid_out("pandas-default", {"a": {"0": 1, "1": 2}, "b": {"0": "x", "1": "y"}}),
    laid_out("pandas-index", {"0": RECORDS[0], "1": RECORDS[1]}),
    laid_out(
        "pandas-index-of-names",
        {"r1": RECORDS[0], "r2": RECORDS[1]},
        Reads(types={"index": "text", **AB}, rows=[["r1", 1, "x"], ["r2", 2, "y"]]),
    ),
    laid_out("envelope-results", {"count": 2, "next": None, "results": RECORDS}),
    laid_out("envelope-data", {"data": RECORDS}),
    laid_out("envelope-items", {"items": RECORDS, "total": 2}),
    laid_out("envelope-after", {"rows": RECORDS, "meta": {"page": 1}}),
    laid_out(
        "pandas-table",
        {
            "schema": {
                "fields": [{"name": "a", "type": "integer"}, {"name": "b", "type": "string"}],
                "pandas_version": "1.4.0",
            },
            "data": RECORDS,
        },
    ),
    laid_out(
        "values-with-header",
        [["a", "b"], [1, "x"], [2, "y"]],
        Reads(
            types={"column_1": "text", "column_2": "text"},
            rows=[["a", "b"], ["1", "x"], ["2", "y"]],
        ),
    ),
    laid_out("split-as-strings", '{"columns":["a","b"],"index":[0,1],"data":[[1,"x"],[2,"y"]]}'),
    laid_out("lines-of-arrays", '["a","b"]\n[1,"x"]\n[2,"y"]\n'),
    laid_out("one-after-the-other", '{"a": 1, "b": "x"}{"a": 2, "b": "y"}'),
    laid_out("lines-with-blank-ones", '{"a": 1, "b": "x"}\n\n{"a": 2, "b": "y"}\n\n'),
    laid_out("mark", "\ufeff" + json.dumps(RECORDS)),
    TriedFile(
        reference="json-layout",
        variant="geojson",
        about="Features are rows of properties, or the file is refused.",
        content=json.dumps(
            {
                "type": "FeatureCollection",
                "features": [
                    {
                        "type": "Feature",
                        "properties": {"a": 1},
                        "geometry": {"type": "Point", "coordinates": [1.5, 2.5]},
                    }
                ],
            }
        ),
        file_name="map.geojson",
        right=[
            Reads(
                types={"a": "integer", "geometry": "text"},
                rows=[[1, '{"type":"Point","coordinates":[1.5,2.5]}']],
            ),
            Refuses("INGEST_BROKEN_JSON", ("columns",)),
        ],
    ),
    TriedFile(
        reference="json-layout",
        variant="columns-of-unequal-length",
        about="Columns of different lengths are no table.",
        content='{"a":[1,2,3],"b":["x","y"]}',
        file_name="table.json",
        right=[Refuses("INGEST_BROKEN_JSON", ("b",))],
    ),
)
