import assert from "node:assert/strict";
import { test } from "node:test";

const STUDIO = "../../data_tools/static/data_tools/studio";
const { barsOf, captionOf } = await import(`${STUDIO}/columns/captions.js`);

const figures = (fields) => ({
  type: "text",
  null_percentage: 0,
  distinct_count: 16,
  min: null,
  max: null,
  histogram: null,
  most_frequent: [],
  ...fields,
});

test("a caption tells what a column holds", () => {
  assert.equal(captionOf(figures({})), "16 values");
  assert.equal(
    captionOf(figures({ null_percentage: 0.7, distinct_count: 4043 })),
    "4,043 values · 0.7% missing",
  );
  assert.equal(captionOf(figures({ type: "float", null_percentage: 2.45 })), "2.5% missing");
  assert.equal(captionOf(figures({ type: "float" })), "16 values");
  const span = captionOf(figures({ type: "date", min: "2013-01-01", max: "2013-12-31" }));
  assert.equal(span.replace(/\s/g, " "), "Jan 1 – Dec 31, 2013");
  const truth = [
    { value: false, count: 3 },
    { value: true, count: 1 },
  ];
  assert.equal(captionOf(figures({ type: "boolean", most_frequent: truth })), "25% true");
  assert.equal(captionOf(figures({ distinct_count: 0, null_percentage: 100 })), "all missing");
  assert.equal(captionOf(figures({ distinct_count: 0 })), "0 values");
});

test("bars are those of the histogram, else of the most frequent values", () => {
  const most_frequent = Array.from({ length: 20 }, (_, at) => ({ value: `${at}`, count: 20 - at }));
  assert.deepEqual(barsOf(figures({ most_frequent })), [20, 19, 18, 17, 16, 15, 14, 13, 12, 11]);
  assert.deepEqual(
    barsOf(figures({ histogram: { edges: [0, 1, 2], counts: [5, 0] }, most_frequent })),
    [5, 0],
  );
});

test("a view follows columns that were renamed, wherever it names them", async () => {
  const { columnsNamedIn, renamedView } = await import(`${STUDIO}/state/renamed_view.js`);
  const is = (column) => ({ column, op: "eq", value: 1 });
  const view = {
    filter: [{ any: [is("a"), { not: is("b") }] }, { all: [is("a"), is("c")] }],
    sort: [{ column: "a", descending: true }],
    hidden: ["b"],
    order: ["a", "c"],
    widths: { a: 90, c: 40 },
  };
  const after = renamedView(
    view,
    new Map([
      ["a", "A"],
      ["b", "a"],
    ]),
  );
  assert.deepEqual(after, {
    filter: [{ any: [is("A"), { not: is("a") }] }, { all: [is("A"), is("c")] }],
    sort: [{ column: "A", descending: true }],
    hidden: ["a"],
    order: ["A", "c"],
    widths: { A: 90, c: 40 },
  });
  assert.deepEqual(new Set(columnsNamedIn(view)), new Set(["a", "b", "c"]));
});
