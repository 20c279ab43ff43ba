import assert from "node:assert/strict";
import { test } from "node:test";

import { RowCounter } from "../../data_tools/static/data_tools/studio/saving/row_counter.js";

function rowsOf(format, text, pieceLength) {
  const counter = new RowCounter(format);
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += pieceLength) {
    counter.add(bytes.subarray(at, at + pieceLength));
  }
  return counter.rows;
}

const CSV = 'name,"a ""b"",\r\nc"\r\nUA,1\r\n"x\r\ny ""z""",2\r\n"",3\r\n';
const CASES = [
  ["csv", CSV, 3],
  ["csv", "name\r\n", 0],
  ["csv", "", 0],
  ["csv", '\ufeffname\r\n"é\n"\r\n', 1],
  ["jsonl", '{"a": "x\\ny"}\n{"a": "\\""}\n', 2],
  ["jsonl", "", 0],
];

for (const [format, text, rows] of CASES) {
  test(`${format} ${JSON.stringify(text)} has ${rows} rows, however it is cut`, () => {
    for (const pieceLength of [1, 2, 3, 7, 1_000]) {
      assert.equal(rowsOf(format, text, pieceLength), rows);
    }
  });
}

test("rows are counted while they arrive, and a half row is none", () => {
  const counter = new RowCounter("csv");
  counter.add(new TextEncoder().encode("a,b\r\n1,2\r\n3,"));

  assert.equal(counter.rows, 1);
});

test("only files whose line ends are single bytes are counted", () => {
  assert.equal(RowCounter.canCount("csv", "utf-8"), true);
  assert.equal(RowCounter.canCount("csv", "big5"), true);
  assert.equal(RowCounter.canCount("csv", "utf-16"), false);
  assert.equal(RowCounter.canCount("jsonl", "utf-8"), true);
  assert.equal(RowCounter.canCount("xlsx", "utf-8"), false);
  assert.equal(RowCounter.canCount("parquet", "utf-8"), false);
});
