// Which columns of a wide table are drawn: those in sight, with some on both sides, and gaps for the
// others. So a table of thousands of columns costs as much as one of some dozens.

export const DRAWN_AT_ONCE = 40; // so many columns are drawn wherever the table is scrolled to
const STEP_PX = 400; // the columns that are drawn change each time that it is scrolled so far

/**
 * @typedef {{ at: number } | { gap: number, columns: number }} Piece a column by its place, or the
 *   width of a gap and how many columns it stands for
 */

/**
 * @param {number[]} widths of the columns, in px
 * @param {object} options
 * @param {number} options.step of `stepOf`
 * @param {number} options.room the width of what is in sight, in px
 * @param {number} options.frozen how many of the first columns are always in sight
 * @param {number} options.also a column that is drawn wherever it is
 * @returns {Piece[]} from left to right
 */
export function columnsToDraw(widths, { step, room, frozen, also }) {
  if (widths.length <= DRAWN_AT_ONCE) return widths.map((_, at) => ({ at }));
  const from = (step - 1) * STEP_PX;
  const to = (step + 2) * STEP_PX + room;
  /** @type {Piece[]} */
  const pieces = [];
  let left = 0;
  widths.forEach((width, at) => {
    const isDrawn = at < frozen || at === also || (left + width > from && left < to);
    const last = pieces.at(-1);
    if (isDrawn) pieces.push({ at });
    else if (last && "gap" in last) {
      last.gap += width;
      last.columns += 1;
    } else pieces.push({ gap: width, columns: 1 });
    left += width;
  });
  return pieces;
}

/** @param {number} scrollLeft */
export function stepOf(scrollLeft) {
  return Math.floor(Math.max(0, scrollLeft) / STEP_PX);
}
