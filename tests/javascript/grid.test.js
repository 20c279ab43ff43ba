// The grid's own rules: what a cell shows, where keys lead, which columns are drawn, what is copied.

import assert from "node:assert/strict";
import { test } from "node:test";

const GRID = "../../data_tools/static/data_tools/studio/grid";
const { cellText, piecesOf } = await import(`${GRID}/cell_text.js`);
const { DRAWN_AT_ONCE, columnsToDraw, stepOf } = await import(`${GRID}/column_window.js`);
const { fittingWidth, guessedWidth } = await import(`${GRID}/column_widths.js`);
const { placeAfter, rangeOf } = await import(`${GRID}/movement.js`);
const { nextSort } = await import(`${GRID}/sorting.js`);
const { tabSeparated } = await import(`${GRID}/tab_separated.js`);

const ascending = (column) => ({ column, descending: false });
const descending = (column) => ({ column, descending: true });

test("a number keeps all its digits, and four of them stay together", () => {
  const shown = (value, type = "float") => cellText(value, type).text;

  assert.equal(shown(2013, "integer"), "2013");
  assert.equal(shown(12345, "integer"), "12,345");
  assert.equal(shown("-9007199254740993", "integer"), "−9,007,199,254,740,993");
  assert.equal(shown(0.1), "0.1");
  assert.equal(shown(1 / 3), "0.3333333333333333");
  assert.equal(shown(5e-9), "5E−9");
  assert.equal(shown(1e300), "1E300");
});

test("a date is the day that is written, and a moment keeps its fraction and its offset", () => {
  const moment = (text) => cellText(text, "datetime");

  assert.equal(cellText("2013-01-03", "date").text, "Jan 3, 2013");
  assert.equal(cellText("0099-01-03", "date").text, "Jan 3, 99");
  assert.equal(cellText("no date", "date").text, "no date");
  assert.equal(moment("2013-01-01T23:59:00").text.replace(/\s/g, " "), "Jan 1, 2013, 11:59 PM");
  assert.match(moment("2013-01-01T05:15:09.120000").text, /5:15:09\.12\s?AM$/);
  assert.match(moment("2013-01-01T05:15:00.5").text, /5:15:00\.5\s?AM$/);
  assert.equal(moment("2013-01-01T05:15:00+02:00").offset, "+02:00");
  assert.equal(moment("2013-01-01T05:15:00").offset, undefined);
});

test("values are written as they are stored for those who chose that", () => {
  assert.equal(cellText(-12345.5, "float", true).text, "-12345.5");
  assert.equal(cellText("2013-01-03", "date", true).text, "2013-01-03");
});

test("missing, empty and blank are three things", () => {
  assert.equal(cellText(null, "text").kind, "missing");
  assert.equal(cellText(null, "integer").kind, "missing");
  assert.equal(cellText("", "text").kind, "empty");
  assert.deepEqual(cellText(" ", "text"), {
    kind: "text",
    text: " ",
    hasMarks: true,
    isCut: false,
  });
  assert.equal(cellText(false, "boolean").text, "false");
  assert.equal(cellText("two words", "text").hasMarks, false);
});

test("what cannot be seen in a text is shown by marks", () => {
  assert.deepEqual(piecesOf("  a b\t\r\n"), [
    { mark: "␣" },
    { mark: "␣" },
    { text: "a b" },
    { mark: "⇥" },
    { mark: "↵" },
  ]);
  assert.deepEqual(piecesOf("a\nb\u00a0"), [
    { text: "a" },
    { mark: "↵" },
    { text: "b" },
    { mark: "⍽" },
  ]);
  assert.deepEqual(piecesOf("  "), [{ mark: "␣" }, { mark: "␣" }]);
});

test("a long text is cut", () => {
  const { text, isCut } = cellText("x".repeat(10_000), "text");

  assert.equal(isCut, true);
  assert.ok(text.length < 1_000);
});

test("a column sorts up, down and not at all", () => {
  assert.deepEqual(nextSort([], "a", false), [ascending("a")]);
  assert.deepEqual(nextSort([ascending("a")], "a", false), [descending("a")]);
  assert.deepEqual(nextSort([descending("a")], "a", false), []);
  assert.deepEqual(nextSort([ascending("a"), ascending("b")], "c", false), [ascending("c")]);
});

test("with Shift the other columns keep their places in the order, up to four", () => {
  const two = [ascending("a"), ascending("b")];

  assert.deepEqual(nextSort(two, "a", true), [descending("a"), ascending("b")]);
  assert.deepEqual(nextSort([descending("a"), ascending("b")], "a", true), [ascending("b")]);
  const four = ["a", "b", "c", "d"].map(ascending);
  assert.equal(nextSort(four, "e", true), four);
});

test("what else an order has stays when its direction changes", () => {
  const german = { column: "a", descending: false, locale: "de" };

  assert.deepEqual(nextSort([german], "a", false), [{ ...german, descending: true }]);
});

const extent = { rows: 10, columns: 5, rowsInSight: 4 };
const led = (key, row, column, isFar = false) =>
  placeAfter({ key, isFar }, { row, column }, extent);

test("keys lead from cell to cell and stop at the edges", () => {
  assert.deepEqual(led("ArrowDown", 9, 2), { row: 9, column: 2 });
  assert.deepEqual(led("ArrowUp", 0, 2), { row: -1, column: 2 });
  assert.deepEqual(led("ArrowUp", -1, 2), { row: -1, column: 2 });
  assert.deepEqual(led("ArrowLeft", 3, 0), { row: 3, column: 0 });
  assert.deepEqual(led("End", 3, 0), { row: 3, column: 4 });
  assert.deepEqual(led("Home", 3, 4, true), { row: 0, column: 0 });
  assert.deepEqual(led("End", 3, 0, true), { row: 9, column: 4 });
  assert.deepEqual(led("ArrowDown", 3, 1, true), { row: 9, column: 1 });
  assert.equal(led("x", 3, 1), null);
});

test("page keys lead through the page, and at its ends to its neighbours", () => {
  assert.deepEqual(led("PageDown", 3, 1), { row: 7, column: 1 });
  assert.deepEqual(led("PageDown", 7, 1), { row: 9, column: 1 });
  assert.deepEqual(led("PageDown", 9, 1), { row: 0, column: 1, turn: 1 });
  assert.deepEqual(led("PageUp", 2, 1), { row: 0, column: 1 });
  assert.deepEqual(led("PageUp", 0, 1), { row: 9, column: 1, turn: -1 });
});

test("a range lies between two corners, whichever came first", () => {
  const { top, bottom, left, right } = rangeOf({ row: 5, column: 1, toRow: 2, toColumn: 3 });

  assert.deepEqual([top, bottom, left, right], [2, 5, 1, 3]);
});

test("copied values are exact, and those with tabs and line ends are quoted", () => {
  const rows = [
    [1, null, "", "9007199254740993"],
    ["a\tb", 'say "no"', "two\nlines", false],
  ];

  assert.equal(
    tabSeparated(rows),
    '1\t\t\t9007199254740993\n"a\tb"\t"say ""no"""\t"two\nlines"\tfalse',
  );
});

test("of a wide table the columns in sight are drawn, and gaps take the room of the others", () => {
  const widths = Array.from({ length: 5_000 }, () => 100);
  const pieces = columnsToDraw(widths, {
    step: stepOf(200_000),
    room: 1_200,
    frozen: 2,
    also: 4_999,
  });
  const drawn = pieces.filter((piece) => "at" in piece).map(({ at }) => at);

  assert.deepEqual(drawn.slice(0, 2), [0, 1]);
  assert.equal(drawn.at(-1), 4_999);
  assert.ok(drawn.includes(2_000) && drawn.includes(2_012));
  assert.ok(drawn.length < 40);
  const taken = pieces.reduce((sum, piece) => sum + (piece.gap ?? 100), 0);
  assert.equal(taken, 500_000);
});

test("of a narrow table all columns are drawn", () => {
  const widths = Array.from({ length: DRAWN_AT_ONCE }, () => 100);
  const pieces = columnsToDraw(widths, { step: 9, room: 300, frozen: 0, also: 0 });

  assert.equal(pieces.length, DRAWN_AT_ONCE);
});

test("a column has room for its name and for what it holds, within bounds", () => {
  const rows = [{ name: "x".repeat(30) }];
  const guess = (name, type, seen) => guessedWidth({ name, type }, seen);

  assert.ok(guess("name", "text", rows) > guess("name", "text", []));
  assert.ok(guess("a name that is longer", "text", []) > guess("name", "text", []));
  assert.ok(guess("name", "text", [{ name: "x".repeat(9_999) }]) < 300);
  const width = fittingWidth({ name: "name", type: "text" }, rows, (text) => text.length * 10);
  assert.ok(width >= 300 && width < 360);
});
