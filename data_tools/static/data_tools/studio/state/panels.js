// Which sides, panels and dialogs are open.

import { Store } from "../../page/store.js";

// On a phone the sides are sheets over the rows: they open when asked for.
const narrow = globalThis.matchMedia?.("(max-width: 800px)");
const isNarrow = narrow?.matches ?? false;

export const panels = new Store({
  columnsOpen: !isNarrow,
  historyOpen: !isNarrow,
  column: /** @type {string | null} */ (null), // whose figures are shown
  filterColumn: /** @type {string | null} */ (null), // whose filter is made; "" to choose a column
  // What its panel shows; a column without a name can not be told from none by `filterColumn`.
  filterView: /** @type {"column" | "choose" | "group"} */ ("column"),
  // Which entry of the filter that is, see `filters/filter_tree.js`; null for the column's own.
  filterPlace: /** @type {number[] | null} */ (null),
  dialog: /** @type {{ name: string, opening: number, [field: string]: any } | null} */ (null), // see dialogs.js
});

/** Give the rows their room back, where a sheet lies over them. */
export function closeSheets() {
  if (narrow?.matches) panels.set({ columnsOpen: false, historyOpen: false });
}

let openings = 0;

/**
 * Each opening is another one. The browser tells later that a dialog was closed, and must not close
 * the one that was opened meanwhile.
 *
 * @param {string} name
 * @param {Record<string, any>} [fields]
 */
export function openDialog(name, fields = {}) {
  openings += 1;
  panels.set({ dialog: { name, opening: openings, ...fields } });
}

export function closeDialog() {
  panels.set({ dialog: null });
}
