// After a step took effect: what it changed is found, tinted and told.

import { api } from "../service.js";
import { outcome } from "../state/outcome.js";
import { cellKey, rows } from "../state/rows.js";
import { goTo, selection } from "../state/selection.js";
import { shownColumns, view } from "../state/view.js";
import { bringIntoSight } from "./bringing_into_sight.js";
import { changesBetween } from "./changed_cells.js";

/**
 * @param {object} step
 * @param {string} step.operation
 * @param {Record<string, any>} step.parameters
 * @param {any} step.answer of the service
 * @param {typeof rows.state} step.before the page that was shown before it
 */
export async function showOutcome({ operation, parameters, answer, before }) {
  const after = rows.state;
  const { cells, newColumns, filledWith } = changesBetween(
    before,
    after,
    await renamesBetween(before, after),
  );
  if (rows.state !== after) return; // something else is shown by now
  rows.set({ changed: cells });
  outcome.set({
    last: {
      operation,
      parameters,
      version: answer.version,
      cellsChanged: answer.cells_changed,
      rowsRemoved: answer.rows_removed,
      rowsLeft: after.totalRows,
      newColumns,
      changedNothing: changedNothing(answer, before, after),
      filledWith,
    },
  });
  showColumn(newColumns[0] ?? firstChanged(after, cells) ?? firstNamed(parameters));
}

function changedNothing({ cells_changed, rows_removed }, before, after) {
  const sameColumns = JSON.stringify(before.columns) === JSON.stringify(after.columns);
  return cells_changed === 0 && rows_removed === 0 && sameColumns;
}

export function forgetOutcome() {
  outcome.set({ last: null });
  clearTints();
}

export function clearTints() {
  if (rows.state.changed.size > 0) rows.set({ changed: new Map() });
}

/** Columns may have been renamed only if some names are gone and others are new. */
async function renamesBetween(before, after) {
  const [old, present] = [before, after].map(({ columns }) => columns.map(({ name }) => name));
  const isGone = old.some((name) => !present.includes(name));
  const isNew = present.some((name) => !old.includes(name));
  if (!isGone || !isNew) return {};
  try {
    const { columns } = await api.get("session/changes/", {
      from_version: before.version,
      to_version: after.version,
    });
    return Object.fromEntries(columns.renamed.map(({ from, to }) => [from, to]));
  } catch {
    return {}; // nothing is tinted in a column that cannot be followed; the step took effect anyway
  }
}

/** The first column with a changed cell on the page. */
function firstChanged({ columns, rowNumbers }, cells) {
  const isChanged = ({ name }) => rowNumbers.some((number) => cells.has(cellKey(number, name)));
  return cells.size > 0 ? shownColumns(columns, view.state).find(isChanged)?.name : undefined;
}

/**
 * The first column that the step is about, where the filter shows no row that it has changed.
 *
 * @param {Record<string, any>} parameters
 */
function firstNamed({ new_name, new_names = {}, column, column_name, columns }) {
  return [new_name, ...Object.values(new_names), column, column_name, ...(columns ?? [])].find(
    (name) => name !== undefined,
  );
}

function showColumn(name) {
  const at = shownColumns(rows.state.columns, view.state).findIndex((each) => each.name === name);
  if (at < 0) return;
  bringIntoSight(name, () => goTo({ row: Math.max(0, selection.state.row), column: at }));
}
