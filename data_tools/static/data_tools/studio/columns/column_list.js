// The list of all columns: find one, hide it, move it, see what it holds.

import {
  html,
  say,
  useEffect,
  useId,
  useMemo,
  useRef,
  useState,
  useStore,
} from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { shownColumn } from "../filters/sentences.js";
import { panels } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { columnsInOrder, view } from "../state/view.js";
import { lastLookedInto, lookInto, moveColumn, showAllColumns, toggleColumn } from "./arranging.js";
import { useReordering } from "./reordering.js";
import { useRowWindow } from "./row_window.js";
import { TypeMark } from "./type_mark.js";

const HEIGHT = matchMedia("(pointer: coarse)").matches ? 44 : 30;

export function ColumnList() {
  const columns = useStore(rows, (state) => state.columns);
  const order = useStore(view, (state) => state.order);
  const hidden = useStore(view, (state) => state.hidden);
  const [search, setSearch] = useState("");
  const [active, setActive] = useState(() => placeOfLast(columns, order));
  const hint = useId();
  const focusNext = useRef(false);

  const ordered = useMemo(() => columnsInOrder(columns, order), [columns, order]);
  const shown = useMemo(() => {
    const text = search.toLowerCase();
    return text === "" ? ordered : ordered.filter(({ name }) => name.toLowerCase().includes(text));
  }, [ordered, search]);
  const hiddenNames = useMemo(() => new Set(hidden), [hidden]);
  const hiddenCount = columns.filter(({ name }) => hiddenNames.has(name)).length;
  const isWhole = shown.length === ordered.length;
  const current = Math.min(active, shown.length - 1);

  const rowWindow = useRowWindow(shown.length, HEIGHT);
  const { drag, handle } = useReordering({
    count: shown.length,
    height: HEIGHT,
    list: rowWindow.scroller.ref,
    onMove: (from, to) => moveColumn(shown[from].name, to),
  });

  useEffect(() => rowWindow.reveal(current), []);

  const goToRow = (row) => {
    const to = Math.max(0, Math.min(shown.length - 1, row));
    setActive(to);
    rowWindow.reveal(to);
    focusNext.current = true;
  };
  const onKeyDown = (event) => {
    const to = { ArrowDown: current + 1, ArrowUp: current - 1, Home: 0, End: shown.length - 1 }[
      event.key
    ];
    if (to === undefined || shown.length === 0) return;
    event.preventDefault();
    if (event.altKey && isWhole) moveColumn(shown[current].name, Math.min(to, shown.length - 1));
    goToRow(to);
  };
  const focusIt = (row, element) => {
    if (row !== current || !focusNext.current || element === null) return;
    focusNext.current = false;
    element.focus();
  };

  return html`<aside class="side columns" aria-label=${say("columns.title")}>
    <header class="side-top">
      <h2>${say("columns.title")}</h2>
      <button type="button" class="quiet" onClick=${() => panels.set({ columnsOpen: false })}>
        <${Icon} name="x" /><span class="visually-hidden">${say("columns.fold")}</span>
      </button>
    </header>
    <div class="side-search">
      <input
        type="search"
        value=${search}
        placeholder=${say("columns.find")}
        aria-label=${say("columns.find")}
        onInput=${(event) => {
          setSearch(event.target.value);
          setActive(0);
        }}
        onKeyDown=${(event) => {
          if (event.key === "ArrowDown" && shown.length > 0) {
            event.preventDefault();
            goToRow(current);
          } else if (event.key === "Enter" && shown.length > 0) lookInto(shown[current].name);
        }}
      />
    </div>
    <p class="visually-hidden" id=${hint}>${say("columns.hint")}</p>
    <div class="column-rows" ...${rowWindow.scroller}>
      <ul
        aria-label=${say("columns.title")}
        aria-describedby=${hint}
        style=${{ height: `${shown.length * HEIGHT}px` }}
        onKeyDown=${onKeyDown}
      >
        ${shown.slice(rowWindow.from, rowWindow.to).map((column, at) => {
          const row = rowWindow.from + at;
          const isHidden = hiddenNames.has(column.name);
          return html`<li
            key=${column.name}
            class="${isHidden ? "is-hidden" : ""} ${drag?.from === row ? "dragged" : ""} ${dropClass(drag, row)}"
            aria-setsize=${shown.length}
            aria-posinset=${row + 1}
            style=${{ transform: `translateY(${row * HEIGHT}px)`, height: `${HEIGHT}px` }}
          >
            ${
              isWhole &&
              html`<span class="column-grip" title=${say("columns.drag")} ...${handle(row)}>
              <${Icon} name="grip-vertical" />
            </span>`
            }
            <button
              type="button"
              class="column-open"
              tabindex=${row === current ? 0 : -1}
              ref=${(element) => focusIt(row, element)}
              onFocus=${() => setActive(row)}
              onClick=${() => lookInto(column.name)}
            >
              <${TypeMark} type=${column.type} />
              <span class="column-text">${shownColumn(column.name)}</span>
            </button>
            <button
              type="button"
              class="quiet"
              tabindex=${row === current ? 0 : -1}
              title=${say(isHidden ? "columns.show" : "grid.hide")}
              aria-label=${say(isHidden ? "columns.showNamed" : "columns.hideNamed", { column: shownColumn(column.name) })}
              onFocus=${() => setActive(row)}
              onClick=${() => toggleColumn(column.name)}
            >
              <${Icon} name=${isHidden ? "eye-off" : "eye"} />
            </button>
          </li>`;
        })}
      </ul>
      ${shown.length === 0 && columns.length > 0 && html`<p class="mute none">${say("columns.noneFound")}</p>`}
    </div>
    <footer class="side-foot">
      <small role="status">
        ${columns.length > 0 && countInWords(shown.length, columns.length, hiddenCount)}
      </small>
      ${
        hiddenCount > 0 &&
        html`<button type="button" class="link" onClick=${showAllColumns}>
        ${say("columns.showAll")}
      </button>`
      }
    </footer>
  </aside>`;
}

/** Hidden ones come first: the button to show them stands beside it. */
function countInWords(found, total, hidden) {
  if (hidden > 0) return say("columns.hiddenCount", { count: hidden });
  if (found < total) return say("columns.found", { count: found, total });
  return say("page.columns", { count: total });
}

/** @returns {number} the row of the column that was looked into last */
function placeOfLast(columns, order) {
  const at = columnsInOrder(columns, order).findIndex(({ name }) => name === lastLookedInto);
  return Math.max(0, at);
}

function dropClass(drag, row) {
  if (drag === null || drag.to !== row || drag.to === drag.from) return "";
  return drag.to < drag.from ? "drop-before" : "drop-after";
}
