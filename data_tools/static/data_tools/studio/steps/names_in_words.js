// Names of columns, values and choices as they stand in sentences.

import { exactNumber } from "../../page/formats.js";
import { MESSAGES } from "../../page/messages.js";
import { say } from "../../page/words.js";

const LONGEST_SHOWN = 40;
const COLUMNS_NAMED = 3;
const WHOLE_WORD = /^[\p{L}\p{N}_.-]+$/u;

const and = new Intl.ListFormat("en", { type: "conjunction" }); // of messages.js

/** Return the text of the first key that has one. @param {string[]} keys */
export function firstText(...keys) {
  const key = keys.find((each) => each in MESSAGES);
  return key === undefined ? null : say(/** @type {any} */ (key));
}

/** @param {string} name with underscores */
export function humanizedLabel(name) {
  const words = name.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A name that could be misread in a sentence is put in quotes. @param {string} name */
export function columnInWords(name) {
  const shown = shortened(name);
  return WHOLE_WORD.test(shown) ? shown : `“${shown}”`;
}

/**
 * @param {string[]} names
 * @returns {string} "a", "a and b", "a, b, c, and 4 other columns"
 */
export function columnsInWords(names) {
  const isLong = names.length > COLUMNS_NAMED + 1;
  const shown = (isLong ? names.slice(0, COLUMNS_NAMED) : names).map(columnInWords);
  const left = names.length - shown.length;
  return and.format(left > 0 ? [...shown, say("steps.andMoreColumns", { count: left })] : shown);
}

/** @param {string[]} words */
export function listInWords(words) {
  return and.format(words);
}

/** @param {any} value a cell, or what is looked for: a text stands in quotes */
export function valueInWords(value) {
  if (value === null || value === undefined) return "…";
  return typeof value === "number" ? exactNumber(value) : textInWords(String(value));
}

/** @param {number | string | null | undefined} value beyond 2^53 the text of its digits */
export function numberInWords(value) {
  return value === null || value === undefined ? "…" : exactNumber(value);
}

/** @param {string} text */
export function textInWords(text) {
  return `“${shortened(text)}”`;
}

function shortened(text) {
  const characters = [...text];
  return characters.length <= LONGEST_SHOWN
    ? text
    : `${characters.slice(0, LONGEST_SHOWN - 1).join("")}…`;
}
