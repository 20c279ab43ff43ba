// Where a refusal of the service belongs in the form.

import { wordsOf } from "../../page/error_words.js";
import { mainColumnField } from "./form_fields.js";

// These say that the operation does not fit the rows as it was asked for; with any other error the
// form has nothing to do.
const ABOUT_THE_STEP = new Set([
  "INVALID_PARAMETER",
  "INVALID_FILTER",
  "COLUMN_NOT_FOUND",
  "COLUMN_EXISTS",
  "VALUES_DO_NOT_FIT",
  "NOTHING_TO_FIT",
  "TOO_MANY_COLUMNS",
  "CELL_TOO_LARGE",
  "TABLE_TOO_LARGE",
  "QUERY_TIMEOUT",
]);

/**
 * @typedef {object} Refusal
 * @property {string} message
 * @property {string | null} field null where it is about the step as a whole
 * @property {{ format: string, order: string, fits: number }[]} formats of dates that read the most
 * @property {boolean} mayMakeMissing whether the values that do not fit could become missing
 * @property {string | undefined} traceId
 */

/**
 * @param {any} error
 * @param {import("./form_fields.js").Field[]} fields
 * @param {Record<string, any>} asked the parameters that were refused
 * @returns {Refusal | null} null for an error that is not about the step
 */
export function refusalOf(error, fields, asked) {
  if (!ABOUT_THE_STEP.has(error?.code)) return null;
  const details = error.details ?? {};
  return {
    message: wordsOf(error),
    field: fieldOf(error.code, details, fields),
    formats: details.date_formats ?? [],
    mayMakeMissing:
      error.code === "VALUES_DO_NOT_FIT" && details.count > 0 && asked.on_error === "fail",
    traceId: error.traceId,
  };
}

function fieldOf(code, details, fields) {
  const path = details.parameter ?? details.path ?? "";
  const named = /^\w+/.exec(path)?.[0];
  if (fields.some(({ name }) => name === named)) return named;
  if (code === "INVALID_FILTER") return fields.find(({ kind }) => kind === "filter")?.name ?? null;
  if (code === "COLUMN_EXISTS") {
    return fields.find(({ kind }) => kind === "new_name" || kind === "new_names")?.name ?? null;
  }
  const isAboutColumns = details.column !== undefined || details.columns !== undefined;
  if (isAboutColumns && code !== "VALUES_DO_NOT_FIT") return mainColumnField(fields)?.name ?? null;
  return null;
}
