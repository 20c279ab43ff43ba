// A column's head on the import screen: its name, its type, how its dates are written, and how sure.

import { DATE_FORMATS, exampleOf } from "../../page/date_format_examples.js";
import { html, say } from "../../page/html.js";
import { TYPES } from "./choices.js";
import { setColumn, writtenName } from "./importing.js";

/** @param {{ column: any, report: any, options: import("./state.js").Options }} props */
export function ColumnOptions({ column, report, options }) {
  const { name, type, certainty, why } = column;
  const asked = options.columns?.[writtenName(options.columns, name)] ?? {};
  const fitting = report?.date_formats ?? [];
  const mayBeDates = type === "date" || type === "datetime" || fitting.length > 0;
  const setType = (chosen) =>
    setColumn(name, { type: chosen || undefined, date_format: undefined });
  const setFormat = (format) =>
    setColumn(name, {
      date_format: format || undefined,
      type: format ? (/%[HI]/.test(format) ? "datetime" : "date") : undefined,
    });
  return html`<div class="column-options">
    <input
      class="column-name"
      value=${name}
      aria-label=${say("import.columnName", { name })}
      maxlength="255"
      onChange=${({ target }) => setColumn(name, { name: target.value.trim() || undefined })}
    />
    <select
      aria-label=${say("import.columnType", { name })}
      onChange=${({ target }) => setType(target.value)}
    >
      <option value="" selected=${!asked.type}>
        ${say(asked.type ? "import.detect" : `type.${type}`)}
      </option>
      ${TYPES.filter((each) => asked.type || each !== type).map(
        (each) =>
          html`<option value=${each} selected=${asked.type === each}>${say(`type.${each}`)}</option>`,
      )}
    </select>
    ${
      mayBeDates &&
      html`<select
      aria-label=${say("import.dateFormat", { name })}
      onChange=${({ target }) => setFormat(target.value)}
    >
      <option value="" selected=${!asked.date_format}>
        ${say(type === "text" ? "import.notDates" : "import.dates")}
      </option>
      ${[...new Set([asked.date_format, ...fitting, ...DATE_FORMATS])].filter(Boolean).map(
        (format) =>
          html`<option value=${format} selected=${asked.date_format === format}>
              ${exampleOf(format)}${fitting.includes(format) ? ` – ${say("import.fits")}` : ""}
            </option>`,
      )}
    </select>`
    }
    ${
      certainty &&
      html`<details class="certainty ${certainty}">
      <summary>${say(`certainty.${certainty}`)}</summary>
      <p>${why}</p>
    </details>`
    }
  </div>`;
}
