// Asking the service what a filter would find, while a person makes it. Only the last answer counts.

import { useEffect, useState, useStore } from "../../page/html.js";
import { shownVersion } from "../reading.js";
import { api } from "../service.js";
import { figures } from "../state/figures.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { searchValues } from "./value_search.js";

const MOST_VALUES = 100;
const TYPING_MS = 40; // a key that comes sooner than this makes the request before it unnecessary
const CHANGING_MS = 150;
const LONGEST_NAME = 300; // characters in an address; longer ones go by their key

/**
 * Return the column's values that contain the text, with their counts among the rows that `others`
 * find. Until the answer is there: those of the values known already that contain it.
 *
 * @param {{ name: string }} column
 * @param {string} text
 * @param {import("../state/view.js").Filter[]} others
 */
export function useValues({ name }, text, others) {
  const scope = JSON.stringify([name, others, useVersion()]);
  const [first, setFirst] = useState(/** @type {any} */ (null));
  const [found, setFound] = useState(/** @type {any} */ (null));
  const known = first?.scope === scope ? first.answer : null;
  const isWhole = known !== null && !known.has_more;

  useEffect(() => {
    if (text === "" ? known !== null : isWhole) return undefined;
    return later(text === "" ? 0 : TYPING_MS, async (signal) => {
      const query = { ...columnQuery(name), q: text, limit: MOST_VALUES, filter: given(others) };
      try {
        const answer = await api.get("columns/values/", query, signal);
        if (signal.aborted) return;
        if (text === "") setFirst({ scope, answer });
        else setFound({ scope, text, answer });
      } catch (error) {
        if (!signal.aborted) setFound({ scope, text, error });
      }
    });
  }, [scope, text, known === null, isWhole]);

  const isFound = found?.scope === scope && found.text === text;
  if (isFound && found.error) return { values: [], error: found.error, isPending: false, known };
  if (text !== "" && !isWhole && isFound) {
    return { values: found.answer.values, hasMore: found.answer.has_more, isPending: false, known };
  }
  const values = known === null ? [] : searchValues(known.values, text);
  const isPending = known === null || (text !== "" && !isWhole);
  return { values, hasMore: !isWhole, isPending, known };
}

/**
 * Return how the column's values lie in all rows, and `within` those that `others` find.
 *
 * @param {{ name: string }} column
 * @param {import("../state/view.js").Filter[]} others
 */
export function useBuckets({ name }, others) {
  const own = useStore(figures, (state) => state.byName.get(name)?.figures);
  const scope = JSON.stringify([name, others, useVersion()]);
  const [counted, setCounted] = useState(/** @type {any} */ (null));
  const needsCounting = others.length > 0 && Boolean(own?.histogram);

  useEffect(() => {
    if (!needsCounting) return undefined;
    return later(0, async (signal) => {
      try {
        const query = { ...columnQuery(name), filter: given(others) };
        const answer = await api.get("columns/histogram/", query, signal);
        if (!signal.aborted) setCounted({ scope, answer });
      } catch {
        // The histogram of all rows stays; what the filter finds is counted by `useCount`.
      }
    });
  }, [scope, needsCounting]);

  const within = counted?.scope === scope ? counted.answer : null;
  return {
    histogram: own?.histogram ?? null,
    within: needsCounting ? (within?.histogram?.counts ?? null) : null,
    missing: needsCounting ? within?.missing_count : own?.null_count,
  };
}

/**
 * Return how many rows a filter finds; `count` is null until the service has counted them.
 *
 * @param {import("../state/view.js").Filter[] | null} filter null if it is not whole yet
 */
export function useCount(filter) {
  const total = useStore(rows, (state) => state.totalRows);
  const key = JSON.stringify([filter, useVersion()]);
  const [answer, setAnswer] = useState(/** @type {any} */ (null));
  const isEverything = filter?.length === 0;

  useEffect(() => {
    if (filter === null || isEverything) return undefined;
    return later(CHANGING_MS, async (signal) => {
      try {
        const { pagination } = await api.get("data/", countQuery(filter), signal);
        if (!signal.aborted) setAnswer({ key, count: pagination.filtered_rows });
      } catch (error) {
        if (!signal.aborted) setAnswer({ key, error });
      }
    });
  }, [key]);

  if (isEverything) return { count: total, total };
  if (answer?.key !== key) return { count: null, total };
  return { count: answer.count ?? null, error: answer.error, total };
}

/** A page of a named version is looked at without being recorded as the person's view. */
function countQuery(filter) {
  return { page_number: 1, page_size: 1, filter, ...shownVersion() };
}

/** A name that an address cannot hold well is replaced by the column's key. */
function columnQuery(name) {
  const key = figures.state.byName.get(name)?.figures.key;
  const isLong = name === "" || name.length > LONGEST_NAME;
  return { ...(key && isLong ? { key } : { column: name }), ...shownVersion() };
}

function useVersion() {
  return useStore(session, () => JSON.stringify(shownVersion()));
}

function given(others) {
  return others.length > 0 ? others : undefined;
}

/** Call `act` after a while unless the function that is returned is called first; it aborts it. */
function later(milliseconds, act) {
  const controller = new AbortController();
  const timer = setTimeout(() => act(controller.signal), milliseconds);
  return () => {
    clearTimeout(timer);
    controller.abort();
  };
}
