// Other tabs and devices: what they do to the session is told, and shown when the person wants it.

import { orShow, showFailure } from "../../page/failures.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { notices, notify, takeAway } from "../../page/notices.js";
import { NoAnswer } from "../../session_client.js";
import { followWork } from "../following_work.js";
import { readAgain, readRows, takeSession, workOf } from "../reading.js";
import { api, queue } from "../service.js";
import { rows } from "../state/rows.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";

const ELSEWHERE = "elsewhere";
const CONFLICT = "conflict";
const SHUT_OUT = "signed-out";
const ASK_EVERY_MS = 5_000;
const ASK_IDLE_EVERY_MS = 30_000;
const IDLE_AFTER_MS = 120_000;
let isTold = false; // of being shut out; once is enough
const ago = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });

/**
 * Look out for what others do, from now on.
 *
 * @param {object} options
 * @param {string} options.name of the user and the dataset, the same in all tabs
 * @param {() => unknown} options.open opens the session anew, as when the page was loaded
 */
export function watchOthers({ name, open }) {
  let lastInput = Date.now();
  let lastAsked = Date.now();
  const look = (inOtherTab) => {
    lastAsked = Date.now();
    return lookForOthers(open, inOtherTab);
  };

  const channel = new BroadcastChannel(`session ${name}`);
  channel.onmessage = () => look(true);
  session.watch((state, before) => {
    if (before.work && state.work !== before.work) channel.postMessage("changed");
  });
  for (const input of ["pointerdown", "keydown"]) {
    addEventListener(input, () => (lastInput = Date.now()), { passive: true, capture: true });
  }
  document.addEventListener("visibilitychange", () => look(false));
  setInterval(() => {
    const isIdle = Date.now() - lastInput > IDLE_AFTER_MS;
    if (Date.now() - lastAsked >= (isIdle ? ASK_IDLE_EVERY_MS : ASK_EVERY_MS)) look(false);
  }, 1_000);
}

/** Ask for the session as it is, which costs little if nothing has changed: the answer is a 304. */
async function lookForOthers(open, inOtherTab) {
  const { work, hasEnded } = session.state;
  if (document.visibilityState === "hidden" || !work || hasEnded) return;
  try {
    const answer = await api.get("session/status/", { page_number: 1, page_size: 1 });
    if (saving.state.isOffline && rows.state.error) readRows(); // the service is back
    queue.noteAnswer(true);
    if (isTold) takeAway(SHUT_OUT);
    isTold = false;
    // What this tab has done meanwhile is nobody else's change.
    if (session.state.work !== work || saving.state.waiting.length > 0) return;
    const info = answer.session_info;
    if (!info.session_exists) tell(say("tabs.gone"), say("tabs.whatNow"), open);
    else if (info.session_id !== session.state.sessionId) {
      tell(say("tabs.another"), say("tabs.showAnother"), open);
    } else if (workOf(info) !== work) {
      if (session.state.lookedAt !== null) return; // it is told once the work of now is shown
      const since = Math.min(Date.now(), Date.parse(info.last_accessed));
      const text = say(inOtherTab ? "tabs.changedInTab" : "tabs.changed");
      tell(html`${text} <${Ago} since=${since} />`, say("tabs.show"), catchUp);
    } else {
      takeAway(ELSEWHERE);
      takeAside(answer);
    }
  } catch (error) {
    const isSignedOut = error.status === 401;
    if (isSignedOut && saving.state.isSignedOut) return; // the queue has said so
    queue.noteAnswer(!(error instanceof NoAnswer));
    if ((isSignedOut || error.status === 404) && !isTold) {
      isTold = true;
      showFailure(error, { id: SHUT_OUT });
    }
  }
}

function tell(text, label, act) {
  if (notices.state.list.some(({ id }) => id === CONFLICT)) return; // which says so already
  notify({ id: ELSEWHERE, tone: "info", text, actions: [{ label, act: orShow(act) }] });
}

/** Take what is not about the work: when the session expires, and whether there is a new file. */
function takeAside({ session_info: info, source_changed: sourceChanged }) {
  const { status, expires_at: expiresAt, last_accessed: lastUsedAt } = info;
  session.set({ status, expiresAt, lastUsedAt, sourceChanged });
}

/** Show the session as it is now, on the page that is looked at. */
export async function catchUp() {
  takeAway(ELSEWHERE);
  const answer = await api.get("session/status/", { page_number: 1, page_size: 1 });
  await followWork(session.state, answer);
  const { sessionId, version } = session.state;
  // A command of this tab may have been answered meanwhile.
  const isOlder = answer.session_info.session_id === sessionId && answer.version < version;
  if (!isOlder) takeSession(answer);
  await readAgain();
}

/** A command was refused, since others came first: nothing is overwritten, and it is offered again. */
export function showConflict(again) {
  const doIt = orShow(again);
  const show = orShow(async () => {
    await catchUp();
    offer("tabs.conflictShown", [{ label: say("tabs.doItNow"), act: doIt }]);
  });
  const showAndDo = orShow(async () => {
    await catchUp();
    await doIt();
  });
  takeAway(ELSEWHERE);
  offer("tabs.conflict", [
    { label: say("tabs.show"), act: show },
    { label: say("tabs.showAndDo"), act: showAndDo },
  ]);
}

function offer(key, actions) {
  notify({ id: CONFLICT, tone: "warning", text: say(key), actions });
}

/** How long ago it was; it goes on, and is not read aloud each time. */
function Ago({ since }) {
  const [now, setNow] = useState(Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 5_000);
    return () => clearInterval(timer);
  }, []);
  const seconds = Math.max(0, Math.round((now - since) / 1_000));
  const text =
    seconds < 60
      ? ago.format(-seconds, "second")
      : seconds < 3_600
        ? ago.format(-Math.round(seconds / 60), "minute")
        : ago.format(-Math.round(seconds / 3_600), "hour");
  return html`<span aria-live="off">${text}</span>`;
}
