// How wide a column is unless the person chose: by its name and by the first rows that were seen.

import { cellText } from "./cell_text.js";

export const LEAST_WIDTH = 48;
export const MOST_WIDTH = 1_000;
const LEAST_GUESS = 104;
// Of the other rows' dates some are longer: September is "Sept" where May is "May".
const LEAST_DATE_GUESS = 120;
const MOST_GUESS = 280;
const SEEN_ROWS = 25;
const CELL_SPACE = 25; // padding on both sides, and the line between columns
const HEADER_SPACE = CELL_SPACE + 19 + 27; // the mark of the type, and the place in the order
const CHARACTER_PX = 7.5;

/**
 * @param {{ name: string, type: string }} column
 * @param {Record<string, any>[]} rows
 * @param {number} [more] what else a header has to have room for, in px
 */
export function guessedWidth({ name, type }, rows, more = 0) {
  let longest = 0;
  for (const row of rows.slice(0, SEEN_ROWS)) longest = Math.max(longest, length(row[name], type));
  const guess = Math.max(longest * CHARACTER_PX + CELL_SPACE, nameWidth(name) + more);
  const least = type === "date" ? LEAST_DATE_GUESS : LEAST_GUESS;
  return Math.round(Math.max(least, Math.min(MOST_GUESS, guess)));
}

/**
 * Return the width at which nothing of the column is cut, as far as a table can show it.
 *
 * @param {{ name: string, type: string }} column
 * @param {Record<string, any>[]} rows
 * @param {(text: string) => number} widthOf measures a text, in px
 */
export function fittingWidth({ name, type }, rows, widthOf) {
  const widest = Math.max(0, ...rows.map((row) => widthOf(shownText(row[name], type))));
  return clampWidth(Math.ceil(Math.max(widest + CELL_SPACE, widthOf(name) * 1.1 + HEADER_SPACE)));
}

/** @param {number} width */
export function clampWidth(width) {
  return Math.round(Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, width)));
}

function nameWidth(name) {
  return name.length * CHARACTER_PX * 1.1 + HEADER_SPACE;
}

function length(value, type) {
  return shownText(value, type).length;
}

function shownText(value, type) {
  const { text, offset } = cellText(value, type);
  return offset ? `${text} ${offset}` : text;
}
