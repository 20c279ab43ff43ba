// A view names columns; when a command renames or drops one of them, the view follows.

import { api } from "./service.js";
import { columnsNamedIn, renamedView, withoutColumns } from "./state/renamed_view.js";
import { view } from "./state/view.js";

/**
 * Let the view follow what a command renamed or dropped. The service is asked only if the view names a column
 * that is no longer there.
 *
 * @param {number} fromVersion the version before the command
 * @param {any} answer of the command
 */
export async function followRenames(fromVersion, { column_info, version }) {
  const names = new Set(column_info);
  if (!column_info || columnsNamedIn(view.state).every((name) => names.has(name))) return;
  const query = { from_version: fromVersion, to_version: version };
  const { columns } = await api.get("session/changes/", query);
  const gone = new Set(columns.dropped.map(({ name }) => name));
  const kept = { ...view.state, ...withoutColumns(view.state, gone) };
  view.set(renamedView(kept, new Map(columns.renamed.map(({ from, to }) => [from, to]))));
}
