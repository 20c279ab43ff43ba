// Work to take along, as files on the person's own disk.

import { offerJson } from "../saving/file_sinks.js";
import { api } from "../service.js";
import { session } from "../state/session.js";

/**
 * Save the steps of a session as a recipe.
 *
 * @param {{ sessionId: string, version: number | null }} of
 */
export async function downloadRecipe({ sessionId, version }) {
  const { recipe } = await api.get("session/recipe/", {
    session_id: sessionId,
    at_version: version,
  });
  offerJson(recipe, `${session.state.datasetName} recipe.json`);
}

/**
 * Save commands that wait on this device as a recipe; undo and redo are no steps and stay out.
 *
 * @param {import("../../client/kept_commands.js").Entry[]} waiting
 */
export function downloadWaiting(waiting) {
  const operations = waiting
    .filter(({ kind }) => kind === "operation")
    .map(({ operation, parameters }) => ({ operation, parameters }));
  const recipe = { format: "data-studio-recipe", format_version: 1, operations };
  offerJson(recipe, `${session.state.datasetName} unsaved steps.json`);
}

/** Return the address of the rows as CSV. */
export function rowsAddress({ sessionId, version }) {
  const query = new URLSearchParams({
    format: "csv",
    session_id: sessionId,
    at_version: `${version}`,
  });
  return `${api.base}export/?${query}`;
}
