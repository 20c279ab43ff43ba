// What people are told of an error: the service's sentence for them, or one of the page's own where
// the service answers as its earlier clients know it.

import { NoAnswer } from "../session_client.js";
import { say } from "./words.js";

/** @param {any} error of `session_client.js` @returns {string} */
export function wordsOf(error) {
  if (error instanceof NoAnswer) return say("page.noAnswer");
  const { code, message, details = {} } = error;
  const { columns = [details.column] } = details;
  if (code === "COLUMN_NOT_FOUND" && columns[0] !== undefined) {
    const names = columns.map((name) => `“${name}”`).join(", ");
    return say("page.noColumns", { count: columns.length, names });
  }
  if (code === "VALUES_DO_NOT_FIT" && details.first_value !== undefined) {
    const { count, column, first_value: value, row_numbers: rows } = details;
    return say("page.doNotFit", { count, column, value, row: rows[0] });
  }
  return message;
}
