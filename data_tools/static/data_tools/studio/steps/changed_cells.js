// Which cells of a page a step has changed, told by comparing the page before and after it.

import { cellKey } from "../state/rows.js";

/**
 * @typedef {object} Page
 * @property {Record<string, any>[]} rows
 * @property {number[]} rowNumbers
 * @property {{ name: string, type: string }[]} columns
 *
 * @typedef {object} Changes
 * @property {Map<string, { value: any, type: string }>} cells what each changed cell held before, by
 *     the `cellKey` of its present name; its type may have been another
 * @property {string[]} newColumns
 * @property {string | null} filledWith what every formerly missing cell holds now, if it is the same
 */

/**
 * Rows are told by their numbers: one that was not on the page before is left out, since nobody saw
 * what it held. Columns are followed through renames.
 *
 * @param {Page} before
 * @param {Page} after
 * @param {Record<string, string>} [renames] new names by old ones
 * @returns {Changes}
 */
export function changesBetween(before, after, renames = {}) {
  const old = new Map(
    before.columns.map((column) => {
      const { name } = column; // which may be "constructor"
      return [Object.hasOwn(renames, name) ? renames[name] : name, column];
    }),
  );
  const rowsBefore = new Map(before.rowNumbers.map((number, at) => [number, before.rows[at]]));
  const stayed = after.columns.filter(({ name }) => old.has(name));
  const cells = new Map();
  const fillings = new Set();
  after.rowNumbers.forEach((number, at) => {
    const earlier = rowsBefore.get(number);
    if (earlier === undefined) return;
    for (const { name } of stayed) {
      const { name: oldName, type } = /** @type {{ name: string, type: string }} */ (old.get(name));
      const value = earlier[oldName] ?? null;
      const is = after.rows[at][name] ?? null;
      if (value === is) continue;
      cells.set(cellKey(number, name), { value, type });
      if (value === null) fillings.add(is);
    }
  });
  const [filling] = fillings;
  return {
    cells,
    newColumns: after.columns.map(({ name }) => name).filter((name) => !old.has(name)),
    filledWith: fillings.size === 1 ? filling : null,
  };
}
