// What the grid says when there is something else to see than rows.

import { wordsOf } from "../../page/error_words.js";
import { html, say, useStore } from "../../page/html.js";
import { TraceId } from "../../page/notices.js";
import { signInAddress } from "../../page/page_user.js";
import { arrange, filterBy } from "../commands.js";
import { readRows } from "../reading.js";
import { rows } from "../state/rows.js";
import { view } from "../state/view.js";

/** Why the page that was asked for is not shown, and what can be done. */
export function PageError() {
  const error = useStore(rows, (state) => /** @type {any} */ (state.error)); // see session_client.js
  const isFiltered = useStore(view, (state) => state.filter.length > 0);
  if (error === null) return null;
  const signIn = error.actions?.find(({ action }) => action === "sign_in");
  return html`<div class="notice error" role="alert">
    <p class="notice-text">${say("grid.notRead")} ${wordsOf(error)}</p>
    <div class="notice-actions">
      <button type="button" class="link" onClick=${readRows}>${say("page.retry")}</button>
      ${
        isFiltered &&
        html`<button type="button" class="link" onClick=${() => filterBy([])}>
        ${say("grid.clearFilters")}
      </button>`
      }
      ${signIn && html`<a class="link" href=${signInAddress()}>${signIn.label}</a>`}
      ${error.traceId && html`<${TraceId} id=${error.traceId} />`}
    </div>
  </div>`;
}

/** Why there is no row, or no column. @param {{ hasColumns: boolean }} props */
export function NothingToShow({ hasColumns }) {
  const { columns, rows: shown, totalRows, isLoading, error } = useStore(rows);
  if (columns.length === 0 || error) return null;
  if (!hasColumns) {
    return html`<div class="nothing">
      <p>${say("grid.allHidden")}</p>
      <button type="button" onClick=${() => arrange({ hidden: [] })}>${say("grid.showAll")}</button>
    </div>`;
  }
  if (shown.length > 0 || isLoading) return null;
  if (totalRows === 0) return html`<div class="nothing"><p>${say("grid.noRows")}</p></div>`;
  return html`<div class="nothing">
    <p>${say("grid.noneFound")}</p>
    <button type="button" onClick=${() => filterBy([])}>${say("grid.clearFilters")}</button>
  </div>`;
}

/** In place of rows until the first ones are there. It is seen only if that takes long. */
export function Skeleton() {
  return html`<div class="skeleton" aria-hidden="true">
    ${Array.from({ length: 12 }, () => html`<div></div>`)}
  </div>`;
}
