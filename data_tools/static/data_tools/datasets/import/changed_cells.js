// Which cells of a preview other options have changed.

/** @param {number} row @param {number} column both as they are shown, from 0 */
export function cellAt(row, column) {
  return `${row} ${column}`;
}

/**
 * Return the cells that differ between two previews of the same file.
 *
 * Cells are compared by their place. If there are other columns than before, every cell has changed,
 * and none is returned: all of them tinted would say nothing.
 *
 * @param {any} before
 * @param {any} after
 * @returns {Set<string>}
 */
export function changedCells(before, after) {
  const changed = /** @type {Set<string>} */ (new Set());
  if (!before || before.columns.length !== after.columns.length) return changed;
  const rows = Math.min(before.rows.length, after.rows.length);
  for (let row = 0; row < rows; row++) {
    after.columns.forEach(({ name }, column) => {
      const was = before.rows[row][before.columns[column].name];
      if (was !== after.rows[row][name]) changed.add(cellAt(row, column));
    });
  }
  return changed;
}
