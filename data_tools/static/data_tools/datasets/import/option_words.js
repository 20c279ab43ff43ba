// Reading options in words.

import { say } from "../../page/words.js";
import { ENCODINGS } from "./choices.js";

const MARKS = {
  ",": "comma",
  ";": "semicolon",
  "\t": "tab",
  "|": "bar",
  " ": "space",
  ".": "point",
  "'": "apostrophe",
  "’": "rightMark",
  '"': "quotationMark",
  "^": "caret",
  "~": "tilde",
  _: "underscore",
  "\\": "backslash",
};

/** Return a character in words, such as “Comma (,)”. @param {string} character */
export function markName(character) {
  if (character === "") return say("mark.none");
  const name = MARKS[character];
  if (!name) return character;
  const word = say(`mark.${name}`);
  return /\s/.test(character) ? word : `${word} (${character})`;
}

/** Return the value of an option in words. @param {string} name @param {any} value */
export function valueName(name, value) {
  if (name === "header_row") {
    return value === null
      ? say("option.header_row.none")
      : say("option.header_row.line", { line: value });
  }
  if (name === "encoding") return ENCODINGS.find(([key]) => key === value)?.[1] ?? String(value);
  if (name === "sheet") return value === "" ? say("option.sheet.first") : value;
  return markName(String(value));
}

/** Return what a remedy does. @param {Record<string, any>} remedy options; null: leave it out */
export function remedyName(remedy) {
  return Object.entries(remedy)
    .map(([name, value]) => nameOf(name, value))
    .join(" · ");
}

function nameOf(name, value) {
  if (name === "ragged" && value === "pad") return say("option.ragged");
  if (name === "bad_bytes" && value === "replace") return say("option.bad_bytes");
  if (name === "columns") return say("remedy.columns");
  const label = say(`option.${name}`);
  if (value === null || value === undefined) return say("remedy.leaveOut", { option: label });
  return `${label}: ${valueName(name, value)}`;
}
