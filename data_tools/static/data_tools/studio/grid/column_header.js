// The header of a column: its type and name, the order by it, its menu, and its figures as a strip.

import { html, say, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { notify } from "../../page/notices.js";
import { ColumnStrip } from "../columns/column_strip.js";
import { TYPE_ICONS } from "../columns/type_mark.js";
import { sortBy } from "../commands.js";
import { selection } from "../state/selection.js";
import { MOST_ORDERS, view } from "../state/view.js";
import { nextSort } from "./sorting.js";

/** @param {string} name @param {boolean} add */
export function turnSort(name, add) {
  const { sort } = view.state;
  const next = nextSort(sort, name, add);
  if (next !== sort) return sortBy(next);
  const text = say("grid.mostOrders", { count: MOST_ORDERS });
  notify({ id: "most-orders", tone: "info", text });
  return undefined;
}

/**
 * @param {{
 *   column: import("../state/session.js").Column,
 *   at: number,
 *   left?: number,
 *   onMenu: (at: number) => void,
 * }} props `at` among the shown columns, `left` where it stays if it is frozen
 */
export function ColumnHeader({ column, at, left, onMenu }) {
  const { name, type } = column;
  const isAt = useStore(selection, (state) => state.row === -1 && state.column === at);
  const isChosen = useStore(selection, (state) => state.columns.includes(name));
  const place = useStore(view, (state) => state.sort.findIndex((each) => each.column === name));
  const isDescending = useStore(view, (state) => state.sort[place]?.descending === true);
  const isOneOfSome = useStore(view, (state) => place >= 0 && state.sort.length > 1);
  const sorted = isDescending ? "descending" : "ascending";
  return html`<th
    scope="col"
    class=${`column ${type === "integer" || type === "float" ? "number-column" : ""} ${
      isChosen ? "chosen" : ""
    } ${isAt ? "at" : ""} ${left === undefined ? "" : "frozen"}`}
    style=${left === undefined ? undefined : { left: `${left}px` }}
    data-name=${name}
    aria-colindex=${at + 2}
    aria-sort=${place < 0 ? undefined : sorted}
    aria-selected=${isChosen ? "true" : undefined}
    tabindex=${isAt ? 0 : undefined}
  >
    <span class="grip before" data-grip=${at - 1}></span>
    <div class="column-top">
      <span class="type" title=${say(`grid.type.${type}`)}>
        <${Icon} name=${TYPE_ICONS[type]} />
        <span class="visually-hidden">${say(`grid.type.${type}`)}</span>
      </span>
      <button
        type="button"
        class="column-name"
        tabindex="-1"
        title=${`${name}\n${say("grid.sortHint")}`}
        onClick=${(event) => turnSort(name, event.shiftKey)}
      >
        <span class="column-word">${name}</span>
        ${
          place >= 0 &&
          html`<span class="sorted">
          <${Icon} name=${isDescending ? "arrow-down" : "arrow-up"} />${isOneOfSome && place + 1}
        </span>`
        }
      </button>
      <button
        type="button"
        class="quiet column-menu-button"
        tabindex="-1"
        aria-label=${say("grid.columnMenu", { name })}
        aria-haspopup="menu"
        onClick=${() => onMenu(at)}
      >
        <${Icon} name="chevron-down" />
      </button>
    </div>
    <${ColumnStrip} column=${column} />
    <span class="grip after" data-grip=${at}></span>
  </th>`;
}
