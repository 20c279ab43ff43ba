// A view belongs to a session: it is taken from there, and follows when columns get other names.

import { api } from "./service.js";
import { viewWasRead } from "./state/recorded_view.js";
import { columnsNamedIn, renamedView, withoutColumns } from "./state/renamed_view.js";
import { view } from "./state/view.js";

const INITIAL = view.state;

/**
 * Look at the rows as the session has recorded it.
 *
 * @param {any} recorded null if nothing is recorded yet
 * @param {string[]} names of the columns
 * @param {{ page_number: number, page_size: number }} [page] that was read for it
 */
export function takeView(recorded, names, page = recorded) {
  view.set(
    recorded
      ? {
          pageNumber: page.page_number,
          pageSize: page.page_size,
          sort: recorded.sort.map((text) => orderOf(text, names)).filter(Boolean),
          filter: [recorded.filter?.all ?? recorded.filter ?? []].flat(),
          hidden: recorded.hidden_columns,
          order: recorded.column_order,
          widths: recorded.column_widths,
          frozen: recorded.frozen_columns,
        }
      : INITIAL,
  );
  viewWasRead();
}

/**
 * Let the view follow what was renamed or dropped since, or take the one of another session. The
 * service is asked only if the view names a column that is no longer there.
 *
 * @param {{ sessionId: string | null, version: number }} before
 * @param {any} answer with the work that will be shown
 */
export async function followWork({ sessionId, version: fromVersion }, answer) {
  const { session_info: info, version } = answer;
  const names = answer.column_info ?? answer.columns?.map(({ name }) => name);
  if (info.session_id !== sessionId) {
    takeView(answer.view, names);
    return;
  }
  const present = new Set(names);
  const isComplete = columnsNamedIn(view.state).every((name) => present.has(name));
  if (isComplete || version <= fromVersion) return;
  const query = { from_version: fromVersion, to_version: version };
  const { columns } = await api.get("session/changes/", query);
  const gone = new Set(columns.dropped.map(({ name }) => name));
  const kept = { ...view.state, ...withoutColumns(view.state, gone) };
  view.set(renamedView(kept, new Map(columns.renamed.map(({ from, to }) => [from, to]))));
}

/** Read one order as a view spells it: `name`, `-name`, `+-name`, or the JSON of an object. */
function orderOf(text, names) {
  const name = [text.replace(/^[-+]/, ""), text].find((each) => names.includes(each));
  if (name !== undefined) return { column: name, descending: text === `-${name}` };
  try {
    const { column, ...options } = JSON.parse(text);
    return names.includes(column) ? { column, descending: false, ...options } : null;
  } catch {
    return null;
  }
}
