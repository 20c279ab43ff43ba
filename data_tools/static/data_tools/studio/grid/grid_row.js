// One row of the grid. Turning a page writes other texts into the same cells.

import { html, say, useLayoutEffect, useRef, useStore } from "../../page/html.js";
import { cellKey } from "../state/rows.js";
import { selection } from "../state/selection.js";
import { cellText, piecesOf } from "./cell_text.js";
import { rangeOf } from "./movement.js";

/**
 * @param {{
 *   at: number,
 *   index: number,
 *   row: Record<string, any>,
 *   number: number,
 *   drawn: import("./column_layout.js").Drawn[],
 *   changed: Map<string, any>,
 *   shortened: Set<string>,
 *   isPlain: boolean,
 *   focusGiven: { current: number },
 * }} props `at` on the page, `index` in all rows that are found, from 1
 */
export function GridRow({ at, index, row, number, drawn, focusGiven, ...page }) {
  const { changed, shortened, isPlain } = page;
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const chosen = chosenIn(useStore(selection, (state) => written(state, at)));
  useFocusAsked(at, element, focusGiven);
  return html`<tr ref=${element} aria-rowindex=${index + 1}>
    <th scope="row" class="number" aria-colindex="1">${cellText(number, "integer", isPlain).text}</th>
    ${drawn.map(({ key, column, at: place, left, width }) => {
      if (column === undefined) return html`<td key=${key} class="gap" aria-hidden="true"></td>`;
      const { name, type } = column;
      const shown = cellText(row[name], type, isPlain);
      const change = cellKey(number, name);
      const isChanged = changed.size > 0 && changed.has(change);
      const isChosen = chosen.from <= place && place <= chosen.to;
      const isAt = chosen.at === place;
      return html`<td
        key=${key}
        class=${classOf(shown.kind, type, isChanged, isChosen && !chosen.isAlone, isAt, left)}
        style=${left === undefined ? undefined : { left: `${left}px` }}
        aria-colindex=${place + 2}
        aria-selected=${isChosen ? "true" : undefined}
        aria-label=${shown.kind === "missing" ? say("grid.missing") : undefined}
        tabindex=${isAt ? 0 : undefined}
        title=${isChanged ? was(changed.get(change)) : titleOf(shown, width)}
      >
        ${contentOf(shown, shortened.size > 0 && shortened.has(`${index} ${name}`))}
      </td>`;
    })}
  </tr>`;
}

/** Take the focus to the cell of this row that the keyboard is at, each time that is asked for. */
export function useFocusAsked(at, element, focusGiven) {
  const asked = useStore(selection, (state) => (state.row === at ? state.focusAsked : 0));
  const column = useStore(selection, (state) => (state.row === at ? state.column : -1));
  useLayoutEffect(() => {
    if (asked <= focusGiven.current) return;
    focusGiven.current = asked;
    element.current.querySelector(":scope > [tabindex='0']")?.focus();
  }, [asked, column]);
}

// What a row has to know of the selection, as one value that is the same while nothing changes.
function written(state, at) {
  const { top, bottom, left, right } = rangeOf(state);
  if (at < top || at > bottom) return "";
  const isAlone = top === bottom && left === right;
  return `${state.row === at ? state.column : -1} ${left} ${right} ${isAlone ? 1 : 0}`;
}

function chosenIn(text) {
  const [at, from, to, isAlone] = text === "" ? [-1, 1, 0, 0] : text.split(" ").map(Number);
  return { at, from, to, isAlone: isAlone === 1 };
}

const NUMBERS = new Set(["integer", "float"]);

function classOf(kind, type, isChanged, isChosen, isAt, left) {
  let name = kind;
  if (NUMBERS.has(type)) name += " right";
  if (isChanged) name += " changed";
  if (isChosen) name += " chosen";
  if (isAt) name += " at";
  if (left !== undefined) name += " frozen";
  return name;
}

/** @param {import("./cell_text.js").CellText} shown @param {boolean} isShortened */
function contentOf({ kind, text, hasMarks, isCut, offset }, isShortened) {
  if (kind === "empty") return html`<span class="mark">${say("grid.empty")}</span>`;
  if (offset) return [text, html`<span class="mark"> ${offset}</span>`];
  if (kind !== "text") return text;
  const parts = hasMarks
    ? piecesOf(text).map((piece) =>
        "mark" in piece ? html`<span class="mark">${piece.mark}</span>` : piece.text,
      )
    : text;
  return isCut || isShortened ? [parts, "…"] : parts;
}

const SMALLEST_CHARACTER_PX = 5;

// A title only where something may be cut: most cells need none.
function titleOf({ kind, text }, width) {
  if (kind === "missing") return say("grid.missing");
  return text.length * SMALLEST_CHARACTER_PX > width - 24 ? text : undefined;
}

function was({ value, type }) {
  const { kind, text } = cellText(value, type);
  if (kind === "missing") return say("grid.wasMissing");
  return say("grid.was", { value: kind === "empty" ? say("grid.empty") : text });
}
