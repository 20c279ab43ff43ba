// The files that are on their way, with how much of each has arrived.

import { bytes } from "../page/formats.js";
import { html, say, useStore } from "../page/html.js";
import { datasets } from "./state.js";

export function Uploads() {
  const uploads = useStore(datasets, (state) => state.uploads);
  if (uploads.length === 0) return null;
  return html`<section aria-label=${say("upload.list")}>
    <ul class="uploads" aria-label=${say("upload.list")}>
    ${uploads.map(
      (each) =>
        html`<li key=${each.id}>
          <span class="upload-name">${each.fileName}</span>
          <progress max=${each.total} value=${each.sent} aria-label=${each.fileName}></progress>
          <small>${say("upload.sent", { sent: bytes(each.sent), total: bytes(each.total) })}</small>
          <button type="button" class="link" onClick=${each.cancel}>${say("page.cancel")}</button>
        </li>`,
    )}
  </ul>
  </section>`;
}
