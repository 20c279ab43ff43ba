// What became of the session that was saved: it has ended, and one can go on with it.

import { percent } from "../../page/formats.js";
import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { panels } from "../state/panels.js";
import { cancelSaving, goOnWithSession, saveProgress } from "./save_progress.js";

export function SaveBanner() {
  const { dataset } = useStore(saveProgress);
  const banner = useRef(/** @type {HTMLElement | null} */ (null));
  const isCovered = useStore(panels, ({ dialog }) => dialog !== null);
  // The button that opened the dialog can not be pressed any more: what comes next is here.
  useEffect(() => {
    if (!isCovered) banner.current.focus();
  }, [isCovered]);
  const { id, name, status, progress, error_reason: reason } = dataset;
  const isWriting = status === "PROCESSING";
  const text = {
    PROCESSING: say("save.writing", { name, percent: percent(progress / 100) }),
    READY: `${say("save.done", { name })} ${say("save.ended")}`,
  }[status];
  return html`<div class="version-banner save-banner ${status === "ERROR" ? "failed" : ""}" tabindex="-1" ref=${banner}>
    <p role="status">${text ?? say("save.failed", { name, reason })}</p>
    ${
      isWriting &&
      html`<progress max="100" value=${progress} aria-label=${say("save.progress")}></progress>
      <p class="mute">${say("save.writingNote")} ${say("save.cancelNote")}</p>`
    }
    <div class="version-actions">
      ${
        isWriting &&
        html`<button type="button" onClick=${cancelSaving}>${say("save.cancel")}</button>`
      }
      <button type="button" onClick=${goOnWithSession}>${say("save.goOn")}</button>
      ${
        status === "READY" &&
        html`<a class="button primary" href=${`/studio/${id}/`}>${say("save.open", { name })}</a>`
      }
    </div>
  </div>`;
}
