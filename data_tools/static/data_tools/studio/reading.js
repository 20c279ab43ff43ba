// Reading what is shown: the page of rows, and the steps. Nothing here changes the session.

import { notify } from "../page/notices.js";
import { say } from "../page/words.js";
import { PageCache } from "./page_cache.js";
import { api } from "./service.js";
import { rows } from "./state/rows.js";
import { isNow, session } from "./state/session.js";
import { PAGE_SIZES, view } from "./state/view.js";

const pages = new PageCache();
/** @type {Map<string, { answer: Promise<any>, abort: () => void }>} */
const underWay = new Map();
let wanted = ""; // the key of the page that the view shows
let stepsTurn = 0;

/** Return the query of the page that the view shows. */
export function rowsQuery({ pageNumber, pageSize, filter, sort } = view.state) {
  return {
    page_number: pageNumber,
    page_size: pageSize,
    filter: filter.length > 0 ? filter : undefined,
    sort: sort.length > 0 ? sort : undefined,
  };
}

/**
 * Return what names the version whose rows are shown.
 *
 * The last one is named too: then the rows of all pages belong to the steps that the page knows,
 * whatever another tab does, and looking ahead is not recorded as looking.
 */
export function shownVersion() {
  const { lookedAt, lookedAtSession, sessionId, version } = session.state;
  if (lookedAt !== null) return { at_version: lookedAt, session_id: lookedAtSession ?? sessionId };
  return sessionId === null ? {} : { at_version: version, session_id: sessionId };
}

/**
 * Read the page of rows that the view shows. A later call takes the place of one under way.
 *
 * An error is kept in the store, where the grid shows it.
 */
export async function readRows() {
  const query = { ...rowsQuery(), ...shownVersion() };
  const key = JSON.stringify(query);
  wanted = key;
  const kept = pages.get(key);
  if (kept) return takeRows(kept);
  for (const [other, { abort }] of underWay) if (other !== key) abort();
  rows.set({ isLoading: true });
  try {
    const answer = await pageOf(key, query);
    if (wanted === key) await takeRows(answer);
  } catch (error) {
    // The page may be wanted again by now, and asked for again.
    if (wanted !== key || error.name === "AbortError") return;
    const rowsThatFit = error.code === "ANSWER_TOO_LARGE" ? error.details.rows_that_fit : 0;
    if (rowsThatFit > 0 && rowsThatFit < query.page_size) await readSmallerPage(rowsThatFit);
    else rows.set({ isLoading: false, error });
  }
}

/** The first row of the page that was too large stays the first one. */
async function readSmallerPage(rowsThatFit) {
  const { pageNumber, pageSize } = view.state;
  const size = PAGE_SIZES.findLast((each) => each <= rowsThatFit) ?? rowsThatFit;
  view.set({ pageSize: size, pageNumber: Math.floor(((pageNumber - 1) * pageSize) / size) + 1 });
  const text = say("pager.sizeSmaller", { count: size });
  notify({ id: "page-size", tone: "info", text });
  await readRows();
}

/** Return the answer of a page, which may have been asked for already. */
function pageOf(key, query) {
  const asked = underWay.get(key);
  if (asked) return asked.answer;
  const controller = new AbortController();
  const abort = () => {
    forget();
    controller.abort();
  };
  const forget = () => {
    if (underWay.get(key)?.abort === abort) underWay.delete(key);
  };
  const answer = api
    .get("data/", query, controller.signal)
    .finally(forget)
    .then((page) => {
      if (query.session_id) pages.keep(key, page);
      return page;
    });
  underWay.set(key, { answer, abort });
  return answer;
}

/** Read a neighbour of the shown page, the next one first, so that it is there when turned to. */
export function readAhead() {
  const { pageNumber, totalPages, isLoading, error, rows: shown, columns, version } = rows.state;
  if (isLoading || error || underWay.size > 0 || session.state.sessionId === null) return;
  // After a command, until its rows are here: the view may name columns that it renamed.
  if (shownVersion().at_version !== version) return;
  if (!pages.hasRoomForNeighbours(shown.length * columns.length)) return;
  for (const neighbour of [pageNumber + 1, pageNumber - 1]) {
    if (neighbour < 1 || neighbour > totalPages) continue;
    const query = { ...rowsQuery({ ...view.state, pageNumber: neighbour }), ...shownVersion() };
    const key = JSON.stringify(query);
    if (pages.has(key)) continue;
    // Whoever turns to the page is told what went wrong; until then nobody needs to know.
    pageOf(key, query).then(readAhead, () => {});
    return;
  }
}

/** Show the rows of an answer; of the last page, if there are fewer pages by now. */
export function takeRows({ data, row_numbers, columns, pagination, version, shortened_cells }) {
  const last = pagination.total_pages;
  if (last > 0 && last < pagination.page_number) {
    view.set({ pageNumber: last });
    return readRows();
  }
  rows.set({
    rows: data,
    rowNumbers: row_numbers ?? [],
    columns: sameColumns(columns, rows.state.columns) ? rows.state.columns : columns,
    version,
    shortened: shortened_cells ?? [],
    pageNumber: pagination.page_number,
    pageSize: pagination.page_size,
    totalRows: pagination.total_rows,
    filteredRows: pagination.filtered_rows,
    totalPages: pagination.total_pages,
    isLoading: false,
    error: null,
  });
}

// So that headers are made anew only when they are others.
function sameColumns(columns, before) {
  return (
    columns.length === before.length &&
    columns.every(({ name, type }, at) => name === before[at].name && type === before[at].type)
  );
}

/** Read which steps are in effect, and which can be redone. */
export async function readSteps() {
  const turn = ++stepsTurn;
  const answer = await api.get("session/changes/", { from_version: 1 });
  if (turn !== stepsTurn) return; // they were asked for again, and are others by now
  session.set({
    steps: answer.operations.added,
    undone: answer.redoable,
    forkedFrom: answer.forked_from,
  });
}

/** Read what is shown, after the session has changed. */
export async function readAgain() {
  await Promise.all([readRows(), readSteps()]);
  takeColumns();
}

/** Take the columns of the rows that are shown for the session's, unless they are of an earlier version. */
export function takeColumns() {
  const { columns, error } = rows.state;
  if (isNow(session.state) && !error) session.set({ columns });
}

/** Take what every answer of a session says of it. */
export function takeSession(answer) {
  const info = answer.session_info;
  session.set({
    version: answer.version,
    savedAt: answer.saved_at,
    canUndo: answer.can_undo,
    canRedo: answer.can_redo,
    ...(info?.session_exists && {
      sessionId: info.session_id,
      status: info.status,
      work: workOf(info),
      expiresAt: info.expires_at,
      lastUsedAt: info.last_accessed,
      startedAt: info.created_at,
      originalRows: info.original_shape[0],
      datasetName: info.metadata.datasource_name || session.state.datasetName,
    }),
    ...(answer.source_changed !== undefined && { sourceChanged: answer.source_changed }),
  });
}

/** Return what tells the work in a session from that before and after each change of it. */
export function workOf(info) {
  const last = info.operations_history.at(-1);
  const { session_id: id, current_step: steps, total_operations: all } = info;
  return JSON.stringify([id, steps, all, last?.timestamp, last?.operation_name]);
}
