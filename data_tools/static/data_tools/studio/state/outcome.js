// What came of the last step, until it is dismissed or another command is given.

import { Store } from "../../page/store.js";

/**
 * @typedef {object} Outcome
 * @property {string} operation
 * @property {Record<string, any>} parameters
 * @property {number} version of the session with the step
 * @property {number} cellsChanged
 * @property {number} rowsRemoved
 * @property {number} rowsLeft
 * @property {string[]} newColumns
 * @property {boolean} changedNothing
 * @property {string | null} filledWith what all filled cells on the page hold now, if it is the same
 */

export const outcome = new Store({ last: /** @type {Outcome | null} */ (null) });
