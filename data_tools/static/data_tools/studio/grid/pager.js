// Turning pages, and how many rows a page has.

import { html, say, useEffect, useId, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { showPagesOf, turnTo } from "../commands.js";
import { rows } from "../state/rows.js";
import { PAGE_SIZES, view } from "../state/view.js";

export function Pager() {
  const { pageNumber, totalPages, error } = useStore(rows);
  const wanted = useStore(view, (state) => state.pageNumber);
  // Where the person has turned to, while its rows are on their way; where they are if none came.
  const turnedTo = error ? pageNumber : wanted;
  // The button of the last page is not disabled, since it would lose the focus.
  const turn = (to, name, icon, isOver) =>
    html`<button
      type="button"
      aria-label=${say(name)}
      title=${say(name)}
      aria-disabled=${isOver ? "true" : undefined}
      onClick=${() => !isOver && turnTo(to)}
    >
      <${Icon} name=${icon} />
    </button>`;
  return html`<nav class="pager" aria-label=${say("pager.label")}>
    <div class="pager-turn">
      ${turn(1, "pager.first", "chevron-first", turnedTo <= 1)}
      ${turn(turnedTo - 1, "pager.previous", "chevron-left", turnedTo <= 1)}
      <${PageField} pageNumber=${pageNumber} totalPages=${totalPages} error=${error} />
      ${turn(turnedTo + 1, "pager.next", "chevron-right", turnedTo >= totalPages)}
      ${turn(totalPages, "pager.last", "chevron-last", turnedTo >= totalPages)}
    </div>
    <${Showing} />
    <${PageSize} />
  </nav>`;
}

/** @param {{ pageNumber: number, totalPages: number, error: unknown }} props */
function PageField({ pageNumber, totalPages, error }) {
  const field = useRef(/** @type {HTMLInputElement | null} */ (null));
  // A turn that failed leaves the number as it was, and the field with what was typed.
  useEffect(() => {
    field.current.value = String(pageNumber);
  }, [pageNumber, error]);
  const jump = () => {
    const number = Math.round(Number(field.current.value));
    if (number >= 1) turnTo(number);
    else field.current.value = String(pageNumber);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter") jump();
    else if (event.key === "Escape") field.current.value = String(pageNumber);
  };
  return html`<label class="page-field">
    <span class="page-word">${say("pager.page")}</span>
    <input
      ref=${field}
      type="text"
      inputmode="numeric"
      autocomplete="off"
      style=${{ width: `calc(${Math.max(3, String(totalPages).length)}ch + 22px)` }}
      onFocus=${(event) => event.target.select()}
      onChange=${jump}
      onKeyDown=${onKeyDown}
    />
    <span>${say("pager.pages", { count: Math.max(1, totalPages) })}</span>
  </label>`;
}

function Showing() {
  const { pageNumber, pageSize, filteredRows, totalRows, columns, rows: shown } = useStore(rows);
  if (columns.length === 0) return html`<p class="showing"></p>`; // nothing was read yet
  const from = (pageNumber - 1) * pageSize + 1;
  if (shown.length === 0) return html`<p class="showing" role="status">${say("pager.none")}</p>`;
  return html`<p class="showing" role="status">
    ${say("pager.showing")} <b>${say("pager.range", { from, to: from + shown.length - 1 })}</b>
    ${" "}${say("pager.of")} <b>${say("pager.total", { count: filteredRows })}</b>
    ${
      filteredRows !== totalRows &&
      html` <span class="mute">${say("pager.filtered", { total: totalRows })}</span>`
    }
  </p>`;
}

function PageSize() {
  const size = useStore(view, (state) => state.pageSize);
  const id = useId();
  const sizes = [...new Set([...PAGE_SIZES, size])].sort((a, b) => a - b);
  return html`<div class="page-size">
    <label for=${id}>${say("pager.size")}</label>
    <select
      id=${id}
      value=${String(size)}
      onChange=${(event) => showPagesOf(Number(event.target.value))}
    >
      ${sizes.map((each) => html`<option value=${String(each)}>${each}</option>`)}
    </select>
  </div>`;
}
