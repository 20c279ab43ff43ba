// The view: the order of columns, how it is written, and the pages that are kept.

import assert from "node:assert/strict";
import { test } from "node:test";

const STUDIO = "../../data_tools/static/data_tools/studio";
const { orderWithMoved, shownColumns, writtenView } = await import(`${STUDIO}/state/view.js`);
const { withoutColumns } = await import(`${STUDIO}/state/renamed_view.js`);
const { PageCache } = await import(`${STUDIO}/page_cache.js`);

const columns = ["a", "b", "c", "d"].map((name) => ({ name }));
const names = (order, hidden = []) =>
  shownColumns(columns, { order, hidden }).map(({ name }) => name);

test("a column is moved before another one, with the shortest order that says so", () => {
  const moved = orderWithMoved(columns, [], "c", "a");

  assert.deepEqual(moved, ["c"]);
  assert.deepEqual(names(moved), ["c", "a", "b", "d"]);
});

test("a column is moved to the end, and back", () => {
  const moved = orderWithMoved(columns, [], "b", null);

  assert.deepEqual(names(moved), ["a", "c", "d", "b"]);
  assert.deepEqual(orderWithMoved(columns, moved, "b", "c"), []);
});

test("columns that the table no longer has are passed over", () => {
  assert.deepEqual(names(["gone", "d"], ["a", "gone"]), ["d", "b", "c"]);
});

test("every move can be told by the order that it makes", () => {
  let order = [];
  let expected = ["a", "b", "c", "d"];
  for (const [name, before] of [
    ["d", "b"],
    ["a", null],
    ["c", "d"],
    ["b", "a"],
    ["a", "c"],
  ]) {
    const rest = expected.filter((each) => each !== name);
    const at = before === null ? rest.length : rest.indexOf(before);
    expected = [...rest.slice(0, at), name, ...rest.slice(at)];
    order = orderWithMoved(columns, order, name, before);
    assert.deepEqual(names(order), expected);
  }
});

test("a view is written as the service spells it", () => {
  const looked = {
    pageNumber: 3,
    pageSize: 50,
    sort: [
      { column: "-a", descending: false },
      { column: "b", descending: true },
      { column: "c", descending: false, locale: "de" },
    ],
    filter: [],
    hidden: ["d"],
    order: ["b"],
    widths: { b: 90 },
    frozen: 1,
  };

  assert.deepEqual(writtenView(looked), {
    page_number: 3,
    page_size: 50,
    sort: ["+-a", "-b", '{"column":"c","descending":false,"locale":"de"}'],
    filter: null,
    hidden_columns: ["d"],
    column_order: ["b"],
    column_widths: { b: 90 },
    frozen_columns: 1,
  });
});

test("orders and filters by a dropped column end, and the others stay", () => {
  const before = {
    sort: ["a", "b"].map((column) => ({ column, descending: false })),
    filter: [
      { column: "b", op: "is_null" },
      {
        all: [{ column: "b", op: "not_null" }, { not: { column: "a", op: "is_null" } }],
      },
    ],
  };

  const after = withoutColumns(before, new Set(["a"]));

  assert.deepEqual(after.sort, [{ column: "b", descending: false }]);
  assert.deepEqual(after.filter, [{ column: "b", op: "is_null" }]);
});

const page = (rows) => ({ data: Array.from({ length: rows }), columns: [{}, {}] });

test("the page that was not used for longest makes room", () => {
  const pages = new PageCache({ cells: 40 });
  pages.keep("one", page(10));
  pages.keep("two", page(10));
  pages.get("one");

  pages.keep("three", page(10));

  assert.deepEqual(
    ["one", "two", "three"].map((key) => pages.has(key)),
    [true, false, true],
  );
});

test("a page that is larger than all the room is not kept, and costs no other its place", () => {
  const pages = new PageCache({ cells: 40 });
  pages.keep("one", page(10));

  pages.keep("large", page(21));

  assert.equal(pages.has("large"), false);
  assert.equal(pages.has("one"), true);
});

test("no more than so many pages are kept, however small they are", () => {
  const pages = new PageCache({ pages: 2 });
  for (const key of ["one", "two", "three"]) pages.keep(key, page(1));

  assert.deepEqual(
    ["one", "two", "three"].map((key) => pages.has(key)),
    [false, true, true],
  );
});

test("pages that are too large are not read ahead", () => {
  const pages = new PageCache({ cells: 60 });

  assert.equal(pages.hasRoomForNeighbours(20), true);
  assert.equal(pages.hasRoomForNeighbours(21), false);
});

test("keeping a page again takes its room once", () => {
  const pages = new PageCache({ cells: 40 });
  for (let time = 0; time < 5; time++) pages.keep("one", page(20));

  assert.equal(pages.size, 1);
  assert.equal(pages.get("two"), undefined);
});
