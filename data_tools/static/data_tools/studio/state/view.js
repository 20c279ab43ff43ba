// How the person looks at the rows. It is recorded with the session, so that a reload or a recovery
// shows it again. Filters and orders name columns as the service does.

import { Store } from "../../page/store.js";

export const PAGE_SIZES = [10, 25, 50, 100];
export const MOST_ORDERS = 4;

/**
 * @typedef {{ column: string, op: string, value?: any, ignore_case?: boolean }} Condition
 * @typedef {Condition | { all: Filter[] } | { any: Filter[] } | { not: Filter }} Filter
 * @typedef {{ column: string, descending: boolean, ignore_case?: boolean, locale?: string }} Order
 */

export const view = new Store({
  pageNumber: 1,
  pageSize: 50,
  sort: /** @type {Order[]} */ ([]),
  filter: /** @type {Filter[]} */ ([]), // all of them must hold
  hidden: /** @type {string[]} */ ([]),
  order: /** @type {string[]} */ ([]), // columns that come first, in this order
  widths: /** @type {Record<string, number>} */ ({}), // in px
  frozen: 0, // how many of the first columns stay in sight
});

/**
 * Return all columns in the order of the view.
 *
 * @template {{ name: string }} Column
 * @param {Column[]} columns
 * @param {string[]} order
 */
export function columnsInOrder(columns, order) {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const first = order.filter((name) => byName.has(name));
  return [...new Set([...first, ...byName.keys()])].map((name) => byName.get(name));
}

/**
 * Return the shown columns in the order of the view.
 *
 * @template {{ name: string }} Column
 * @param {Column[]} columns
 * @param {{ hidden: string[], order: string[] }} view
 */
export function shownColumns(columns, { hidden, order }) {
  const isHidden = new Set(hidden);
  return columnsInOrder(columns, order).filter(({ name }) => !isHidden.has(name));
}

/**
 * Return the `order` of a view in which `name` stands directly before `before`, or last.
 *
 * It is as short as it can be: columns after those that it names keep the table's order.
 *
 * @param {{ name: string }[]} columns of the table
 * @param {string[]} order
 * @param {string} name
 * @param {string | null} before
 */
export function orderWithMoved(columns, order, name, before) {
  const names = columnsInOrder(columns, order).map((column) => column.name);
  const rest = names.filter((each) => each !== name);
  const at = before === null ? rest.length : rest.indexOf(before);
  return shortestOrder(rest.toSpliced(at, 0, name), columns);
}

/** @param {string[]} names all of them, in order @param {{ name: string }[]} columns */
function shortestOrder(names, columns) {
  const placeOf = new Map(columns.map((column, place) => [column.name, place]));
  let end = names.length - 1;
  while (end > 0 && placeOf.get(names[end - 1]) < placeOf.get(names[end])) end -= 1;
  // The rest is in the table's order; so may be the whole.
  return end <= 0 ? [] : names.slice(0, end);
}

/**
 * Return the view as the service records it.
 *
 * @param {typeof view.state} looked
 */
export function writtenView(looked) {
  return {
    page_number: looked.pageNumber,
    page_size: looked.pageSize,
    sort: looked.sort.map(writtenOrder),
    filter: looked.filter.length > 0 ? looked.filter : null,
    hidden_columns: looked.hidden,
    column_order: looked.order,
    column_widths: looked.widths,
    frozen_columns: looked.frozen,
  };
}

/** @param {Order} order */
function writtenOrder({ column, descending, ...options }) {
  if (options.locale || options.ignore_case) {
    return JSON.stringify({ column, descending, ...options });
  }
  if (descending) return `-${column}`;
  return /^[-+]/.test(column) ? `+${column}` : column;
}
