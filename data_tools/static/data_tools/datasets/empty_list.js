// What somebody sees who has no dataset yet.

import { html, say } from "../page/html.js";
import { Icon } from "../page/icon.js";
import { FileButton } from "./file_button.js";
import { openImport } from "./import/importing.js";

export function EmptyList() {
  return html`<div class="empty-list">
    <${Icon} name="file-up" />
    <h2>${say("datasets.emptyTitle")}</h2>
    <p class="mute">${say("datasets.emptyText")}</p>
    <${FileButton} class="primary" label=${say("datasets.upload")} onFiles=${openImport} />
  </div>`;
}
