// Steps as sentences: what one will do, and what one in effect has done.

import { say } from "../../page/words.js";
import { columnsInWords, firstText, humanizedLabel } from "./names_in_words.js";
import { wordingOf } from "./step_wording.js";

/**
 * Return what an operation with these parameters will do, with … for what is not chosen yet.
 *
 * @param {string} operation
 * @param {Record<string, any>} parameters
 * @returns {string | null} null for an operation that this page does not know
 */
export function willDo(operation, parameters) {
  const wording = wordingOf(operation, parameters);
  if (wording === null) return null;
  const sentence = say(/** @type {any} */ (`steps.will.${wording.key}`), wording.values);
  return sentence.replace(/…\.$/, "…");
}

/**
 * Return what a step in effect has done: "Renamed tail_num to tailnum".
 *
 * @param {{ operation: string, parameters: Record<string, any>, cells_changed?: number }} step
 * @returns {string}
 */
export function sentenceOf({ operation, parameters, cells_changed = 0 }) {
  const wording = wordingOf(operation, parameters);
  if (wording === null) return ofUnknown(operation, parameters);
  const key = /** @type {any} */ (`steps.did.${wording.key}`);
  return say(key, { count: cells_changed, ...wording.values });
}

/** The title of an operation: the page's, else the service's, else its name. @param {string} name */
export function titleOf(name, title = "") {
  return firstText(`steps.title.${name}`) ?? (title || humanizedLabel(name));
}

/** @param {string} operation @param {Record<string, any>} parameters */
function ofUnknown(operation, { columns, column }) {
  const names = columns ?? (column ? [column] : []);
  if (names.length === 0) return titleOf(operation);
  const values = { title: titleOf(operation), columns: columnsInWords(names) };
  return say("steps.did.other", values);
}
