// Says that what is shown is not the session as it is now, and how to come back.

import { when } from "../../page/formats.js";
import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { backToNow } from "../commands.js";
import { SaveBanner } from "../saving/save_banner.js";
import { saveProgress } from "../saving/save_progress.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";
import { sentenceOf } from "../steps/step_sentences.js";
import { bringSessionBack, goOnFrom, goOnFromVersion } from "./going_back.js";
import { lookedAtEntry, timelineOf } from "./timeline.js";

export function VersionBanner() {
  const state = useStore(session);
  const isSaved = useStore(saveProgress, ({ dataset }) => dataset !== null);
  const isWaiting = useStore(saving, ({ waiting }) => waiting.length > 0);
  const back = useRef(/** @type {HTMLElement | null} */ (null));
  // On a phone, the sheet in which the version was chosen is gone, and the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) back.current?.focus();
  }, [state.lookedAt]);
  if (state.lookedAt === null) {
    return state.hasEnded && isSaved ? html`<${SaveBanner} />` : null;
  }
  const entry = lookedAtEntry(timelineOf(state), state);
  return html`<div class="version-banner" role="status">
    <p>${bannerText(entry, state)}</p>
    <div class="version-actions">
      <button
        type="button"
        disabled=${isWaiting}
        title=${isWaiting ? say("history.waits") : undefined}
        onClick=${() => goOn(entry, state)}
      >
        ${say(labelOf(entry, state))}
      </button>
      <button type="button" class="primary" ref=${back} onClick=${backToNow}>
        ${say("looking.back")}
      </button>
    </div>
  </div>`;
}

function bannerText(entry, { steps, lookedAtSession, lookedAtTime }) {
  if (entry?.kind === "file") return say("looking.file");
  if (entry) {
    const step = sentenceOf(entry.step);
    if (entry.kind === "undone") return say("looking.undone", { step });
    return say("looking.step", { number: entry.number, count: steps.length, step });
  }
  const time = when(lookedAtTime);
  return say(lookedAtSession === null ? "looking.moment" : "looking.session", { time });
}

function labelOf(entry, { lookedAtSession }) {
  if (entry?.kind === "undone") return "history.redoTo";
  if (entry === null && lookedAtSession !== null) return "recovery.bringBack";
  return "history.goOn";
}

function goOn(entry, { lookedAt, lookedAtSession }) {
  if (entry) return goOnFrom(entry);
  if (lookedAtSession !== null) return bringSessionBack(lookedAtSession);
  return goOnFromVersion(lookedAt);
}
