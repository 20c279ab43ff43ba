// What a click on a column's name makes of the order.

import { MOST_ORDERS } from "../state/view.js";

/**
 * Ascending, then descending, then not at all. With `add` the other columns keep their places.
 *
 * @param {import("../state/view.js").Order[]} sort
 * @param {string} column
 * @param {boolean} add
 * @returns {import("../state/view.js").Order[]} the same list if there is no room for one more
 */
export function nextSort(sort, column, add) {
  const now = sort.find((order) => order.column === column);
  const next = now === undefined ? { column, descending: false } : { ...now, descending: true };
  const isOver = now?.descending === true;
  if (!add) return isOver ? [] : [next];
  if (isOver) return sort.filter((order) => order !== now);
  if (now) return sort.map((order) => (order === now ? next : order));
  return sort.length < MOST_ORDERS ? [...sort, next] : sort;
}
