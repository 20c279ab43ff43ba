// The page of rows as a table that is read, moved in and copied from like a spreadsheet.

import {
  html,
  say,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
  useStore,
} from "../../page/html.js";
import { rows } from "../state/rows.js";
import { goTo, selection } from "../state/selection.js";
import { session } from "../state/session.js";
import { shownColumns, view } from "../state/view.js";
import { useColumnLayout } from "./column_layout.js";
import { ColumnMenu, moveColumn, setWidth } from "./column_menu.js";
import { fittingWidth } from "./column_widths.js";
import { copyChosen } from "./copying.js";
import { GridBody } from "./grid_body.js";
import { GridHead } from "./grid_head.js";
import { onGridKey } from "./grid_keys.js";
import { NothingToShow, PageError, Skeleton } from "./grid_notes.js";
import { onGridClick, onGridDoubleClick, onGridPointerDown, placeOf } from "./grid_pointer.js";

/** The grid, with what it says when there are no rows to see. */
export function Grid() {
  const columns = useStore(rows, (state) => state.columns);
  const hidden = useStore(view, (state) => state.hidden);
  const order = useStore(view, (state) => state.order);
  const isFirst = useStore(rows, (state) => state.columns.length === 0 && state.error === null);
  const shown = useMemo(() => shownColumns(columns, { hidden, order }), [columns, hidden, order]);
  return html`<div class="grid">
    <${PageError} />
    ${isFirst ? html`<${Skeleton} />` : shown.length > 0 && html`<${Table} shown=${shown} />`}
    <${NothingToShow} hasColumns=${shown.length > 0} />
  </div>`;
}

/** @param {{ shown: import("../state/session.js").Column[] }} props */
function Table({ shown }) {
  const scroll = useRef(/** @type {HTMLElement | null} */ (null));
  const focusGiven = useRef(selection.state.focusAsked);
  const [menu, setMenu] = useState(/** @type {any} */ (null));
  const [told, tell] = useState("");
  const layout = useColumnLayout(shown, scroll);
  const { drawn, width, numberWidth, stuckWidth, widths } = layout;
  const isLoading = useStore(rows, (state) => state.isLoading);
  const filteredRows = useStore(rows, (state) => state.filteredRows);
  const name = useStore(session, (state) => state.datasetName);
  const columnsChosen = useStore(selection, (state) => state.columns);

  const grid = {
    shown,
    widths,
    rowsInSight: () => rowsInSight(scroll.current),
    openMenu: (at) => setMenu({ at, near: headerOf(scroll.current, at).getBoundingClientRect() }),
    widthOf: (at) => widths[at],
    keepWidth: setWidth,
    place: (moved, beside, isAfter) => {
      const at = shown.findIndex((each) => each.name === beside) + (isAfter ? 1 : 0);
      if (shown[at]?.name !== moved) moveColumn(moved, shown[at]?.name ?? null);
    },
    fit: (fitted) => {
      const column = shown.find((each) => each.name === fitted);
      setWidth(fitted, fittingWidth(column, rows.state.rows, textMeasure(scroll.current)));
    },
  };
  const latest = useRef(grid);
  latest.current = grid;
  // The head and the rows are made again only when what they show is another.
  const head = useMemo(
    () => html`<${GridHead}
      drawn=${drawn}
      focusGiven=${focusGiven}
      onMenu=${(at) => latest.current.openMenu(at)}
    />`,
    [drawn],
  );
  const body = useMemo(
    () => html`<${GridBody}
      drawn=${drawn}
      columnCount=${shown.length}
      scroll=${scroll}
      focusGiven=${focusGiven}
    />`,
    [drawn, shown.length],
  );
  useLayoutEffect(() => {
    const header = scroll.current.querySelector("thead").offsetHeight;
    scroll.current.style.scrollPadding = `${header + 2}px 2px 2px ${stuckWidth + 2}px`;
  });
  const onContextMenu = (event) => {
    const place = placeOf(event.target);
    if (place?.row !== -1 || place.isNumber) return;
    event.preventDefault();
    const { clientX: left, clientY: bottom } = event;
    goTo(place, { takeFocus: false });
    setMenu({ at: place.column, near: { left, right: left, bottom } });
  };
  const closeMenu = () => {
    setMenu(null);
    if (document.activeElement === document.body) goTo(selection.state);
  };

  return html`<div class="scroll" ref=${scroll}>
      <table
        role="grid"
        aria-label=${say("grid.label", { name })}
        aria-rowcount=${filteredRows + 1}
        aria-colcount=${shown.length + 1}
        aria-multiselectable="true"
        aria-busy=${isLoading ? "true" : "false"}
        style=${{ width: `${width}px` }}
        onKeyDown=${(event) => onGridKey(event, grid)}
        onPointerDown=${(event) => onGridPointerDown(event, grid)}
        onClick=${(event) => onGridClick(event, grid)}
        onDblClick=${(event) => onGridDoubleClick(event, grid)}
        onContextMenu=${onContextMenu}
        onCopy=${(event) => copyChosen(event, shown, tell)}
      >
        <colgroup>
          <col style=${{ width: `${numberWidth}px` }} />
          ${drawn.map(
            (each) =>
              html`<col
                key=${each.key}
                data-at=${each.at}
                class=${each.column && columnsChosen.includes(each.column.name) ? "chosen" : ""}
                style=${{ width: `${each.width}px` }}
              />`,
          )}
        </colgroup>
        ${head} ${body}
      </table>
    </div>
    <p class="visually-hidden" role="status">${told}</p>
    ${
      menu &&
      shown[menu.at] &&
      html`<${ColumnMenu}
      column=${shown[menu.at]}
      near=${menu.near}
      shown=${shown}
      fit=${grid.fit}
      onClose=${closeMenu}
    />`
    }`;
}

function headerOf(scroll, at) {
  return scroll.querySelector(`th[aria-colindex="${at + 2}"]`);
}

/** Return how many rows a Page key moves by: as many as are seen, but one. */
function rowsInSight(scroll) {
  const row = scroll.querySelector("tbody tr");
  if (!row) return 1;
  const room = scroll.clientHeight - scroll.querySelector("thead").offsetHeight;
  return Math.max(1, Math.floor(room / row.offsetHeight) - 1);
}

/** Return a function that measures texts in the font of the table. */
function textMeasure(scroll) {
  const context = document.createElement("canvas").getContext("2d");
  context.font = getComputedStyle(scroll).font;
  return (text) => context.measureText(text).width;
}
