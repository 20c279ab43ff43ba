// Undo and redo, by their buttons and by the keys that every program has for them.

import { html, say, useEffect, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { IS_APPLE } from "../../page/platform.js";
import { redo, undo } from "../commands.js";
import { isNow, session } from "../state/session.js";

const KEYS = IS_APPLE ? { undo: "⌘Z", redo: "⇧⌘Z" } : { undo: "Ctrl+Z", redo: "Ctrl+Y" };
const TEXT_FIELDS = "textarea, select, input:not([type=checkbox], [type=radio])";

export function UndoRedo() {
  const can = {
    undo: useStore(session, (state) => state.canUndo && isNow(state)),
    redo: useStore(session, (state) => state.canRedo && isNow(state)),
  };

  useEffect(() => {
    const press = (event) => {
      const kind = commandOf(event);
      if (kind === null || isElsewhere(event.target)) return;
      event.preventDefault();
      if (kind === "undo" && can.undo) undo();
      if (kind === "redo" && can.redo) redo();
    };
    document.addEventListener("keydown", press);
    return () => document.removeEventListener("keydown", press);
  }, [can.undo, can.redo]);

  return html`<div class="joined">
    <button type="button" disabled=${!can.undo} title=${KEYS.undo} onClick=${undo}>
      <${Icon} name="undo-2" /> <span class="tool-word">${say("studio.undo")}</span>
    </button>
    <button type="button" disabled=${!can.redo} title=${KEYS.redo} onClick=${redo}>
      <${Icon} name="redo-2" /> <span class="tool-word">${say("studio.redo")}</span>
    </button>
  </div>`;
}

/** @param {KeyboardEvent} event */
function commandOf({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  if (altKey || !(IS_APPLE ? metaKey : ctrlKey)) return null;
  const letter = key.toLowerCase();
  if (letter === "z") return shiftKey ? "redo" : "undo";
  return letter === "y" && !IS_APPLE && !shiftKey ? "redo" : null;
}

// Text fields have an undo of their own, and a dialog is about something else.
function isElsewhere(target) {
  return target.isContentEditable || target.closest(`${TEXT_FIELDS}, dialog`) !== null;
}
