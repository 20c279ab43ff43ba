// Opening the studio: the session as it was left, with the page, filters and order looked at last.

import { showFailure } from "../page/failures.js";
import { keepOnDevice, keptOnDevice } from "../page/kept_on_device.js";
import { notify, takeAway } from "../page/notices.js";
import { say } from "../page/words.js";
import { openSession } from "../recovery.js";
import { NoAnswer } from "../session_client.js";
import { readRows, takeRows, takeSession } from "./reading.js";
import { askHow } from "./recovery/asking.js";
import { tellWhatIsBack } from "./recovery/back_again.js";
import { showUndecided } from "./recovery/undecided.js";
import { api, queue } from "./service.js";
import { viewWasRead } from "./state/recorded_view.js";
import { recovery } from "./state/recovery.js";
import { session } from "./state/session.js";
import { view } from "./state/view.js";

const OPENING = "opening";
const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;

let tries = 0;
let timer;
let isOpening = false;

/**
 * Open the session; where something would be given up, the person is asked first.
 *
 * While the service does not answer, or cannot open it yet, it is tried again by itself. Asked for
 * again while that or the person's answer is awaited, it is not begun twice.
 */
export async function openStudio() {
  if (isOpening) return;
  isOpening = true;
  clearTimeout(timer);
  const knownVersion = readKnownVersion();
  let opened;
  try {
    await queue.look();
    opened = await openSession(api, { knownVersion, ask: askHow });
  } catch (error) {
    if (error instanceof NoAnswer || error.retryable) openLater();
    showFailure(error, { id: OPENING, again: openStudio });
    return;
  } finally {
    isOpening = false;
  }
  const { verdict, chosen, isAsked, answer } = opened;
  if (verdict.suggested_action === "retry_later") {
    sayLater(verdict);
    return;
  }
  tries = 0;
  takeAway(OPENING);
  if (answer === null) {
    await showUndecided(verdict, openStudio);
    return;
  }
  showRecovered(answer);
  tellWhatIsBack(opened, knownVersion);
  // What waits on this device goes into the work that the person chose, unless they began anew.
  const isTaken = isAsked && chosen.strategy !== "start_new";
  await queue.goOn(isTaken ? { sessionId: answer.session_info.session_id } : {});
}

/** Ask again how the session goes on; nothing is carried out before that. */
export async function decideNow() {
  await openStudio();
  return null;
}

function sayLater(verdict) {
  const reasons = verdict.reasons.map((reason) => reason.sentence).join(" ");
  notify({
    id: OPENING,
    tone: "warning",
    text: `${reasons} ${say("recovery.later")}`,
    actions: [{ label: say("page.retry"), act: openStudio }],
    stays: true,
  });
  openLater();
}

function openLater() {
  const pause = Math.min(FIRST_PAUSE_MS * 2 ** tries++, LONGEST_PAUSE_MS);
  timer = setTimeout(openStudio, pause * (0.5 + Math.random() / 2));
}

/** This tab's last version; another tab may have seen a later one. */
function readKnownVersion() {
  const version = keptOnDevice(versionKey(), "sessionStorage");
  return version === null ? undefined : Number(version);
}

/** Keep in mind which version this tab has seen, from now on, so that a reload can be told of others. */
export function rememberVersion() {
  session.watch(({ version }, before) => {
    if (version > 0 && version !== before.version)
      keepOnDevice(versionKey(), `${version}`, "sessionStorage");
  });
}

function versionKey() {
  return `studio-version ${session.state.datasetId}`;
}

/** Show the whole session of a `recover` answer. */
export function showRecovered(answer) {
  recovery.set({ undecided: null });
  takeSession(answer);
  session.set({
    columns: answer.columns,
    steps: answer.operations,
    undone: answer.redoable,
    forkedFrom: answer.forked_from,
    lookedAt: null,
    hasEnded: false,
  });
  if (answer.view === null) {
    readRows(); // with the page size of the studio
    return;
  }
  view.set({
    pageNumber: answer.pagination.page_number,
    pageSize: answer.pagination.page_size,
    sort: answer.view.sort.map((text) => orderOf(text, answer.columns)).filter(Boolean),
    filter: filterOf(answer.view.filter),
    hidden: answer.view.hidden_columns,
    order: answer.view.column_order,
    widths: answer.view.column_widths ?? {},
    frozen: answer.view.frozen_columns ?? 0,
  });
  viewWasRead();
  takeRows(answer);
}

function filterOf(written) {
  if (!written) return [];
  if (Array.isArray(written)) return written;
  return written.all ?? [written];
}

/** Read one order as a view spells it: `name`, `-name`, `+-name`, or the JSON of an object. */
function orderOf(text, columns) {
  const names = new Set(columns.map((column) => column.name));
  if (/^[-+]/.test(text) && names.has(text.slice(1))) {
    return { column: text.slice(1), descending: text.startsWith("-") };
  }
  if (names.has(text)) return { column: text, descending: false };
  try {
    const { column, ...options } = JSON.parse(text);
    return names.has(column) ? { column, descending: false, ...options } : null;
  } catch {
    return null;
  }
}
