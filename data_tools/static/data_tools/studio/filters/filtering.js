// What a person does with filters. Each puts other rows into the grid.

import { orShow } from "../../page/failures.js";
import { filterBy, perform, sortBy } from "../commands.js";
import { panels } from "../state/panels.js";
import { view } from "../state/view.js";
import { draftOf } from "./drafts.js";
import { columnsOf, entryAt, withEntry, withMade } from "./filter_tree.js";

/**
 * Open the panel for a column's filter, or for the entry at a place of the filter.
 *
 * @param {string} column
 * @param {import("./filter_tree.js").Path | null} [place]
 */
export function editFilterOf(column, place = null) {
  panels.set({ filterColumn: column, filterView: "column", filterPlace: place });
}

/** Open the panel for choosing a column. @param {import("./filter_tree.js").Path | null} [place] */
export function addFilter(place = null) {
  panels.set({ filterColumn: "", filterView: "choose", filterPlace: place });
}

/** Open the group at an index of the filter. @param {number} index */
export function editGroup(index) {
  panels.set({ filterColumn: "", filterView: "group", filterPlace: [index] });
}

export function closeFilter() {
  panels.set({ filterColumn: null, filterView: "column", filterPlace: null });
}

/**
 * Return the place of the entry that the panel of `column` edits: the one that was asked for, else
 * the first that its fields can show, else the end of the filter.
 *
 * @param {import("../state/view.js").Filter[]} filter
 * @param {{ name: string, type: string }} column
 * @param {import("./filter_tree.js").Path | null} place
 * @returns {import("./filter_tree.js").Path}
 */
export function placeFor(filter, column, place) {
  if (place !== null) {
    const entry = entryAt(filter, place);
    if (entry === undefined || draftOf(entry, column) !== null) return place;
  }
  const at = filter.findIndex((entry) => draftOf(entry, column) !== null);
  return [at === -1 ? filter.length : at];
}

/**
 * @param {import("./filter_tree.js").Path} place
 * @param {import("../state/view.js").Filter | null} entry null takes the one at the place away
 * @param {number | null} [alternativeTo] the index of the entry beside which it is one of two ways
 */
export function applyEntry(place, entry, alternativeTo = null) {
  return filterBy(withMade(view.state.filter, place, entry, alternativeTo));
}

/** Take the place of the column's own filter. @param {string} name @param {any} entry */
export function filterColumnBy(name, entry) {
  const { filter } = view.state;
  const at = filter.findIndex((each) => isOnlyOf(each, name));
  return filterBy(withEntry(filter, [at === -1 ? filter.length : at], entry));
}

function isOnlyOf(entry, name) {
  const columns = columnsOf(entry);
  return columns.length === 1 && columns[0] === name;
}

export function clearFilters() {
  return filterBy([]);
}

/** @param {string} column */
export function removeSort(column) {
  return sortBy(view.state.sort.filter((order) => order.column !== column));
}

/** Make a filter a step: the other rows go, and Undo brings them back. */
export function keepOnlyTheseRows(filter = view.state.filter) {
  return orShow(async () => {
    const answer = await perform("filter_rows", { filter });
    if (answer !== null) await filterBy([]);
  })();
}
