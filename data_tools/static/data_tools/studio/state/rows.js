// The page of rows that is shown.

import { Store } from "../../page/store.js";

export const rows = new Store({
  rows: /** @type {Record<string, any>[]} */ ([]), // cells by column name; a missing one is null
  rowNumbers: /** @type {number[]} */ ([]), // the dataset's number of each row, which never changes
  shortened: /** @type {{ row: number, column: string, characters: number }[]} */ ([]),
  columns: /** @type {import("./session.js").Column[]} */ ([]),
  version: 0,
  pageNumber: 1,
  pageSize: 50,
  totalRows: 0,
  filteredRows: 0,
  totalPages: 0,
  isLoading: false,
  error: /** @type {Error | null} */ (null),
  // Cells that the last step changed, by `cellKey`, with what they held before.
  changed: /** @type {Map<string, { value: any, type: string }>} */ (new Map()),
});

/** @param {number} rowNumber @param {string} column */
export function cellKey(rowNumber, column) {
  return `${rowNumber} ${column}`;
}
