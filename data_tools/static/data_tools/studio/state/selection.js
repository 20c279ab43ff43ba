// The cell that the keyboard is at, and the cells and columns that are chosen.

import { Store } from "../../page/store.js";

export const selection = new Store({
  row: 0, // on the page; -1 is the row of headers
  column: 0, // among the shown columns
  toRow: 0, // the other corner of the chosen cells
  toColumn: 0,
  columns: /** @type {string[]} */ ([]), // chosen by their headers, for a step
  focusAsked: 0, // how often the grid was asked to take the focus to this cell
});

/**
 * Go to a cell.
 *
 * @param {{ row: number, column: number }} place
 * @param {object} [options]
 * @param {boolean} [options.extend] choose all cells between where it began and here
 * @param {boolean} [options.takeFocus]
 */
export function goTo({ row, column }, { extend = false, takeFocus = true } = {}) {
  selection.set({
    row,
    column,
    ...(!extend && { toRow: row, toColumn: column }),
    ...(takeFocus && { focusAsked: selection.state.focusAsked + 1 }),
  });
}

/**
 * Choose a column, or no longer if it is chosen already.
 *
 * @param {string} name
 * @param {object} [options]
 * @param {boolean} [options.add] keep the others
 * @param {string[]} [options.through] all shown columns: choose those from the last chosen one to it
 */
export function chooseColumn(name, { add = false, through } = {}) {
  const chosen = selection.state.columns;
  const isChosen = chosen.includes(name);
  let next;
  if (through && chosen.length > 0) {
    const [from, to] = [through.indexOf(chosen.at(-1)), through.indexOf(name)];
    const between = through.slice(Math.min(from, to), Math.max(from, to) + 1);
    next = [...new Set([...chosen, ...between])];
  } else if (add) next = isChosen ? chosen.filter((each) => each !== name) : [...chosen, name];
  else next = isChosen && chosen.length === 1 ? [] : [name];
  selection.set({ columns: next });
}

export function chooseNoColumns() {
  if (selection.state.columns.length > 0) selection.set({ columns: [] });
}
