// Opening the studio: the session as it was left, with the page, filters and order looked at last.

import { pauseBeforeNext } from "../client/retrying.js";
import { orShow, showFailure } from "../page/failures.js";
import { keepOnDevice, keptOnDevice } from "../page/kept_on_device.js";
import { notify, takeAway } from "../page/notices.js";
import { say } from "../page/words.js";
import { openSession } from "../recovery.js";
import { NoAnswer } from "../session_client.js";
import { takeView } from "./following_work.js";
import { readRows, takeRows, takeSession } from "./reading.js";
import { askHow } from "./recovery/asking.js";
import { tellWhatIsBack } from "./recovery/back_again.js";
import { showUndecided } from "./recovery/undecided.js";
import { api, queue } from "./service.js";
import { recovery } from "./state/recovery.js";
import { session } from "./state/session.js";

const OPENING = "opening";

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
  const knownVersion = keptOnDevice(versionKey(), "sessionStorage") ?? undefined;
  let opened;
  try {
    await queue.look();
    opened = await openSession(api, { knownVersion, ask: askHow });
  } catch (error) {
    if (error instanceof NoAnswer || error.retryable) openLater(error);
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
    await orShow(() => showUndecided(verdict, openStudio), OPENING)();
    return;
  }
  showRecovered(answer);
  tellWhatIsBack(opened, knownVersion);
  // What waits on this device goes into the work that the person chose, unless they began anew.
  const isTaken = isAsked && chosen.strategy !== "start_new";
  await queue.goOn(isTaken ? { sessionId: answer.session_info.session_id } : {});
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
  openLater({});
}

/** @param {{ retryAfterSeconds?: number }} error */
function openLater(error) {
  timer = setTimeout(openStudio, pauseBeforeNext(tries++, error));
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
  const names = answer.columns.map(({ name }) => name);
  takeView(answer.view, names, answer.pagination);
  // There may be no rows in it, or pages of another size than the studio's.
  if (answer.page_error || answer.view === null) readRows();
  else takeRows(answer);
}
