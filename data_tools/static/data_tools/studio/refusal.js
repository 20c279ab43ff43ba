// An error beside what caused it, in a dialog or a form: its sentence, next steps and trace id.

import { wordsOf } from "../page/error_words.js";
import { html } from "../page/html.js";
import { TraceId } from "../page/notices.js";
import { signInAddress } from "../page/page_user.js";
import { StudioError } from "../session_client.js";

/** @param {{ error: Error | null, id?: string }} props */
export function Refusal({ error, id }) {
  if (error === null) return null;
  const pages = error instanceof StudioError ? error.actions.filter(isPage) : [];
  return html`<div class="refusal" role="alert" id=${id}>
    <p>${wordsOf(error)}</p>
    ${pages.map((action) => html`<a href=${ADDRESSES[action.action]()}>${action.label}</a>`)}
    ${error instanceof StudioError && error.traceId && html`<${TraceId} id=${error.traceId} />`}
  </div>`;
}

// Other actions are the page's own: what they show is seen behind the dialog, or done in it.
const ADDRESSES = { sign_in: signInAddress, list_datasets: () => "/" };

function isPage({ action }) {
  return action in ADDRESSES;
}
