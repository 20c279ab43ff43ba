// What the service said last about the session: the only truth, replaced with every answer.

import { Store } from "../../page/store.js";

/**
 * @typedef {{ name: string, type: "integer" | "float" | "text" | "boolean" | "date" | "datetime" }} Column
 *
 * @typedef {object} Step an operation in effect
 * @property {number} version
 * @property {string} operation
 * @property {any} parameters
 * @property {number} cells_changed
 * @property {string} applied_at
 */

export const session = new Store({
  datasetId: "",
  datasetName: "",
  sessionId: /** @type {string | null} */ (null),
  version: 0,
  status: "", // as the service said last
  work: "", // tells one state of the work from another; looking around is no work
  savedAt: /** @type {string | null} */ (null),
  expiresAt: /** @type {string | null} */ (null),
  lastUsedAt: /** @type {string | null} */ (null), // from when it takes its time to expire
  startedAt: /** @type {string | null} */ (null),
  originalRows: 0,
  columns: /** @type {Column[]} */ ([]), // after the steps, in the order of the table
  steps: /** @type {Step[]} */ ([]),
  undone: /** @type {Step[]} */ ([]), // can be redone, the next one first
  forkedFrom: /** @type {string | null} */ (null), // the session whose work this one began with
  canUndo: false,
  canRedo: false,
  sourceChanged: false,
  hasEnded: false, // it is shown as it ended, and can be gone on with
  lookedAt: /** @type {number | null} */ (null), // the version that is looked at, null for now
  lookedAtSession: /** @type {string | null} */ (null), // whose version that is, null for this one
  lookedAtTime: /** @type {string | null} */ (null), // when it was, unless a step says it
});

/**
 * Whether the rows that are shown are the open session's last ones, so that work can go on.
 *
 * @param {{ lookedAt: number | null, hasEnded: boolean }} state
 */
export function isNow({ lookedAt, hasEnded }) {
  return lookedAt === null && !hasEnded;
}
