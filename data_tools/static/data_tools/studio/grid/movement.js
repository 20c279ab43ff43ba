// Where a key leads in the grid. Row -1 is the row of headers.

/**
 * @typedef {object} Place
 * @property {number} row
 * @property {number} column
 *
 * @typedef {object} Extent
 * @property {number} rows on the page
 * @property {number} columns that are shown
 * @property {number} rowsInSight by which a Page key moves
 */

/**
 * Return where the key leads, with `turn` (-1 or 1) if that is on a neighbouring page; null if the
 * key does not move.
 *
 * @param {{ key: string, isFar: boolean }} pressed `isFar` with Ctrl or Command
 * @param {Place} from
 * @param {Extent} extent
 * @returns {(Place & { turn?: -1 | 1 }) | null}
 */
export function placeAfter({ key, isFar }, { row, column }, { rows, columns, rowsInSight }) {
  const lastRow = rows - 1;
  const lastColumn = columns - 1;
  const at = (toRow, toColumn) => ({
    row: Math.max(-1, Math.min(lastRow, toRow)),
    column: Math.max(0, Math.min(lastColumn, toColumn)),
  });
  switch (key) {
    case "ArrowUp":
      return at(isFar ? 0 : row - 1, column);
    case "ArrowDown":
      return at(isFar ? lastRow : row + 1, column);
    case "ArrowLeft":
      return at(row, isFar ? 0 : column - 1);
    case "ArrowRight":
      return at(row, isFar ? lastColumn : column + 1);
    case "Home":
      return at(isFar ? 0 : row, 0);
    case "End":
      return at(isFar ? lastRow : row, lastColumn);
    case "PageDown":
      if (row >= lastRow) return { ...at(0, column), turn: 1 };
      return at(Math.max(0, row) + rowsInSight, column);
    case "PageUp":
      if (row <= 0) return { ...at(lastRow, column), turn: -1 };
      return at(Math.max(0, row - rowsInSight), column);
    default:
      return null;
  }
}

/**
 * Return the chosen cells from one corner to the other.
 *
 * @param {{ row: number, column: number, toRow: number, toColumn: number }} selection
 */
export function rangeOf({ row, column, toRow, toColumn }) {
  return {
    top: Math.min(row, toRow),
    bottom: Math.max(row, toRow),
    left: Math.min(column, toColumn),
    right: Math.max(column, toColumn),
  };
}
