// The rows of the grid.

import { html, useEffect, useLayoutEffect, useMemo, useStore } from "../../page/html.js";
import { preferences } from "../../page/preferences.js";
import { readAhead } from "../reading.js";
import { rows } from "../state/rows.js";
import { goTo, selection } from "../state/selection.js";
import { view } from "../state/view.js";
import { GridRow } from "./grid_row.js";

/**
 * @param {{
 *   drawn: import("./column_layout.js").Drawn[],
 *   columnCount: number,
 *   scroll: { current: HTMLElement | null },
 *   focusGiven: { current: number },
 * }} props
 */
export function GridBody({ drawn, columnCount, scroll, focusGiven }) {
  const shown = useStore(rows, (state) => state.rows);
  const changed = useStore(rows, (state) => state.changed);
  const isPlain = useStore(preferences, (state) => state.values === "plain");
  const { rowNumbers, shortened, pageNumber, pageSize } = rows.state; // they change with the rows
  const before = (pageNumber - 1) * pageSize;
  const cut = useMemo(
    () => new Set(shortened.map(({ row, column }) => `${row} ${column}`)),
    [shortened],
  );

  useLayoutEffect(() => {
    scroll.current.scrollTop = 0;
  }, [pageNumber]);
  useLayoutEffect(() => stayInside(shown.length, columnCount), [shown.length, columnCount]);
  useEffect(() => {
    const rested = setTimeout(readAhead, millisecondsOfRest());
    return () => clearTimeout(rested);
  }, [shown]);

  return html`<tbody>
    ${shown.map(
      (row, at) =>
        html`<${GridRow}
          key=${at}
          at=${at}
          index=${before + at + 1}
          row=${row}
          number=${rowNumbers[at] ?? before + at + 1}
          drawn=${drawn}
          changed=${changed}
          shortened=${cut}
          isPlain=${isPlain}
          focusGiven=${focusGiven}
        />`,
    )}
  </tbody>`;
}

/**
 * Return for how long a page has to be shown before its neighbours are read ahead.
 *
 * Until the service has kept the list of the rows of a new filter or order, it finds them anew for
 * each page. Somebody who tries one filter after another would wait for that, and needs no page 2.
 */
function millisecondsOfRest() {
  const { filter, sort, pageNumber } = view.state;
  return pageNumber === 1 && filter.length + sort.length > 0 ? 1000 : 50;
}

/** The keyboard is at a cell that is there, however few rows and columns are left. */
function stayInside(rowCount, columnCount) {
  const { row, column } = selection.state;
  const place = {
    row: Math.min(row, Math.max(0, rowCount - 1)),
    column: Math.min(column, Math.max(0, columnCount - 1)),
  };
  if (place.row !== row || place.column !== column) goTo(place, { takeFocus: false });
}
