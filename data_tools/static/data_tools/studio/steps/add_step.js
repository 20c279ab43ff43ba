// "Add step", and the keys that do the same.

import { html, say, useEffect, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { IS_APPLE } from "../../page/platform.js";
import { openDialog, panels } from "../state/panels.js";
import { session } from "../state/session.js";
import { readCatalogue } from "./catalogue.js";

export function AddStep() {
  const isPast = useStore(session, (state) => state.lookedAt !== null);
  const hasEnded = useStore(session, (state) => state.hasEnded);
  const isOpen = useStore(session, (state) => state.sessionId !== null);
  // Not only when it is wanted: the network may be away by then.
  useEffect(() => {
    if (isOpen) readCatalogue();
  }, [isOpen]);
  useEffect(() => {
    document.addEventListener("keydown", openByKeys);
    return () => document.removeEventListener("keydown", openByKeys);
  }, []);
  return html`<button
    type="button"
    class="add-step"
    disabled=${isPast || hasEnded}
    title=${hasEnded ? say("steps.addNotEnded") : isPast ? say("steps.addNotHere") : undefined}
    aria-keyshortcuts=${IS_APPLE ? "Meta+K" : "Control+K"}
    onClick=${() => openDialog("palette")}
  >
    <${Icon} name="plus" /> ${say("steps.add")} <kbd>${IS_APPLE ? "⌘K" : "Ctrl K"}</kbd>
  </button>`;
}

function openByKeys(event) {
  const isOurs = event.key.toLowerCase() === "k" && (IS_APPLE ? event.metaKey : event.ctrlKey);
  if (!isOurs || event.shiftKey || event.altKey || panels.state.dialog !== null) return;
  event.preventDefault();
  openDialog("palette");
}
