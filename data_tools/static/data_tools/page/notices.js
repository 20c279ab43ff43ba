// Notices: what a person has to know now, shown until it is dismissed or over. Each may have actions.

import { useCopying } from "./clipboard.js";
import { html, say } from "./html.js";
import { Store, useStore } from "./store.js";

/**
 * @typedef {object} Action
 * @property {string} label
 * @property {() => unknown} act
 *
 * @typedef {object} Notice
 * @property {string} id another notice with the same id takes its place
 * @property {"info" | "done" | "warning" | "error"} tone
 * @property {any} text a sentence, or what `html` made
 * @property {Action[]} [actions]
 * @property {string} [traceId]
 * @property {boolean} [stays] it can not be dismissed: whoever showed it takes it away
 */

export const notices = new Store({ list: /** @type {Notice[]} */ ([]) });

/** @param {Notice} notice */
export function notify(notice) {
  const list = notices.state.list;
  const isThere = list.some((each) => each.id === notice.id);
  notices.set({
    list: isThere ? list.map((each) => (each.id === notice.id ? notice : each)) : [...list, notice],
  });
}

/** @param {string} id */
export function takeAway(id) {
  const list = notices.state.list;
  if (list.some((each) => each.id === id)) {
    notices.set({ list: list.filter((each) => each.id !== id) });
  }
}

export function Notices() {
  const list = useStore(notices, (state) => state.list);
  return html`<div class="notices">
    ${list.map((notice) => html`<${NoticeView} key=${notice.id} notice=${notice} />`)}
  </div>`;
}

/** @param {{ notice: Notice }} props */
function NoticeView({ notice }) {
  const { id, tone, text, actions = [], traceId, stays } = notice;
  const act = async (action) => {
    takeAway(id);
    await action.act();
  };
  return html`<div class="notice ${tone}" role=${tone === "error" ? "alert" : "status"}>
    <p class="notice-text">${text}</p>
    <div class="notice-actions">
      ${actions.map(
        (action) =>
          html`<button type="button" class="link" onClick=${() => act(action)}>
            ${action.label}
          </button>`,
      )}
      ${traceId && html`<${TraceId} id=${traceId} />`}
      ${
        !stays &&
        html`<button type="button" class="link" onClick=${() => takeAway(id)}>
        ${say("page.dismiss")}
      </button>`
      }
    </div>
  </div>`;
}

/** @param {{ id: string }} props */
export function TraceId({ id }) {
  const [told, copy] = useCopying();
  return html`<details class="trace">
    <summary>${say("page.details")}</summary>
    <p>
      ${say("page.traceId")} <code>${id}</code>
      <button type="button" class="link" onClick=${() => copy(id)}>
        ${say("page.copy")}
      </button>
      <span role="status">${told}</span>
    </p>
  </details>`;
}
