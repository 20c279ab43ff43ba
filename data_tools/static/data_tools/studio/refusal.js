// An error beside what caused it, in a dialog or a form: its sentence, next steps and trace id.

import { html, say } from "../page/html.js";
import { TraceId } from "../page/notices.js";
import { NoAnswer, StudioError } from "../session_client.js";

/** @param {{ error: Error | null, id?: string }} props */
export function Refusal({ error, id }) {
  if (error === null) return null;
  const text = error instanceof NoAnswer ? say("page.noAnswer") : error.message;
  const pages = error instanceof StudioError ? error.actions.filter(isPage) : [];
  return html`<div class="refusal" role="alert" id=${id}>
    <p>${text}</p>
    ${pages.map((action) => html`<a href=${addressOf(action)}>${action.label}</a>`)}
    ${error instanceof StudioError && error.traceId && html`<${TraceId} id=${error.traceId} />`}
  </div>`;
}

// Other actions are the page's own: what they show is seen behind the dialog, or done in it.
const ADDRESSES = { sign_in: null, list_datasets: "/" };

function isPage({ action }) {
  return action in ADDRESSES;
}

function addressOf({ action, href }) {
  return ADDRESSES[action] ?? href;
}
