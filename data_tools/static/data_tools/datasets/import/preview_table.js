// The first rows of a file as they would be loaded, with each column's name and type to be changed.

import { html, say } from "../../page/html.js";
import { cellAt } from "./changed_cells.js";
import { ColumnOptions } from "./column_options.js";

const MOST_COLUMNS = 60; // more are hard to look at, and slow to draw

/** @param {{ file: import("./state.js").ImportedFile }} props */
export function PreviewTable({ file }) {
  const { preview, changed, options } = file;
  if (preview.columns.length === 0) return null;
  const columns = preview.columns.slice(0, MOST_COLUMNS);
  const hidden = preview.columns.length - columns.length;
  return html`<div class="preview" tabindex="0" role="region" aria-label=${say("import.rows")}>
      <table>
        <thead>
          <tr>
            ${columns.map(
              (column, at) =>
                html`<th scope="col" key=${at}>
                  <${ColumnOptions}
                    column=${column}
                    report=${preview.ingest_report.columns[at]}
                    options=${options}
                  />
                </th>`,
            )}
          </tr>
        </thead>
        <tbody>
          ${preview.rows.map(
            (row, at) =>
              html`<tr key=${at}>
                ${columns.map(({ name, type }, column) => {
                  const isNumber = type === "integer" || type === "float";
                  const isChanged = changed.has(cellAt(at, column));
                  return html`<td class="${isNumber ? "number" : ""} ${isChanged ? "changed" : ""}">
                    <${Cell} value=${row[name]} />
                  </td>`;
                })}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
    ${hidden > 0 && html`<p class="import-note mute">${say("import.hiddenColumns", { count: hidden })}</p>`}`;
}

/** A value as it would be stored: here it is compared with the file, so nothing is made prettier. */
function Cell({ value }) {
  if (value === null) return html`<span class="missing" title=${say("grid.missing")}>·</span>`;
  if (value === "") return html`<span class="missing">${say("grid.empty")}</span>`;
  return String(value);
}
