// The history as it is listed: what was undone and can be redone, the steps in effect, the file. Pure.

/**
 * @typedef {import("../state/session.js").Step} Step
 *
 * @typedef {object} Entry
 * @property {"undone" | "step" | "file"} kind
 * @property {number} number how many steps there are up to here; 0 for the file
 * @property {Step | null} step
 * @property {number} version of the session, just after the step
 * @property {boolean} isInherited a fork brought the step, so the version is another session's
 * @property {boolean} isNow
 */

// The session's first event: its beginning on the rows as they were loaded.
export const FIRST_VERSION = 1;

/**
 * Return the entries, newest first.
 *
 * @param {{ steps: Step[], undone: Step[], startedAt: string | null }} session
 * @returns {Entry[]}
 */
export function timelineOf({ steps, undone, startedAt }) {
  const began = startedAt === null ? -Infinity : Date.parse(startedAt);
  const entryOf = (kind, step, number) => ({
    kind,
    number,
    step,
    version: step.version,
    isInherited: Date.parse(step.applied_at) < began,
    isNow: kind === "step" && number === steps.length,
  });
  const file = {
    kind: "file",
    number: 0,
    step: null,
    version: FIRST_VERSION,
    isInherited: false,
    isNow: steps.length === 0,
  };
  return [
    file,
    ...steps.map((step, at) => entryOf("step", step, at + 1)),
    ...undone.map((step, at) => entryOf("undone", step, steps.length + at + 1)),
  ].reverse();
}

/**
 * Return the entry that is looked at; null if none of them is.
 *
 * Another session that is looked at for itself has a time, one that a step came from has none.
 *
 * @param {Entry[]} entries
 * @param {{ lookedAt: number | null, lookedAtSession: string | null, lookedAtTime: string | null }} session
 */
export function lookedAtEntry(entries, { lookedAt, lookedAtSession, lookedAtTime }) {
  const isOther = lookedAtSession !== null;
  if (isOther && lookedAtTime !== null) return null;
  const isLookedAt = (entry) =>
    lookedAt === null ? entry.isNow : entry.version === lookedAt && entry.isInherited === isOther;
  return entries.find(isLookedAt) ?? null;
}
