// The pure parts of the page of datasets and of the import screen.

import assert from "node:assert/strict";
import test from "node:test";

import { changedCells } from "../../data_tools/static/data_tools/datasets/import/changed_cells.js";
import { faultyLines, lineOf } from "../../data_tools/static/data_tools/datasets/import/fault.js";
import { found, latestOfEach } from "../../data_tools/static/data_tools/datasets/state.js";
import {
  DATE_FORMATS,
  exampleOf,
} from "../../data_tools/static/data_tools/page/date_format_examples.js";
import { placeBeside } from "../../data_tools/static/data_tools/studio/comfort/tour_stops.js";

const preview = (names, rows) => ({
  columns: names.map((name) => ({ name })),
  rows: rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]]))),
});
const bytesOf = (text) => new TextEncoder().encode(text).buffer;

test("cells that are read differently are found by their place, also in a renamed column", () => {
  const before = preview(
    ["a", "b"],
    [
      ["1,5", 1],
      ["2,5", 2],
    ],
  );
  const after = preview(
    ["price", "b"],
    [
      [1.5, 1],
      [2.5, 2],
    ],
  );

  assert.deepEqual([...changedCells(before, after)], ["0 0", "1 0"]);
});

test("nothing is marked in a first preview, nor where there are other columns", () => {
  const one = preview(["a,b"], [["1,2"]]);
  const two = preview(["a", "b"], [["1", "2"]]);

  assert.equal(changedCells(null, two).size, 0);
  assert.equal(changedCells(one, two).size, 0);
});

test("the lines of an error come with their text where the service gives it", () => {
  const ragged = { ragged_lines: { first: [{ line: 4 }, { line: 9 }] } };

  assert.deepEqual(faultyLines({ details: { line: 4, line_text: "3,Alan", ...ragged } }), [
    { line: 4, text: "3,Alan" },
    { line: 9 },
  ]);
  assert.deepEqual(faultyLines({}), []);
});

test("a line is taken from the file whatever ends its lines, and as far as it is there", () => {
  const head = bytesOf("one\r\ntwo\nthree\rfour");

  assert.deepEqual(
    [1, 2, 3, 4, 5].map((line) => lineOf(head, line)),
    ["one", "two", "three", "four", undefined],
  );
});

test("a line is read in the file's encoding, and cut where it is long", () => {
  assert.equal(lineOf(Uint8Array.of(0x4d, 0xfc).buffer, 1, "cp1252"), "Mü");
  assert.equal(lineOf(bytesOf("x".repeat(1_000)), 1, "no such encoding").length, 301);
});

test("every date format is shown by an example without letters of strptime", () => {
  for (const format of DATE_FORMATS) assert.doesNotMatch(exampleOf(format), /%/);
  assert.equal(exampleOf("%d.%m.%Y"), "31.01.2013");
});

test("a dataset is found by its name or its file's, and not while it is being deleted", () => {
  const list = [
    { id: "1", name: "Flights", original_filename: "nyc.csv" },
    { id: "2", name: "people", original_filename: "people.xlsx" },
  ];

  const ids = (search, deleting = []) =>
    found(/** @type {any} */ ({ list, search, deleting })).map(({ id }) => id);

  assert.deepEqual(ids("fli"), ["1"]);
  assert.deepEqual(ids(" XLSX "), ["2"]);
  assert.deepEqual(ids("", ["2"]), ["1"]);
});

test("one session of each dataset is offered: the latest, if there is work in it", () => {
  const session = (datasource_id, operations_count, others = {}) =>
    /** @type {any} */ ({ datasource_id, operations_count, ...others });
  const sessions = [
    session("a", 3),
    session("b", 0),
    session("a", 9),
    session("b", 2),
    session("c", 1, { datasource_deleted: true }),
    session("d", null),
  ];

  assert.deepEqual(latestOfEach(sessions), [sessions[0], sessions[5]]);
});

test("the words of the tour stay inside of the window, wherever they point", () => {
  const size = { width: 320, height: 150 };
  const space = { width: 1280, height: 720 };
  const targets = [
    { left: 0, top: 0, right: 40, bottom: 30 },
    { left: 1200, top: 20, right: 1270, bottom: 60 },
    { left: 400, top: 680, right: 600, bottom: 715 },
    { left: 1000, top: 50, right: 1280, bottom: 720 },
    { left: 0, top: 0, right: 1280, bottom: 720 },
  ];

  for (const target of targets) {
    const { left, top } = placeBeside(target, size, space, 12);
    assert.ok(left >= 12 && left + size.width <= space.width - 12, `left ${left}`);
    assert.ok(top >= 12 && top + size.height <= space.height - 12, `top ${top}`);
  }
  assert.equal(placeBeside(targets[0], size, space, 12).top, 42);
});
