import assert from "node:assert/strict";
import { test } from "node:test";

import {
  lookedAtEntry,
  timelineOf,
} from "../../data_tools/static/data_tools/studio/history/timeline.js";

const STARTED_AT = "2026-11-22T10:00:00.000000+00:00";
const NOW = { lookedAt: null, lookedAtSession: null, lookedAtTime: null };

function step(version, time = `2026-11-22T10:0${version}:00.000000+00:00`) {
  return {
    version,
    operation: "rename_column",
    parameters: {},
    cells_changed: 0,
    applied_at: time,
  };
}

function told(entries) {
  return entries.map(({ kind, number, version }) => [kind, number, version]);
}

test("the newest is on top, what was undone above it, the file at the bottom", () => {
  const entries = timelineOf({
    steps: [step(2), step(4)],
    undone: [step(5), step(7)],
    startedAt: STARTED_AT,
  });

  assert.deepEqual(told(entries), [
    ["undone", 4, 7],
    ["undone", 3, 5],
    ["step", 2, 4],
    ["step", 1, 2],
    ["file", 0, 1],
  ]);
  assert.deepEqual(
    entries.map((entry) => entry.isNow),
    [false, false, true, false, false],
  );
});

test("without a step the file is what there is now", () => {
  const [undone, file] = timelineOf({ steps: [], undone: [step(2)], startedAt: STARTED_AT });

  assert.equal(undone.isNow, false);
  assert.equal(file.isNow, true);
});

test("a step from before the session began came from another session", () => {
  const entries = timelineOf({
    steps: [step(2, "2026-11-22T09:59:59.000000+00:00"), step(3)],
    undone: [],
    startedAt: STARTED_AT,
  });

  assert.deepEqual(
    entries.map((entry) => entry.isInherited),
    [false, true, false],
  );
});

test("the entry that is looked at is found by its version and its session", () => {
  const inherited = step(4, "2026-11-22T09:00:00.000000+00:00");
  const entries = timelineOf({ steps: [inherited, step(4)], undone: [], startedAt: STARTED_AT });
  const [own, other, file] = entries;

  assert.equal(lookedAtEntry(entries, NOW), own);
  assert.equal(lookedAtEntry(entries, { ...NOW, lookedAt: 4 }), own);
  assert.equal(lookedAtEntry(entries, { ...NOW, lookedAt: 4, lookedAtSession: "s" }), other);
  assert.equal(lookedAtEntry(entries, { ...NOW, lookedAt: 1 }), file);
  assert.equal(lookedAtEntry(entries, { ...NOW, lookedAt: 3 }), null);
});

test("another session that is looked at for itself is none of the entries", () => {
  const inherited = step(4, "2026-11-22T09:00:00.000000+00:00");
  const entries = timelineOf({ steps: [inherited], undone: [], startedAt: STARTED_AT });
  const looking = { lookedAt: 4, lookedAtSession: "s", lookedAtTime: STARTED_AT };

  assert.equal(lookedAtEntry(entries, looking), null);
});
