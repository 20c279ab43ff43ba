// Choosing the column of a new filter.

import { html, say, useLayoutEffect, useRef, useState } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { TypeMark } from "../columns/type_mark.js";
import { closeFilter, editFilterOf } from "./filtering.js";
import { shownColumn } from "./sentences.js";

const MOST_SHOWN = 100;

/** @param {{ columns: { name: string, type: string }[], place: number[] | null }} props */
export function ColumnChooser({ columns, place }) {
  const [search, setSearch] = useState("");
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => input.current.focus(), []); // what is typed next is meant for it

  const text = search.toLowerCase();
  const found = columns.filter(({ name }) => name.toLowerCase().includes(text));
  const shown = found.slice(0, MOST_SHOWN);
  const onKeyDown = (event) => {
    if (event.key === "Escape") closeFilter();
    else if (event.key === "Enter" && event.target === input.current && shown.length > 0) {
      editFilterOf(shown[0].name, place);
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      /** @type {Element[]} */
      const items = [input.current, ...list.current.querySelectorAll("button")];
      const to = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
      const item = items[Math.max(0, Math.min(items.length - 1, to))];
      /** @type {HTMLElement} */ (item).focus();
    } else return;
    event.preventDefault();
  };

  return html`<aside class="side panel" aria-label=${say("filter.add")} onKeyDown=${onKeyDown}>
    <header class="side-top">
      <h2>${say("filter.chooseColumn")}</h2>
      <button type="button" class="quiet" onClick=${closeFilter}>
        <${Icon} name="x" /><span class="visually-hidden">${say("page.close")}</span>
      </button>
    </header>
    <div class="side-search">
      <input
        ref=${input}
        type="search"
        value=${search}
        placeholder=${say("columns.find")}
        aria-label=${say("columns.find")}
        onInput=${(event) => setSearch(event.target.value)}
      />
    </div>
    <ul class="column-choices" ref=${list}>
      ${shown.map(
        (column) =>
          html`<li key=${column.name}>
            <button type="button" onClick=${() => editFilterOf(column.name, place)}>
              <${TypeMark} type=${column.type} />
              <span class="column-text">${shownColumn(column.name)}</span>
            </button>
          </li>`,
      )}
    </ul>
    ${found.length === 0 && html`<p class="mute none">${say("columns.noneFound")}</p>`}
    ${
      found.length > shown.length &&
      html`<p class="mute none">${say("columns.more", { count: found.length - shown.length })}</p>`
    }
  </aside>`;
}
