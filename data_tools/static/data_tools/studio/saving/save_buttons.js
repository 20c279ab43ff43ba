// What can be done with all of the work: a dataset of its own, or a file.

import { html, say, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { openDialog } from "../state/panels.js";
import { saving } from "../state/saving.js";
import { isNow, session } from "../state/session.js";
import { exporting } from "./exporting.js";

export function SaveButton() {
  const isOpen = useStore(session, (state) => state.sessionId !== null && isNow(state));
  const isLookingBack = useStore(session, (state) => state.lookedAt !== null);
  const isWaiting = useStore(saving, ({ waiting }) => waiting.length > 0);
  const title = {
    ...(isWaiting && { title: say("history.waits") }),
    ...(isLookingBack && { title: say("save.lookingTitle") }),
  };
  return html`<button
    type="button"
    class="primary"
    disabled=${!isOpen || isWaiting}
    ...${title}
    onClick=${() => openDialog("save")}
  >
    <${Icon} name="save" /> <span class="tool-word">${say("save.button")}</span>
  </button>`;
}

export function ExportButton() {
  const sessionId = useStore(session, (state) => state.sessionId);
  const isUnderWay = useStore(exporting, (state) => state.isUnderWay);
  return html`<button
    type="button"
    disabled=${sessionId === null || isUnderWay}
    onClick=${() => openDialog("export")}
  >
    <${Icon} name="download" /> <span class="tool-word">${say("export.button")}</span>
  </button>`;
}
