// Every text that a page asks for is there, and none is kept that no page asks for.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import test from "node:test";

import { MESSAGES } from "../../data_tools/static/data_tools/page/messages.js";

const ROOT = new URL("../../data_tools/static/data_tools/", import.meta.url);
const ROOMS = ["page", "datasets", "studio"];

const sources = ROOMS.flatMap((room) =>
  readdirSync(new URL(room, ROOT), { recursive: true, encoding: "utf-8" })
    .filter((path) => path.endsWith(".js") && path !== "messages.js")
    .map((path) => readFileSync(new URL(`${room}/${path}`, ROOT), "utf-8")),
);
const keys = Object.keys(MESSAGES);
const isKey = new RegExp(`^(${[...new Set(keys.map((key) => key.split(".")[0]))].join("|")})\\.`);

/** Return what stands in quotes and looks like a key, and the beginnings of keys that are put together. */
function asked() {
  const whole = new Set();
  const begun = new Set();
  for (const source of sources) {
    for (const [, text] of source.matchAll(/"([\w.-]+)"/g)) if (isKey.test(text)) whole.add(text);
    for (const [, text] of source.matchAll(/`([\w.-]+\.)\$\{/g))
      if (isKey.test(text)) begun.add(text);
  }
  return { whole, begun: [...begun] };
}

test("every text that is asked for is there", () => {
  for (const source of sources) {
    for (const [, key] of source.matchAll(/\bsay\(\s*"([^"]+)"/g)) {
      assert.ok(key in MESSAGES, `there is no message ${key}`);
    }
  }
});

test("every text is asked for", () => {
  const { whole, begun } = asked();
  const unused = keys.filter(
    (key) => !whole.has(key) && !begun.some((beginning) => key.startsWith(beginning)),
  );

  assert.deepEqual(unused, []);
});

test("a text with forms has one for every other count, and names what it counts", () => {
  for (const [key, message] of Object.entries(MESSAGES)) {
    if (typeof message === "string") continue;
    assert.ok(message.one && message.other, key);
  }
});
