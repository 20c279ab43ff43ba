// One cell, whole: a page has only the beginning of a long text.

import { rowsQuery, shownVersion } from "../reading.js";
import { api } from "../service.js";
import { rows } from "../state/rows.js";

/**
 * @param {number} row on the page
 * @param {string} column
 * @returns {Promise<any>} the answer, with `value`
 */
export function readWholeCell(row, column) {
  const { filter, sort } = rowsQuery();
  return api.get("data/cell/", { row: placeOf(row), column, filter, sort, ...shownVersion() });
}

/** @param {number} row on the page @param {string} column */
export function isShortened(row, column) {
  const place = placeOf(row);
  return rows.state.shortened.some((cell) => cell.row === place && cell.column === column);
}

/** Return the place among all rows that are found, from 1. */
function placeOf(row) {
  const { pageNumber, pageSize } = rows.state;
  return (pageNumber - 1) * pageSize + row + 1;
}
