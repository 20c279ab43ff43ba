// The files that are about to be imported, each with its options and what they make of it.

import { Store } from "../../page/store.js";

/**
 * @typedef {Record<string, any>} Options reading options, as the service takes them; what is left
 *   out is guessed
 *
 * @typedef {object} ImportedFile
 * @property {string} id
 * @property {File} file
 * @property {string} name of the dataset
 * @property {Options} options
 * @property {any} preview the service's last answer; null before the first
 * @property {Set<string>} changed cells that the last options changed: see changed_cells.js
 * @property {boolean} isReading
 * @property {Error | null} error that kept it from being previewed
 *
 * @typedef {object} Target the dataset whose next file it is
 * @property {string} id
 * @property {string} name
 */

export const imports = new Store({
  files: /** @type {ImportedFile[]} */ ([]), // none: the screen is not open
  shown: "", // the id of the file that is looked at
  target: /** @type {Target | null} */ (null),
});

/** @param {{ files: ImportedFile[], shown: string }} state */
export function shownFile({ files, shown }) {
  return files.find((each) => each.id === shown) ?? files[0];
}

/** @param {string} id @param {Partial<ImportedFile>} fields */
export function changeFile(id, fields) {
  imports.set({
    files: imports.state.files.map((each) => (each.id === id ? { ...each, ...fields } : each)),
  });
}

/** Whether nothing is known that would refuse the file. @param {ImportedFile} file */
export function canBeLoaded({ preview }) {
  return !preview?.error;
}
