// The words about saving, which are always true.

import { clockTime } from "../../page/formats.js";
import { html, say, useEffect, useState, useStore } from "../../page/html.js";
import { decide } from "../recovery/held_commands.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";

const SLOW_AFTER_MS = 8_000;

export function SavingStatus() {
  const state = useStore(saving);
  const savedAt = useStore(session, (each) => each.savedAt);
  const isSlow = useLongerThan(SLOW_AFTER_MS, state.isSending);
  const [tone, text] = savingSaid(state, savedAt, isSlow);
  return html`<p class="saving ${tone}" role="status">
    ${text && html`<span class="dot"></span>`}${text}
    ${
      state.held &&
      html`<button type="button" class="link" onClick=${decide}>${say("saving.decide")}</button>`
    }
  </p>`;
}

/**
 * Return the tone and the sentence of what is known about the work.
 *
 * @param {typeof saving.state} state
 * @param {string | null} savedAt
 * @param {boolean} isSlow whether an answer has been awaited for long
 * @returns {["saved" | "sending" | "offline" | "unsaved", string]}
 */
export function savingSaid(state, savedAt, isSlow) {
  const count = state.waiting.length;
  const isDown = state.isOffline || state.isBusy;
  if (count > 0 && state.held) return ["unsaved", say("saving.held", { count })];
  if (count > 0 && state.isSignedOut) return ["unsaved", say("saving.signedOut", { count })];
  if (count > 0 && isDown && !state.isKept) return ["unsaved", say("saving.notKept", { count })];
  if (count > 0 && state.isOffline) return ["offline", say("saving.offline", { count })];
  if (count > 0 && state.isBusy) return ["offline", say("saving.busy", { count })];
  if (count > 0 && !state.isSending) return ["unsaved", say("saving.kept", { count })];
  if (count > 0) return ["sending", say(isSlow && state.isKept ? "saving.slow" : "saving.saving")];
  if (!savedAt) return ["saved", ""];
  const time = clockTime(savedAt);
  if (state.isOffline) return ["offline", say("saving.offlineSaved", { time })];
  return ["saved", say("saving.saved", { time })];
}

/** Tell whether something has been so for longer than that. */
function useLongerThan(milliseconds, isSo) {
  const [isLong, setLong] = useState(false);
  useEffect(() => {
    setLong(false);
    if (!isSo) return undefined;
    const timer = setTimeout(() => setLong(true), milliseconds);
    return () => clearTimeout(timer);
  }, [isSo]);
  return isSo && isLong;
}
