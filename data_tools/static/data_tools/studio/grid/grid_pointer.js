// The grid by pointer: a click goes to a cell, a drag chooses several, a double click opens one.

import { chooseColumn, chooseNoColumns, goTo, selection } from "../state/selection.js";
import { dragHeader, dragWidth } from "./column_dragging.js";
import { openCell } from "./grid_keys.js";

/**
 * Return the place of the cell that an event happened in; null outside of cells. A row's number
 * stands for its first cell.
 *
 * @param {any} target
 * @returns {{ row: number, column: number, isNumber: boolean } | null}
 */
export function placeOf(target) {
  const cell = target.closest?.("td, th");
  const index = Number(cell?.getAttribute("aria-colindex"));
  if (!index) return null;
  const row = Number(cell.parentElement.sectionRowIndex);
  const isHeader = cell.parentElement.parentElement.tagName === "THEAD";
  return { row: isHeader ? -1 : row, column: Math.max(0, index - 2), isNumber: index === 1 };
}

/**
 * @param {PointerEvent & { target: any }} event
 * @param {{
 *   shown: { name: string }[],
 *   widthOf: (at: number) => number,
 *   keepWidth: (name: string, width: number) => void,
 *   place: (name: string, beside: string, isAfter: boolean) => void,
 * }} grid
 */
export function onGridPointerDown(event, grid) {
  if (event.button !== 0) return;
  const grip = event.target.closest("[data-grip]");
  if (grip) startWidth(event, Number(grip.dataset.grip), grid);
  else if (event.target.closest("thead")) startHeader(event, grid);
  else startCells(event, grid);
}

function startWidth(event, at, { shown, widthOf, keepWidth }) {
  const { name } = shown[at] ?? {};
  if (name === undefined) return;
  const table = event.target.closest("table");
  const col = [...table.querySelectorAll("col")].find((each) => each.dataset.at === String(at));
  const keep = (width) => keepWidth(name, width);
  if (col) dragWidth(event, { table, col, width: widthOf(at), keep });
}

function startHeader(event, { place }) {
  const header = event.target.closest("th.column");
  if (header && !event.target.closest(".column-menu-button")) {
    dragHeader(event, { header, place });
  }
}

function startCells(event, { shown }) {
  const place = placeOf(event.target);
  if (place === null) return;
  if (event.pointerType !== "touch") event.preventDefault(); // no text is chosen, no image dragged
  if (!event.ctrlKey && !event.metaKey) chooseNoColumns();
  if (place.isNumber) {
    goTo({ row: place.row, column: shown.length - 1 });
    goTo({ row: place.row, column: 0 }, { extend: true });
    return;
  }
  goTo(place, { extend: event.shiftKey && selection.state.toRow >= 0 });
  if (event.pointerType !== "touch") chooseWhileDown(event.target.closest("tbody"));
}

function chooseWhileDown(body) {
  const stop = new AbortController();
  const { signal } = stop;
  const over = (event) => {
    const place = body.contains(event.target) ? placeOf(event.target) : null;
    const { row, column } = selection.state;
    if (place && !place.isNumber && (place.row !== row || place.column !== column)) {
      goTo(place, { extend: true });
    }
  };
  addEventListener("pointerover", over, { signal });
  for (const end of ["pointerup", "pointercancel"]) {
    addEventListener(end, () => stop.abort(), { signal });
  }
}

/**
 * A click on a header chooses its column; its name and its menu are buttons of their own.
 *
 * @param {MouseEvent & { target: any }} event
 * @param {{ shown: { name: string }[] }} grid
 */
export function onGridClick(event, { shown }) {
  const header = event.target.closest("th.column");
  if (!header || event.target.closest("[data-grip]")) return;
  const { name } = header.dataset;
  const column = shown.findIndex((each) => each.name === name);
  const isButton = event.target.closest("button") !== null;
  if (!isButton) {
    const through = event.shiftKey ? shown.map((each) => each.name) : undefined;
    chooseColumn(name, { add: event.ctrlKey || event.metaKey, through });
  }
  const isMenu = event.target.closest(".column-menu-button") !== null;
  goTo({ row: -1, column }, { takeFocus: !isMenu });
}

/**
 * @param {MouseEvent & { target: any }} event
 * @param {{ shown: { name: string }[], fit: (name: string) => void }} grid
 */
export function onGridDoubleClick(event, { shown, fit }) {
  const grip = event.target.closest("[data-grip]");
  const place = placeOf(event.target);
  if (grip) {
    const column = shown[Number(grip.dataset.grip)];
    if (column) fit(column.name);
  } else if (place && place.row >= 0 && !place.isNumber) {
    openCell(place.row, shown[place.column].name);
  }
}
