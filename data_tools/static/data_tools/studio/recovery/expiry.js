// A session that nobody uses expires. Nothing is lost by it, and the page says so before and after.

import { orShow } from "../../page/failures.js";
import { clockTime } from "../../page/formats.js";
import { notify, takeAway } from "../../page/notices.js";
import { say } from "../../page/words.js";
import { takeSession } from "../reading.js";
import { api } from "../service.js";
import { viewReport } from "../state/recorded_view.js";
import { session } from "../state/session.js";

const EXPIRY = "expiry";
const WARN_BEFORE_MS = 5 * 60_000;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Warn five minutes before the session expires, from now on. */
export function watchExpiry() {
  let timer;
  const plan = () => {
    clearTimeout(timer);
    const { status, expiresAt, lastUsedAt } = session.state;
    if (!["active", "expired"].includes(status) || !expiresAt) return takeAway(EXPIRY);
    const end = Date.parse(expiresAt);
    const before = Math.min(WARN_BEFORE_MS, (end - Date.parse(lastUsedAt)) / 2);
    const left = end - Date.now();
    if (status === "expired" || left <= 0) return sayExpired(expiresAt);
    if (left > before) takeAway(EXPIRY);
    else sayExpiring(expiresAt);
    timer = setTimeout(plan, Math.min(left > before ? left - before : left, LONGEST_TIMER_MS));
    return undefined;
  };
  session.watch((state, { status, expiresAt, lastUsedAt }) => {
    const isSame = state.status === status && state.expiresAt === expiresAt;
    if (!isSame || state.lastUsedAt !== lastUsedAt) plan();
  });
}

function sayExpiring(expiresAt) {
  notify({
    id: EXPIRY,
    tone: "info",
    text: say("expiry.soon", { time: clockTime(expiresAt) }),
    actions: [{ label: say("expiry.stay"), act: orShow(stay) }],
  });
}

function sayExpired(expiresAt) {
  notify({
    id: EXPIRY,
    tone: "info",
    text: say("expiry.over", { time: clockTime(expiresAt) }),
    actions: [{ label: say("expiry.goOn"), act: orShow(goOn) }],
  });
}

/** Looking at a page is activity, and the session lasts as long again. */
async function stay() {
  await api.post("session/activity/", viewReport(), { tryAgain: true });
  takeSession(await api.get("session/status/", { page_number: 1, page_size: 1 }));
}

async function goOn() {
  takeSession(await api.post("session/recover/", { strategy: "auto" }, { tryAgain: true }));
}
