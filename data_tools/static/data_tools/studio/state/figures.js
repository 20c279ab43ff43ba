// What each column holds: the service's figures, each with the rows that they are of.

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
 * @typedef {object} Measured
 * @property {string | null} sessionId
 * @property {number} version of that session
 * @property {number} totalRows of the table that was measured
 * @property {Figures} figures
 */

export const figures = new Store({
  byName: /** @type {Map<string, Measured>} */ (new Map()),
  isWaiting: false, // the service is busy; it is asked again by itself
});

/**
 * Keep the figures of an answer beside those that are there, unless these are of a later version.
 *
 * @param {Figures[]} measured
 * @param {Omit<Measured, "figures">} of
 */
export function keepFigures(measured, of) {
  const byName = new Map(figures.state.byName);
  for (const each of measured) {
    const kept = byName.get(each.name);
    const isLater = kept?.sessionId === of.sessionId && kept.version > of.version;
    if (!isLater) byName.set(each.name, { ...of, figures: each });
  }
  figures.set({ byName, isWaiting: false });
}
