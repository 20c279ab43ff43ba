// What a person can do in the studio. Looking changes the view; working goes through the queue.

import { showFailure } from "../page/failures.js";
import { notify, takeAway } from "../page/notices.js";
import { say } from "../page/words.js";
import { StudioError } from "../session_client.js";
import { followWork } from "./following_work.js";
import { openStudio } from "./opening.js";
import { readAgain, readRows, takeColumns, takeSession } from "./reading.js";
import { BACK_AGAIN } from "./recovery/back_again.js";
import { showConflict } from "./recovery/presence.js";
import { queue } from "./service.js";
import { recovery } from "./state/recovery.js";
import { rows } from "./state/rows.js";
import { goTo, selection } from "./state/selection.js";
import { session } from "./state/session.js";
import { shownColumns, view } from "./state/view.js";
import { forgetOutcome, showOutcome } from "./steps/showing_outcome.js";

const OF_OTHER_COLUMNS = new Set(["COLUMN_NOT_FOUND", "INVALID_FILTER", "INVALID_SORT"]);

let viewOfNow = view.state; // before an earlier version was looked at

// Looking

/** @param {number} pageNumber */
export function turnTo(pageNumber) {
  const last = Math.max(1, rows.state.totalPages);
  view.set({ pageNumber: Math.min(Math.max(1, pageNumber), last) });
  return readRows();
}

/** The first row on the page stays on the page. @param {number} pageSize */
export function showPagesOf(pageSize) {
  const first = (view.state.pageNumber - 1) * view.state.pageSize;
  view.set({ pageSize, pageNumber: Math.floor(first / pageSize) + 1 });
  return readRows();
}

/** @param {import("./state/view.js").Order[]} sort */
export function sortBy(sort) {
  view.set({ sort, pageNumber: 1 });
  return readRows();
}

/** Show the rows that satisfy all of these. @param {import("./state/view.js").Filter[]} filter */
export function filterBy(filter) {
  view.set({ filter, pageNumber: 1 });
  return readRows();
}

/**
 * Change what only this page knows: hidden columns, their order and widths, frozen columns.
 *
 * @param {Partial<typeof view.state>} fields
 */
export function arrange(fields) {
  view.set(fields);
}

/** Show a column, and take the keyboard to it. @param {string} name */
export function goToColumn(name) {
  const { hidden } = view.state;
  if (hidden.includes(name)) arrange({ hidden: hidden.filter((each) => each !== name) });
  const column = shownColumns(rows.state.columns, view.state).findIndex(
    (each) => each.name === name,
  );
  if (column >= 0) goTo({ row: selection.state.row, column });
}

/**
 * Look at the session, or at another one on this dataset, as it was at a version.
 *
 * @param {number} version
 * @param {{ sessionId?: string | null, time?: string | null }} [of] `time` tells people when it was
 */
export async function lookAt(version, { sessionId = null, time = null } = {}) {
  if (sessionId === null && version === session.state.version) return backToNow();
  if (session.state.lookedAt === null) viewOfNow = view.state;
  takeAway(BACK_AGAIN); // it leaves the rows little room beside the banner of the version
  session.set({ lookedAt: version, lookedAtSession: sessionId, lookedAtTime: time });
  view.set({ pageNumber: 1, filter: viewOfNow.filter, sort: viewOfNow.sort });
  await readRows();
  const { error } = rows.state;
  if (!(error instanceof StudioError && OF_OTHER_COLUMNS.has(error.code))) return;
  // At that version the columns of the filter or the order had other names, or were not there.
  view.set({ filter: [], sort: [] });
  notify({ id: "looking", tone: "info", text: say("looking.allRows") });
  await readRows();
}

/** Show the session as it is now, with the page, filter and order of before. */
export async function backToNow() {
  if (session.state.lookedAt !== null) {
    const { pageNumber, filter, sort } = viewOfNow;
    view.set({ pageNumber, filter, sort });
    takeAway("looking");
  }
  session.set({ lookedAt: null, lookedAtSession: null, lookedAtTime: null });
  await readRows();
  takeColumns();
}

// Working

/**
 * Apply an operation.
 *
 * @param {string} operation
 * @param {any} parameters
 * @returns {Promise<any>} the answer; null if it waits for the service
 * @throws {import("../session_client.js").StudioError} it was refused; nothing has changed
 */
export async function perform(operation, parameters) {
  const before = rows.state;
  const answer = await carryOut({ kind: "operation", operation, parameters }, () =>
    perform(operation, parameters),
  );
  if (answer !== null) await showOutcome({ operation, parameters, answer, before });
  return answer;
}

export const undo = () => step("undo");
export const redo = () => step("redo");

async function step(kind) {
  forgetOutcome();
  try {
    return await carryOut({ kind }, () => step(kind));
  } catch (error) {
    showFailure(error);
    return null;
  }
}

/** Every command goes this way, whether the service answers or not; `again` gives it anew. */
async function carryOut(command, again) {
  if (recovery.state.undecided) {
    await openStudio(); // how to go on is asked again, and nothing carried out before that
    return null;
  }
  const { sessionId, version } = session.state;
  const isFirst = queue.state.waiting.length === 0;
  const expected = isFirst ? { expectedVersion: version } : {};
  let answer;
  try {
    answer = await queue.add({ ...command, sessionId, ...expected });
  } catch (error) {
    if (error.code === "SESSION_CONFLICT") {
      showConflict(again);
      error.isShown = true;
    }
    throw error;
  }
  return after(answer);
}

/**
 * Show what a command has changed. It took effect whether that can be read or not, so that a failure
 * to read is told as such: whoever thought that the command failed would give it again.
 *
 * @param {any} answer null if it waits for the service
 */
export async function after(answer) {
  if (answer === null) return null;
  const before = session.state;
  takeSession(answer);
  await showWork(before, answer);
  return answer;
}

async function showWork(before, answer) {
  try {
    await followWork(before, answer);
    await readAgain();
  } catch (error) {
    showFailure(error, { again: () => showWork(before, answer) });
  }
}
