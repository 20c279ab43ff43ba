// What a cell shows: each kind of value is told from the others at a glance.

import { momentText } from "./moments.js";

const MOST_CHARACTERS = 300; // of a cell in the table, which has room for fewer
const NUMBERS = new Set(["integer", "float"]);

/**
 * @typedef {object} CellText
 * @property {"missing" | "empty" | "text" | "number" | "boolean" | "date"} kind
 * @property {string} text
 * @property {string} [offset] from UTC, of a moment that has one
 * @property {boolean} [hasMarks] some of its characters could not be seen: `piecesOf` shows them
 * @property {boolean} [isCut]
 *
 * @typedef {{ text: string, mark?: undefined } | { mark: string, text?: undefined }} Piece
 */

/**
 * @param {any} value
 * @param {string} type of the column
 * @param {boolean} [isPlain] numbers and dates are written as they are stored
 * @returns {CellText}
 */
export function cellText(value, type, isPlain = false) {
  if (value === null || value === undefined) return { kind: "missing", text: "·" };
  if (NUMBERS.has(type)) {
    return { kind: "number", text: isPlain ? String(value) : numberText(value) };
  }
  if (type === "boolean") return { kind: "boolean", text: String(value) };
  if (type === "date" || type === "datetime") {
    return { kind: "date", ...(isPlain ? { text: String(value) } : momentText(value)) };
  }
  const text = String(value);
  if (text === "") return { kind: "empty", text: "" };
  const isCut = text.length > MOST_CHARACTERS;
  return {
    kind: "text",
    text: isCut ? text.slice(0, MOST_CHARACTERS) : text,
    hasMarks: /^\s|\s$|[\t\n\r\v\f]/.test(text),
    isCut,
  };
}

// Digits are grouped from five on: 2013 is a year more often than not.
const grouping = /** @type {any} */ ({ maximumSignificantDigits: 17, useGrouping: "min2" });
const plain = new Intl.NumberFormat(undefined, grouping);
const whole = new Intl.NumberFormat(undefined, { useGrouping: grouping.useGrouping });
const withPower = new Intl.NumberFormat(undefined, {
  maximumSignificantDigits: 17, // no double has more
  notation: "scientific",
});

/** @param {number | string} value an integer beyond 2^53 is a text */
function numberText(value) {
  return numberFormat(value).replace("-", "−");
}

function numberFormat(value) {
  if (typeof value === "string") return whole.format(BigInt(value));
  return (String(value).includes("e") ? withPower : plain).format(value);
}

/**
 * Split a text into what can be read and the marks for what could not be seen: blanks at its ends,
 * tabs and line ends.
 *
 * @param {string} text
 * @returns {Piece[]}
 */
export function piecesOf(text) {
  const from = text.length - text.trimStart().length;
  const to = Math.max(from, text.trimEnd().length);
  /** @type {Piece[]} */
  const pieces = [];
  let begin = 0;
  for (let at = 0; at < text.length; at++) {
    const mark = markOf(text, at, at < from || at >= to);
    if (mark === undefined) continue;
    if (at > begin) pieces.push({ text: text.slice(begin, at) });
    if (mark !== "") pieces.push({ mark });
    begin = at + 1;
  }
  if (begin < text.length) pieces.push({ text: text.slice(begin) });
  return pieces;
}

function markOf(text, at, isAtEnd) {
  const character = text[at];
  if (character === "\t") return "⇥";
  if (character === "\r" && text[at + 1] === "\n") return ""; // one mark for both
  if (/[\n\r\v\f]/.test(character)) return "↵";
  if (!isAtEnd) return undefined;
  return character === " " ? "␣" : "⍽";
}
