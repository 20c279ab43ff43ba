// Where the columns are: their widths, which ones stay in sight, and which are drawn at all.

import { useLayoutEffect, useMemo, useRef, useState, useStore } from "../../page/html.js";
import { rows } from "../state/rows.js";
import { selection } from "../state/selection.js";
import { session } from "../state/session.js";
import { view } from "../state/view.js";
import { guessedWidth } from "./column_widths.js";
import { columnsToDraw, DRAWN_AT_ONCE, stepOf } from "./column_window.js";

const NARROW = matchMedia("(max-width: 800px)");
const MENU_PX = matchMedia("(pointer: coarse)").matches ? 38 : 0; // else it lies over the header
const DIGIT_PX = 7; // of a row number

/**
 * @typedef {object} Drawn a column that is drawn, or a gap in place of columns that are not
 * @property {string} key
 * @property {number} width
 * @property {import("../state/session.js").Column} [column]
 * @property {number} [at] its place among the shown columns
 * @property {number} [left] where it stays, if it is frozen
 *
 * @typedef {object} Layout
 * @property {Drawn[]} drawn
 * @property {number} width of the whole table
 * @property {number} numberWidth of the column of row numbers
 * @property {number} stuckWidth of what stays in sight at the left
 * @property {number[]} widths
 */

/**
 * @param {import("../state/session.js").Column[]} shown
 * @param {{ current: HTMLElement | null }} scroll
 * @returns {Layout}
 */
export function useColumnLayout(shown, scroll) {
  const chosenWidths = useStore(view, (state) => state.widths);
  const frozen = useStore(view, (state) => state.frozen);
  const total = useStore(rows, (state) => state.totalRows);
  const loaded = useStore(session, (state) => state.originalRows);
  const isWide = shown.length > DRAWN_AT_ONCE;
  const also = useStore(selection, (state) => state.column);
  const { room, step, isNarrow } = useSight(scroll);
  const guesses = useRef(/** @type {Map<string, number>} */ (new Map()));

  const widths = useMemo(
    () =>
      shown.map((column) =>
        Object.hasOwn(chosenWidths, column.name) // a column may be called "constructor"
          ? chosenWidths[column.name]
          : guess(column, guesses.current),
      ),
    [shown, chosenWidths],
  );
  return useMemo(() => {
    // Rows keep the numbers that they were loaded with, however few are left.
    const digits = Math.max(total, loaded).toLocaleString().length;
    const numberWidth = Math.max(48, Math.ceil(digits * DIGIT_PX) + 24);
    // On a phone the first column stays in sight instead of the row numbers.
    const wanted = isNarrow ? Math.max(1, frozen) : frozen;
    const numbersStay = isNarrow ? 0 : numberWidth;
    const kept = frozenThatFit(widths, wanted, room * 0.6 - numbersStay);
    let left = numbersStay;
    let gaps = 0;
    const drawn = columnsToDraw(widths, { step, room, frozen: kept, also }).map((piece) => {
      if ("gap" in piece) return { key: `gap ${gaps++}`, width: piece.gap };
      const { at } = piece;
      const place = { key: shown[at].name, column: shown[at], at, width: widths[at] };
      if (at >= kept) return place;
      left += widths[at];
      return { ...place, left: left - widths[at] };
    });
    const width = numberWidth + widths.reduce((sum, each) => sum + each, 0);
    return { drawn, width, numberWidth, stuckWidth: left, widths };
  }, [shown, widths, frozen, total, loaded, room, step, isNarrow, isWide && also]);
}

/** What is frozen must leave room for what is not. */
function frozenThatFit(widths, wanted, room) {
  let taken = 0;
  let count = 0;
  while (count < Math.min(wanted, widths.length) && taken + widths[count] <= room) {
    taken += widths[count];
    count += 1;
  }
  return count;
}

// The guess is made once, so that columns do not jump when pages are turned.
function guess(column, guesses) {
  const key = `${column.type} ${column.name}`;
  if (!guesses.has(key)) guesses.set(key, guessedWidth(column, rows.state.rows, MENU_PX));
  return guesses.get(key);
}

/** Return how wide the grid is, and how far it is scrolled, in steps. */
function useSight(scroll) {
  const [sight, setSight] = useState({ room: 1_200, step: 0, isNarrow: NARROW.matches });
  useLayoutEffect(() => {
    const element = scroll.current;
    const look = () => {
      const next = {
        room: element.clientWidth,
        step: stepOf(element.scrollLeft),
        isNarrow: NARROW.matches,
      };
      setSight((last) =>
        Object.keys(next).every((name) => last[name] === next[name]) ? last : next,
      );
    };
    look();
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener("scroll", look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener("scroll", look);
    };
  }, []);
  return sight;
}
