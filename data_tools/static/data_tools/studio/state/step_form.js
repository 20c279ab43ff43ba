// The step that is being made: which operation, and what its form holds at first.

import { Store } from "../../page/store.js";

/**
 * @typedef {object} OpenForm
 * @property {string} operation
 * @property {Record<string, any>} given parameters that it opens with
 * @property {number} opening each has a form of its own, even of the same operation
 * @property {string} [focus] the field to begin with
 * @property {(operation: string, parameters: Record<string, any>) => Promise<unknown>} [apply]
 *     what Apply does in place of adding a step: changing one in the middle, for example
 * @property {(operation: string, parameters: Record<string, any>) => any} [preview]
 *     what the form shows above its buttons of what would come of it
 */

export const stepForm = new Store({
  open: /** @type {OpenForm | null} */ (null),
});

let openings = 0;

/**
 * Open the form of an operation beside the rows.
 *
 * @param {string} operation
 * @param {Record<string, any>} [given]
 * @param {Omit<OpenForm, "operation" | "given" | "opening">} [options]
 */
export function openStep(operation, given = {}, options = {}) {
  stepForm.set({ open: { operation, given, opening: ++openings, ...options } });
}

export function closeStep() {
  stepForm.set({ open: null });
}
