// The rows as a file: of which kind, which of them, and for CSV how it is written.

import { Dialog } from "../../page/dialog.js";
import { html, say, useState, useStore } from "../../page/html.js";
import { rowsQuery, shownVersion } from "../reading.js";
import { Refusal } from "../refusal.js";
import { closeDialog } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { view } from "../state/view.js";
import { CSV_FORM, CsvOptions } from "./csv_options.js";
import { beginExporting } from "./exporting.js";

const FORMATS = /** @type {const} */ (["csv", "xlsx", "jsonl", "parquet"]);

export function ExportDialog() {
  const [format, setFormat] = useState(/** @type {(typeof FORMATS)[number]} */ ("csv"));
  const [csvForm, setCsvForm] = useState(CSV_FORM);
  const [isFiltered, setFiltered] = useState(view.state.filter.length > 0);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);

  const start = async (event) => {
    event.preventDefault();
    setBusy(true);
    setProblem(null);
    try {
      const query = {
        format,
        ...(format === "csv" && queryOf(csvForm)),
        ...selection(isFiltered),
        ...shownVersion(),
      };
      if (await beginExporting(query, `${fileNameOf(session.state.datasetName)}.${format}`)) {
        closeDialog();
        return;
      }
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };

  return html`<${Dialog} title=${say("export.title")} class="export-dialog" onClose=${closeDialog}>
    <form onSubmit=${start}>
      <fieldset class="choices">
        <legend>${say("export.format")}</legend>
        ${FORMATS.map(
          (name) =>
            html`<label class="choice">
              <input
                type="radio"
                name="format"
                data-focus=${name === format}
                checked=${name === format}
                onChange=${() => setFormat(name)}
              />
              <span>
                <strong>${say(`export.${name}`)}</strong>
                <small>${say(`export.${name}For`)}</small>
              </span>
            </label>`,
        )}
      </fieldset>
      ${format === "csv" && html`<${CsvOptions} form=${csvForm} change=${setCsvForm} />`}
      <${WhichRows} isFiltered=${isFiltered} setFiltered=${setFiltered} />
      <${Refusal} error=${problem} />
      <div class="dialog-actions">
        <button type="button" onClick=${closeDialog}>${say("page.cancel")}</button>
        <button class="primary" disabled=${isBusy}>
          ${say(isBusy ? "export.asking" : "export.button")}
        </button>
      </div>
    </form>
  <//>`;
}

function WhichRows({ isFiltered, setFiltered }) {
  const hasFilter = useStore(view, ({ filter }) => filter.length > 0);
  const { filteredRows, totalRows } = useStore(rows);
  if (!hasFilter) {
    return html`<p>${say("export.allRows", { count: totalRows })}. ${say("export.inOrder")}</p>`;
  }
  const choice = (value, text) =>
    html`<label class="choice">
      <input
        type="radio"
        name="rows"
        checked=${isFiltered === value}
        onChange=${() => setFiltered(value)}
      />
      <span>${text}</span>
    </label>`;
  return html`<fieldset class="choices">
    <legend>${say("datasets.rows")}</legend>
    ${choice(true, say("export.filteredRows", { count: filteredRows }))}
    ${choice(false, say("export.allRows", { count: totalRows }))}
    <p class="mute">${say("export.inOrder")}</p>
  </fieldset>`;
}

/** The filter and the order that the grid shows. */
function selection(isFiltered) {
  const { filter, sort } = rowsQuery();
  return { sort, ...(isFiltered && { filter }) };
}

function queryOf({ delimiter, encoding, bom, escapesFormulas }) {
  return {
    delimiter,
    encoding,
    bom: encoding === "utf-8" && bom ? "true" : undefined,
    formulas: escapesFormulas ? "escape" : undefined,
  };
}

/** Leave out what file systems do not take. */
function fileNameOf(name) {
  return name.replace(/[\p{Cc}/\\:*?"<>|]/gu, "_").replace(/^[ .]+|[ .]+$/g, "") || "rows";
}
