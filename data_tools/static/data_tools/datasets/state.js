// What the page of datasets shows. Every value of a dataset is as the service said it last.

import { Store } from "../page/store.js";

/**
 * @typedef {import("../session_client.js").Dataset} Dataset
 *
 * @typedef {object} RecentSession
 * @property {string} session_id
 * @property {string} datasource_id
 * @property {string} datasource_name
 * @property {boolean} is_open
 * @property {boolean} [datasource_deleted]
 * @property {number | null} operations_count
 * @property {string} last_activity
 * @property {string | null} recoverable_until
 *
 * @typedef {object} Upload a file on its way to the service
 * @property {string} id
 * @property {string} fileName
 * @property {number} sent bytes
 * @property {number} total bytes
 * @property {() => void} cancel
 */

export const datasets = new Store({
  list: /** @type {Dataset[]} */ ([]), // newest first
  total: NaN, // how many there are, once that was read; `list` may hold the first of them
  search: "",
  deleting: /** @type {string[]} */ ([]), // ids that are deleted unless somebody undoes it
  sessions: /** @type {RecentSession[]} */ ([]),
  quotas: /** @type {any[]} */ ([]),
  uploads: /** @type {Upload[]} */ ([]),
  newFileFor: /** @type {Dataset | null} */ (null), // whose new file is being chosen
  renaming: /** @type {Dataset | null} */ (null), // whose new name is being written
});

/** Put a dataset's newest state into the list, first if it is new. @param {Dataset} dataset */
export function takeDataset(dataset) {
  const { list, total } = datasets.state;
  const isThere = list.some((each) => each.id === dataset.id);
  datasets.set(
    isThere
      ? { list: list.map((each) => (each.id === dataset.id ? dataset : each)) }
      : { list: [dataset, ...list], total: total + 1 },
  );
}

/** @param {Dataset} dataset whether its file is on its way into the database */
export function isLoading({ status }) {
  return status === "UPLOADING" || status === "PROCESSING";
}

/** Return the datasets with this text in their name or their file's. */
export function found({ list, search, deleting }) {
  const text = search.trim().toLocaleLowerCase();
  return list.filter(
    (dataset) =>
      !deleting.includes(dataset.id) &&
      `${dataset.name}\n${dataset.original_filename}`.toLocaleLowerCase().includes(text),
  );
}

/**
 * Return the sessions with work in them, one of each dataset: opening it opens the latest, and lists
 * the earlier ones in its history.
 *
 * @param {RecentSession[]} sessions newest first
 */
export function latestOfEach(sessions) {
  const seen = new Set();
  return sessions.filter(({ datasource_id, datasource_deleted, operations_count }) => {
    const isFirst = !seen.has(datasource_id);
    seen.add(datasource_id);
    return isFirst && !datasource_deleted && operations_count !== 0;
  });
}
