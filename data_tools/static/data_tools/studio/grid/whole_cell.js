// The dialog that shows one cell, whole and as it is.

import { useCopying } from "../../page/clipboard.js";
import { Dialog } from "../../page/dialog.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { Refusal } from "../refusal.js";
import { closeDialog } from "../state/panels.js";
import { cellKey, rows } from "../state/rows.js";
import { isShortened, readWholeCell } from "./whole_cell_reading.js";

/** @param {{ row: number, column: string }} props the row on the page */
export function WholeCell({ row, column }) {
  const { rows: shown, rowNumbers, columns, changed, pageNumber, pageSize } = rows.state;
  const type = columns.find(({ name }) => name === column)?.type ?? "text";
  const number = rowNumbers[row] ?? (pageNumber - 1) * pageSize + row + 1;
  const [value, setValue] = useState(
    isShortened(row, column) ? undefined : (shown[row]?.[column] ?? null),
  );
  const [error, setError] = useState(/** @type {any} */ (null));
  const [copied, copy] = useCopying();

  useEffect(() => {
    if (value !== undefined) return;
    readWholeCell(row, column).then((answer) => setValue(answer.value), setError);
  }, []);

  const isText = type === "text" && typeof value === "string";
  const facts = [
    say(`grid.type.${type}`),
    say("cell.row", { row: number }),
    isText && say("cell.characters", { count: [...value].length }),
    changed.has(cellKey(number, column)) && said(changed.get(cellKey(number, column)).value),
  ];
  return html`<${Dialog} title=${column} class="whole-cell" onClose=${closeDialog}>
    <p class="mute">${facts.filter(Boolean).join(" · ")}</p>
    ${
      error
        ? html`<${Refusal} error=${error} />`
        : html`<pre tabindex="0" aria-label=${column} class=${value === null ? "mute" : ""}>
${value === undefined ? say("cell.reading") : valueText(value)}</pre
        >`
    }
    <form method="dialog" class="dialog-actions">
      <span class="mute" role="status">${copied}</span>
      <button
        type="button"
        disabled=${value === undefined}
        onClick=${() => copy(value === null ? "" : String(value))}
      >
        ${say("page.copy")}
      </button>
      <button class="primary" data-focus>${say("page.close")}</button>
    </form>
  <//>`;
}

function valueText(value) {
  if (value === null) return say("grid.missing");
  return value === "" ? say("grid.empty") : String(value);
}

function said(before) {
  if (before === null) return say("grid.wasMissing");
  return say("grid.was", { value: valueText(before) });
}
