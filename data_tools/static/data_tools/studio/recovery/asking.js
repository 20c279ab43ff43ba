// The question how a session goes on, where something would be given up.

import { closeDialog, openDialog, panels } from "../state/panels.js";

/**
 * Ask which way to take.
 *
 * @param {any} verdict of `validate`
 * @returns {Promise<any>} one of its recovery options; null to decide later, as when another dialog
 *   takes the place of the question
 */
export function askHow(verdict) {
  return new Promise((resolve) => {
    const choose = (option) => {
      resolve(option);
      closeDialog();
    };
    openDialog("recovery", { verdict, choose });
    const { dialog } = panels.state;
    const stopWatching = panels.watch((state) => {
      if (state.dialog === dialog) return;
      stopWatching();
      resolve(null);
    });
  });
}

/** @param {any} verdict */
export function isDamaged(verdict) {
  return verdict.reasons.some(({ code }) => code.startsWith("log_damaged"));
}

/** Whether the question is about a new file for the dataset. @param {any} verdict */
export function hasNewFile(verdict) {
  const codes = new Set(["source_changed", "source_columns_missing"]);
  return verdict.reasons.some(({ code }) => codes.has(code));
}

/**
 * Return the last version of the session that can be shown; null if none can.
 *
 * @param {any} verdict
 */
export function lastReadable({ recovery_options: options, reasons, version }) {
  if (reasons.some(({ code }) => code === "source_rows_gone")) return null;
  const damaged = reasons.some(({ code }) => code.startsWith("log_damaged"));
  if (!damaged) return version;
  return options.find(({ strategy }) => strategy === "partial")?.to_version ?? null;
}
