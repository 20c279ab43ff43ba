// Steps on one column: for the menu of its header and for its panel.

import { showFailure } from "../../page/failures.js";
import { html, say, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { perform } from "../commands.js";
import { openDialog } from "../state/panels.js";
import { selection } from "../state/selection.js";
import { isNow, session } from "../state/session.js";
import { openStep } from "../state/step_form.js";

/**
 * @typedef {{ name: string, type: string, null_count?: number }} Column
 * @typedef {{ label: string, icon?: any, act: () => unknown }} Command
 */

const NUMBERS = ["integer", "float"];
const DATES = ["date", "datetime"];

/** Open the form that renames a column. @param {string} name */
export function renameColumn(name) {
  if (!isNow(session.state)) return;
  openStep("rename_column", { old_name: name, new_name: name }, { focus: "new_name" });
}

/** @param {Column} column @returns {Command[]} none for a version that is only looked at */
export function stepsForColumn({ name, type }) {
  if (!isNow(session.state)) return [];
  const columns = [name];
  const chooseStep = () => {
    selection.set({ columns });
    openDialog("palette");
  };
  return [
    { label: say("datasets.rename"), icon: "pencil", act: () => renameColumn(name) },
    command("steps.quick.type", "change_column_type", { column_name: name }, "new_type"),
    command(
      "steps.quick.fill",
      "fill_missing_values",
      { columns, ...usualFilling(type) },
      "strategy",
    ),
    { label: say("steps.quick.more"), icon: "plus", act: chooseStep },
    {
      label: say("steps.quick.drop"),
      icon: "trash-2",
      act: () => applyNow("column_operation_drop", columns),
    },
  ];
}

/** Quick steps in a column's panel; those on missing values only where some are missing. */
/** @param {{ column: Column }} props */
export function ColumnSteps({ column }) {
  const canWork = useStore(session, isNow);
  if (!canWork) return null;
  const { name, type, null_count: missing = 0 } = column;
  const columns = [name];
  const commands = [
    ...(missing > 0
      ? [
          command(
            "steps.quick.fill",
            "fill_missing_values",
            { columns, ...usualFilling(type) },
            "strategy",
          ),
          command("steps.quick.dropMissing", "drop_missing_rows", { columns }),
        ]
      : []),
    command("steps.quick.type", "change_column_type", { column_name: name }, "new_type"),
    ...ofType(name, type),
    { label: say("datasets.rename"), act: () => renameColumn(name) },
  ];
  return html`<section class="column-steps" aria-label=${say("steps.ofColumn", { column: name })}>
    ${commands.map(
      ({ label, act }) =>
        html`<button key=${label} type="button" onClick=${act}><${Icon} name="plus" /> ${label}</button>`,
    )}
  </section>`;
}

/** Numbers are filled with the median unless people choose otherwise; texts have none. */
function usualFilling(type) {
  return { strategy: NUMBERS.includes(type) ? "median" : "mode" };
}

/** @returns {Command[]} */
function ofType(name, type) {
  const columns = [name];
  if (NUMBERS.includes(type)) {
    return [
      command("steps.quick.calculate", "calculate_column", { left_column: name }, "operator"),
      command("steps.quick.round", "round_numbers", { columns }, "digits"),
      command("steps.quick.bin", "bin_column", { column: name }, "method"),
    ];
  }
  if (DATES.includes(type)) {
    return [command("steps.quick.parts", "extract_date_parts", { column: name }, "parts")];
  }
  if (type !== "text") return [];
  return [
    command("steps.quick.replace", "find_and_replace", { columns }, "find"),
    command("steps.quick.trim", "trim_text", { columns }, "side"),
    command("steps.quick.case", "change_case", { columns }, "case"),
    command("steps.quick.split", "split_column", { column: name }, "separator"),
  ];
}

function command(key, operation, given, focus) {
  return { label: say(key), act: () => openStep(operation, given, { focus }) };
}

async function applyNow(operation, columns) {
  try {
    await perform(operation, { columns });
  } catch (error) {
    showFailure(error);
  }
}
