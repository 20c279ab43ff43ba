import assert from "node:assert/strict";
import { test } from "node:test";

const STUDIO = "../../data_tools/static/data_tools/studio";
const { draftOf, emptyDraft, entryOf } = await import(`${STUDIO}/filters/drafts.js`);
const tree = await import(`${STUDIO}/filters/filter_tree.js`);
const { sentenceOf } = await import(`${STUDIO}/filters/sentences.js`);
const places = await import(`${STUDIO}/filters/places.js`);
const { searchValues } = await import(`${STUDIO}/filters/value_search.js`);

const is = (column, value) => ({ column, op: "eq", value });
const [A, B, C] = [is("a", 1), is("b", 2), is("c", 3)];

const MADE_BY_THE_PANEL = {
  text: [
    { column: "x", op: "eq", value: "BOS" },
    { column: "x", op: "eq", value: "" },
    { column: "x", op: "ne", value: "BOS" },
    { column: "x", op: "in", value: ["BOS", "ORD"] },
    { not: { column: "x", op: "in", value: ["BOS", "ORD"] } },
    {
      any: [
        { column: "x", op: "in", value: ["BOS", "ORD"] },
        { column: "x", op: "is_null" },
      ],
    },
    {
      all: [
        { column: "x", op: "ne", value: "BOS" },
        { column: "x", op: "not_null" },
      ],
    },
    { column: "x", op: "contains", value: "o", ignore_case: true },
    { column: "x", op: "starts_with", value: "O" },
    { not: { column: "x", op: "ends_with", value: "o", ignore_case: true } },
    { column: "x", op: "in", value: ["bos", "ord"], ignore_case: true },
    {
      any: [
        { column: "x", op: "contains", value: "o" },
        { column: "x", op: "is_null" },
      ],
    },
    { column: "x", op: "is_null" },
    { column: "x", op: "not_null" },
  ],
  integer: [
    { column: "x", op: "gt", value: 60 },
    { column: "x", op: "lte", value: 0 },
    { column: "x", op: "between", value: [1, 5] },
    { column: "x", op: "eq", value: "9007199254740993" },
    {
      all: [
        { column: "x", op: "gte", value: 1 },
        { column: "x", op: "lt", value: 5 },
      ],
    },
    {
      any: [
        { column: "x", op: "gte", value: 1 },
        { column: "x", op: "is_null" },
      ],
    },
  ],
  datetime: [
    { column: "x", op: "between", value: ["2013-01-01T00:00:00", "2013-01-31T23:59:59"] },
    { column: "x", op: "in", value: ["2013-01-01T05:15:00", "2013-01-01T05:40:00Z"] },
  ],
  boolean: [
    { column: "x", op: "eq", value: true },
    {
      any: [
        { column: "x", op: "eq", value: true },
        { column: "x", op: "eq", value: false },
      ],
    },
    {
      any: [
        { column: "x", op: "eq", value: true },
        { column: "x", op: "is_null" },
      ],
    },
    { not: { column: "x", op: "eq", value: true } },
    { column: "x", op: "is_null" },
    { column: "x", op: "not_null" },
  ],
};

for (const [type, entries] of Object.entries(MADE_BY_THE_PANEL)) {
  for (const entry of entries) {
    test(`the panel shows and makes again ${JSON.stringify(entry)} of ${type}`, () => {
      const column = { name: "x", type };
      const draft = draftOf(entry, column);
      assert.deepEqual(entryOf(draft, column), entry);
    });
  }
}

test("what the panel can not show is left to the group", () => {
  const column = { name: "x", type: "text" };
  const other = { name: "y", type: "text" };
  const deep = { any: [{ not: { any: [is("x", "a"), is("x", "b")] } }, is("x", "c")] };
  assert.equal(draftOf(deep, column), null);
  assert.equal(draftOf(is("x", "a"), other), null);
  assert.equal(draftOf({ any: [is("x", "a"), is("y", "b")] }, column), null);
  assert.equal(draftOf({ column: "x", op: "gt", value: "a" }, column), null);
});

test("a draft that leaves every row makes no condition", () => {
  for (const type of ["text", "integer", "boolean", "date"]) {
    assert.equal(entryOf(emptyDraft(type), { name: "x", type }), null);
  }
});

test("an entry is replaced, added and taken away at its path", () => {
  assert.deepEqual(tree.withEntry([A, B], [1], C), [A, C]);
  assert.deepEqual(tree.withEntry([A], [1], B), [A, B]);
  assert.deepEqual(tree.withEntry([A, B], [0], null), [B]);
  assert.deepEqual(tree.withEntry([{ any: [A, B] }], [0, 2], C), [{ any: [A, B, C] }]);
  assert.deepEqual(tree.withEntry([{ any: [A, B] }], [0, 0], null), [B]);
});

test("a filter becomes an alternative to another one, wherever it was", () => {
  assert.deepEqual(tree.withMade([A, B], [2], C, 0), [{ any: [A, C] }, B]);
  assert.deepEqual(tree.withMade([A, B], [0], C, 1), [{ any: [B, C] }]);
  assert.deepEqual(tree.withMade([{ any: [A, B] }], [1], C, 0), [{ any: [A, B, C] }]);
  assert.deepEqual(tree.withMade([A], [0], null, null), []);
});

test("the others are those that stay in force while one is changed", () => {
  assert.deepEqual(tree.othersThan([A, { any: [B, C] }], [1, 0]), [A]);
});

test("a filter is told in a sentence", () => {
  const types = { arr_delay: "integer", dest: "text", day: "date" };
  const told = (entry) => sentenceOf(entry, (name) => types[name]);
  assert.equal(told({ column: "arr_delay", op: "gt", value: 60 }), "arr_delay is more than 60");
  const four = { column: "dest", op: "in", value: ["BOS", "ORD", "LAX", "SFO"] };
  assert.equal(told(four), "dest is one of BOS, ORD, +2");
  assert.equal(told({ not: four }), "dest is not one of BOS, ORD, +2");
  const gap = { any: [is("dest", "BOS"), { column: "dest", op: "is_null" }] };
  assert.equal(told(gap), "dest is BOS or is missing");
  assert.equal(told(is("dest", "")), "dest is ‹empty›");
  assert.equal(
    told({ column: "day", op: "gte", value: "2013-01-31" }),
    "day is not before Jan 31, 2013",
  );
  const nested = {
    any: [
      is("dest", "BOS"),
      { all: [{ column: "arr_delay", op: "lt", value: 0 }, is("day", "2013-01-01")] },
    ],
  };
  assert.equal(told(nested), "dest is BOS or (arr_delay is less than 0 and day is Jan 1, 2013)");
  assert.equal(told(is("", "x")), "(no name) is x");
  const search = { column: "dest", op: "contains", value: "o" };
  assert.equal(told(search), "dest contains “o” in this case");
  assert.equal(told({ ...search, ignore_case: true }), "dest contains “o”");
});

test("a large integer keeps all its digits", () => {
  assert.equal(places.numberFrom("9007199254740993", "integer"), "9007199254740993");
  assert.equal(places.numberFrom("9223372036854775807", "integer"), "9223372036854775807");
  assert.equal(places.numberFrom("9007199254740992", "integer"), 2 ** 53);
  assert.equal(places.numberFrom("-60", "integer"), -60);
  assert.equal(places.numberFrom("−2.5", "float"), -2.5);
  assert.equal(places.numberFrom("", "float"), null);
  assert.equal(places.numberFrom("many", "float"), undefined);
  assert.equal(places.canBePlaced("9007199254740993", "9007199254740999"), false);
  assert.equal(places.canBePlaced(0, 5), true);
});

test("places lead back to the values that they are of", () => {
  for (const [value, type] of [
    [7, "integer"],
    [2.5, "float"],
    ["2013-01-31", "date"],
    ["2013-01-31T05:40:00", "datetime"],
  ]) {
    assert.equal(places.valueAt(places.placeOf(value, type), type), value);
  }
  assert.equal(
    places.placeOf("2013-01-01T05:40:00+01:00", "datetime"),
    Date.UTC(2013, 0, 1, 4, 40),
  );
});

test("a slider's steps are round and not too many", () => {
  assert.equal(places.stepBetween(-86, 1272, "integer"), 2);
  assert.equal(places.stepBetween(0, 20, "integer"), 1);
  assert.equal(places.stepBetween(0, 1, "float"), 0.001);
});

test("known values are found as the service finds them: those that begin with the text first", () => {
  const values = ["ORD", "BOS", "oakland", ""].map((value) => ({ value, count: 1 }));
  assert.deepEqual(
    searchValues(values, "o").map(({ value }) => value),
    ["ORD", "oakland", "BOS"],
  );
  assert.equal(searchValues(values, ""), values);
});
