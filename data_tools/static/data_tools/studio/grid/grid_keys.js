// The grid by keyboard: the keys of a spreadsheet.

import { turnTo } from "../commands.js";
import { openDialog } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { chooseColumn, chooseNoColumns, goTo, selection } from "../state/selection.js";
import { turnSort } from "./column_header.js";
import { moveColumn, setWidth } from "./column_menu.js";
import { clampWidth } from "./column_widths.js";
import { placeAfter } from "./movement.js";

const WIDTH_STEP_PX = 16;

/**
 * @typedef {object} GridParts
 * @property {{ name: string, type: string }[]} shown
 * @property {number[]} widths of the shown columns
 * @property {() => number} rowsInSight
 * @property {(at: number) => void} openMenu of a column by its place
 */

/** @param {KeyboardEvent} event @param {GridParts} grid */
export function onGridKey(event, grid) {
  if (isForButton(event)) return;
  const isDone = event.altKey ? onColumnKey(event, grid) : onCellKey(event, grid);
  if (!isDone) return;
  event.preventDefault();
  event.stopPropagation();
}

// Enter and the space bar press a button that has the focus.
function isForButton(event) {
  return event.target.closest("button") && (event.key === "Enter" || event.key === " ");
}

/** @returns {boolean} whether the key had a meaning */
function onCellKey(event, grid) {
  const { row, column } = selection.state;
  const { key, shiftKey } = event;
  const isFar = event.ctrlKey || event.metaKey;
  const name = grid.shown[column]?.name;
  const isHeader = row === -1;
  switch (key) {
    case "Enter":
      if (isHeader) turnSort(name, shiftKey);
      else openCell(row, name);
      return true;
    case "F2":
      if (!isHeader) openCell(row, name);
      return !isHeader;
    case "F10":
    case "ContextMenu":
      if (key === "F10" && !shiftKey) return false;
      grid.openMenu(column);
      return true;
    case " ":
      if (shiftKey && !isHeader) chooseCells(row, 0, row, grid.shown.length - 1);
      else chooseColumn(name, { add: isFar });
      return true;
    case "Escape":
      return chooseNothing();
    case "a":
      if (!isFar) return false;
      chooseCells(0, 0, rows.state.rows.length - 1, grid.shown.length - 1);
      return true;
    case "g":
      if (!isFar) return false;
      openDialog("go-to-column");
      return true;
    default:
      return move(event, isFar, grid);
  }
}

/** With Alt: the width and the place of the column that the keyboard is at. */
function onColumnKey({ key, shiftKey }, { shown, widths, openMenu }) {
  const { column } = selection.state;
  const name = shown[column]?.name;
  const by = { ArrowLeft: -1, ArrowRight: 1 }[key];
  if (key === "ArrowDown") openMenu(column);
  else if (by === undefined) return false;
  else if (!shiftKey) setWidth(name, clampWidth(widths[column] + by * WIDTH_STEP_PX));
  else if (shown[column + by]) {
    moveColumn(name, (by < 0 ? shown[column - 1] : shown[column + 2])?.name ?? null);
    goTo({ row: selection.state.row, column: column + by });
  }
  return true;
}

function move(event, isFar, { shown, rowsInSight }) {
  const extent = {
    rows: rows.state.rows.length,
    columns: shown.length,
    rowsInSight: rowsInSight(),
  };
  const place = placeAfter({ key: event.key, isFar }, selection.state, extent);
  if (place === null) return false;
  if (place.turn) turnPage(place);
  else goTo(place, { extend: event.shiftKey && selection.state.toRow >= 0 });
  return true;
}

/** @param {import("./movement.js").Place & { turn?: -1 | 1 }} place */
async function turnPage({ turn, row, column }) {
  const { pageNumber, totalPages } = rows.state;
  const next = pageNumber + turn;
  if (next >= 1 && next <= totalPages) {
    await turnTo(next);
    goTo({ row: turn < 0 ? rows.state.rows.length - 1 : row, column });
  } else goTo({ row: turn < 0 ? 0 : rows.state.rows.length - 1, column });
}

function chooseCells(row, column, toRow, toColumn) {
  goTo({ row: toRow, column: toColumn });
  goTo({ row, column }, { extend: true });
}

function chooseNothing() {
  const { row, column, toRow, toColumn, columns } = selection.state;
  const isNothing = columns.length === 0 && row === toRow && column === toColumn;
  if (isNothing) return false;
  chooseNoColumns();
  goTo({ row, column });
  return true;
}

/** @param {number} row on the page @param {string} column */
export function openCell(row, column) {
  if (row >= 0 && column !== undefined) openDialog("cell", { row, column });
}
