// The button that folds the column list away and opens it.

import { html, say, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { panels } from "../state/panels.js";

export function ColumnsToggle() {
  const { columnsOpen } = useStore(panels);
  return html`<button
    type="button"
    class="fold"
    aria-expanded=${String(columnsOpen)}
    title=${say(columnsOpen ? "columns.fold" : "columns.unfold")}
    onClick=${() => panels.set({ columnsOpen: !columnsOpen, column: null, filterColumn: null })}
  >
    <${Icon} name="panel-left" /> <span class="tool-word">${say("columns.title")}</span>
  </button>`;
}
