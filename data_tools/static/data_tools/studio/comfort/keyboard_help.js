// All keys of the studio. `?` opens it.

import { Dialog } from "../../page/dialog.js";
import { html, say, useEffect } from "../../page/html.js";
import { IS_APPLE } from "../../page/platform.js";
import { closeDialog, openDialog, panels } from "../state/panels.js";
import { isWriting, SHORTCUTS } from "./shortcuts.js";

export function KeyboardHelp() {
  return html`<${Dialog} title=${say("keys.title")} class="keyboard-help" onClose=${closeDialog}>
    ${SHORTCUTS.map(
      ({ group, shortcuts }) =>
        html`<section key=${group}>
          <h3>${say(group)}</h3>
          <dl>
            ${shortcuts.map(
              ({ keys, does }) =>
                html`<div>
                  <dt>${keys.map((key) => html`<kbd>${shown(key)}</kbd> `)}</dt>
                  <dd>${say(does)}</dd>
                </div>`,
            )}
          </dl>
        </section>`,
    )}
    <form method="dialog" class="dialog-actions">
      <button class="primary" data-focus>${say("page.close")}</button>
    </form>
  <//>`;
}

function shown(key) {
  return IS_APPLE ? ({ Ctrl: "⌘", Alt: "⌥", Shift: "⇧" }[key] ?? key) : key;
}

/** Open the help by its key, wherever nothing is being written and no dialog is open. */
export function useHelpKey() {
  useEffect(() => {
    const open = (event) => {
      if (event.key !== "?" || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.defaultPrevented || isWriting(event.target)) return;
      if (panels.state.dialog || document.querySelector("dialog[open]")) return;
      event.preventDefault();
      openDialog("keys");
    };
    addEventListener("keydown", open);
    return () => removeEventListener("keydown", open);
  }, []);
}
