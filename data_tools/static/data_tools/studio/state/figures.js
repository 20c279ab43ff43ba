// What each column holds: the service's figures, each with the version that it was measured at.

import { Store } from "../../page/store.js";

/**
 * @typedef {object} Figures as `columns/` answers them
 * @property {string} key
 * @property {string} name
 * @property {string} type
 * @property {number} null_count
 * @property {number} null_percentage
 * @property {number} distinct_count
 * @property {any} min
 * @property {any} max
 * @property {number | null} mean
 * @property {number | null} std
 * @property {Record<string, number>} quantiles
 * @property {{ edges: any[], counts: number[] } | null} histogram
 * @property {{ value: any, count: number, is_shortened?: boolean }[]} most_frequent
 *
 * @typedef {{ version: number, figures: Figures }} Measured
 */

export const figures = new Store({
  byName: /** @type {Map<string, Measured>} */ (new Map()),
  totalRows: 0, // of the table that was measured
  isWaiting: false, // the service is busy; it is asked again by itself
});

/**
 * Keep the figures of an answer beside those that are there.
 *
 * @param {Figures[]} measured
 * @param {number} version
 * @param {number} totalRows
 */
export function keepFigures(measured, version, totalRows) {
  const byName = new Map(figures.state.byName);
  for (const each of measured) byName.set(each.name, { version, figures: each });
  figures.set({ byName, totalRows, isWaiting: false });
}
