// What a recovery brings back and what it does not, by name, and how a new file differs.

import { wordsOfEvent } from "../history/event_words.js";
import { api, client } from "../service.js";
import { session } from "../state/session.js";
import { readCatalogue } from "../steps/catalogue.js";
import { sentenceOf } from "../steps/step_sentences.js";
import { isDamaged, lastReadable } from "./asking.js";

const NO_WORK = new Set(["session.view_changed", "client.error_reported"]);

/**
 * Return the steps that come back with the first option, and those that do not.
 *
 * @param {any} verdict
 * @returns {Promise<{ back: string[], lost: string[] }>}
 */
export async function stepsOf(verdict) {
  const version = lastReadable(verdict) ?? verdict.version;
  const option = verdict.recovery_options.find(({ strategy }) => strategy !== "start_new");
  if (!option || !version) return { back: [], lost: await eventsAfter(0, verdict) };
  const { operations } = await api.get("session/changes/", {
    session_id: verdict.session_id,
    from_version: 1,
    to_version: version,
  });
  const words = operations.added.map(sentenceOf);
  const unreadable = isDamaged(verdict) ? await eventsAfter(version, verdict) : [];
  return {
    back: words.slice(0, option.operations_back),
    lost: [...words.slice(option.operations_back), ...unreadable],
  };
}

/** Return the work that the log has after a version, as far as it can still be told. */
async function eventsAfter(version, { session_id: sessionId }) {
  const [{ events }] = await Promise.all([
    api.get("session/events/", { session_id: sessionId, limit: 200 }),
    readCatalogue(), // which has the titles
  ]);
  return events
    .filter((event) => event.sequence > version && !NO_WORK.has(event.type))
    .reverse()
    .map((event) => wordsOfEvent(event, events));
}

/**
 * Return how the dataset's new file differs from what the session began on; null if the old rows
 * are gone.
 *
 * @param {any} verdict
 */
export async function differenceOf(verdict) {
  if (lastReadable(verdict) === null) return null;
  const [before, { datasource: now }] = await Promise.all([
    api.get("data/", { session_id: verdict.session_id, at_version: 1, page_size: 1 }),
    client.get(`/api/datasources/${session.state.datasetId}/`),
  ]);
  const typeBefore = new Map(before.columns.map(({ name, type }) => [name, type]));
  const typeNow = new Map(now.columns.map(({ name, type }) => [name, type]));
  return {
    rowsBefore: before.pagination.total_rows,
    rowsNow: now.row_count,
    more: [...typeNow.keys()].filter((name) => !typeBefore.has(name)),
    less: [...typeBefore.keys()].filter((name) => !typeNow.has(name)),
    retyped: [...typeNow]
      .filter(([name, type]) => typeBefore.has(name) && typeBefore.get(name) !== type)
      .map(([name, type]) => `${name} (${typeBefore.get(name)} → ${type})`),
  };
}
