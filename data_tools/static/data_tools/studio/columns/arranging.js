// What the column list does to the view of the grid.

import { arrange } from "../commands.js";
import { panels } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { goTo, selection } from "../state/selection.js";
import { columnsInOrder, orderWithMoved, shownColumns, view } from "../state/view.js";

/** The column that was looked into last, where the list begins when it comes back. */
export let lastLookedInto = /** @type {string | null} */ (null);

/** Show a column's figures, and the column itself in the grid. @param {string} name */
export function lookInto(name) {
  lastLookedInto = name;
  panels.set({ column: name });
  const column = shownColumns(rows.state.columns, view.state).findIndex(
    (each) => each.name === name,
  );
  if (column !== -1) goTo({ row: selection.state.row, column }, { takeFocus: false });
}

/** @param {string} name @param {number} to its new place among all columns, hidden ones too */
export function moveColumn(name, to) {
  const { columns } = rows.state;
  const { order } = view.state;
  const others = columnsInOrder(columns, order).filter((column) => column.name !== name);
  arrange({ order: orderWithMoved(columns, order, name, others[to]?.name ?? null) });
}

/** @param {string} name */
export function toggleColumn(name) {
  const { hidden } = view.state;
  arrange({
    hidden: hidden.includes(name) ? hidden.filter((each) => each !== name) : [...hidden, name],
  });
}

export function showAllColumns() {
  arrange({ hidden: [] });
}
