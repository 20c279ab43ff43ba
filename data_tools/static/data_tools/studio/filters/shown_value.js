// A column's value as people read it in a sentence or a list: as the cells of the table show it.

import { say } from "../../page/words.js";
import { cellText, piecesOf } from "../grid/cell_text.js";

/**
 * @param {any} value
 * @param {string} [type] of the column; without it the value is taken as it is
 * @returns {string}
 */
export function shownValue(value, type = typeof value === "number" ? "float" : "text") {
  if (typeof value === "boolean") return say(value ? "value.true" : "value.false");
  const { kind, text, offset, hasMarks, isCut } = cellText(value, type);
  if (kind === "missing") return say("grid.missing");
  if (kind === "empty") return say("grid.empty");
  if (offset) return `${text} ${offset}`;
  const whole = hasMarks
    ? piecesOf(text)
        .map((piece) => ("text" in piece ? piece.text : piece.mark))
        .join("")
    : text;
  return isCut ? `${whole}…` : whole;
}
