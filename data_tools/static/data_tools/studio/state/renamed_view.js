// The columns that a view names, and the same view after some of them were renamed or dropped.

import { columnsOf } from "../filters/filter_tree.js";

/** @typedef {typeof import("./view.js").view.state} View */

/** @param {View} view @returns {string[]} */
export function columnsNamedIn({ filter, sort, hidden, order, widths }) {
  return [
    ...filter.flatMap(columnsOf),
    ...sort.map(({ column }) => column),
    ...hidden,
    ...order,
    ...Object.keys(widths),
  ];
}

/**
 * @param {View} view
 * @param {Map<string, string>} renamed from the name before to the name now
 * @returns {Partial<View>} the fields that name columns
 */
export function renamedView({ filter, sort, hidden, order, widths }, renamed) {
  const now = (name) => renamed.get(name) ?? name;
  return {
    filter: filter.map((entry) => renamedEntry(entry, now)),
    sort: sort.map((each) => ({ ...each, column: now(each.column) })),
    hidden: hidden.map(now),
    order: order.map(now),
    widths: Object.fromEntries(Object.entries(widths).map(([name, px]) => [now(name), px])),
  };
}

/**
 * Leave out what cannot be done without the columns that are gone. That one was hidden, or how wide
 * it was, stays known: an undo may bring it back.
 *
 * @param {Pick<View, "filter" | "sort">} view
 * @param {Set<string>} gone
 * @returns {Pick<View, "filter" | "sort">}
 */
export function withoutColumns({ filter, sort }, gone) {
  return {
    filter: filter.filter((entry) => !columnsOf(entry).some((name) => gone.has(name))),
    sort: sort.filter(({ column }) => !gone.has(column)),
  };
}

function renamedEntry(entry, now) {
  if (entry.any) return { any: entry.any.map((part) => renamedEntry(part, now)) };
  if (entry.all) return { all: entry.all.map((part) => renamedEntry(part, now)) };
  if (entry.not) return { not: renamedEntry(entry.not, now) };
  return { ...entry, column: now(entry.column) };
}
