// What forms need beyond an operation's declaration: which columns suit it now, which fields wait
// under "More options", and which are shown only with a certain choice.

const NUMBERS = ["integer", "float"];
const TEXT = ["text"];
const DATES = ["date", "datetime"];

const UNDER_MORE = new Set([
  "on_error",
  "half",
  "ignore_case",
  "matches",
  "labels",
  "maximum_parts",
  "missing",
  "missing_text",
  "drop_columns",
  "fold",
]);

// They change which columns there are and what they are called, and no row.
const OF_COLUMNS = new Set([
  "rename_column",
  "column_operation_rename",
  "column_operation_drop",
  "column_operation_duplicate",
  "keep_columns",
  "reorder_columns",
]);

/** @type {Record<string, (values: Record<string, any>) => boolean>} */
const SHOWN_WITH = {
  fill_value: ({ strategy }) => strategy === "constant",
  edges: ({ method }) => method === "edges",
  bins: ({ method }) => method !== "edges",
  missing_text: ({ missing }) => missing === "text",
  date_format: ({ new_type }) => DATES.includes(new_type),
  value: ({ right_column }) => !right_column,
};

/**
 * @param {{ suits: string[] | null }} field
 * @param {Record<string, any>} values what is chosen so far
 * @returns {string[] | null} the types of columns that suit; null if every type does
 */
export function suitingTypes({ suits }, { strategy, match, ignore_case }) {
  if (suits) return suits;
  if (strategy === "mean" || strategy === "median") return NUMBERS;
  return match === "part" || ignore_case ? TEXT : null;
}

/**
 * Whether a step changes rows that the filter does not show: every step does, whose own field is not a filter.
 *
 * @param {string} operation
 * @param {{ kind: string }[]} fields
 */
export function reachesBeyondFilter(operation, fields) {
  return !OF_COLUMNS.has(operation) && !fields.some(({ kind }) => kind === "filter");
}

/** @param {string} name @param {boolean} isRequired */
export function isUnderMore(name, isRequired) {
  return !isRequired && (UNDER_MORE.has(name) || name === "new_name");
}

/** @param {string} name @param {Record<string, any>} values */
export function isShownWith(name, values) {
  return SHOWN_WITH[name]?.(values) ?? true;
}
