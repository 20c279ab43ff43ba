// How a CSV file is written, in words: what it is for, rather than what it is called.

import { html, say } from "../../page/html.js";

export const CSV_FORM = { delimiter: ",", encoding: "utf-8", bom: false, escapesFormulas: false };

const DELIMITERS = [
  [",", "export.comma"],
  [";", "export.semicolon"],
  ["tab", "export.tab"],
  ["|", "export.bar"],
];

const ENCODINGS = [
  ["utf-8", "export.utf8"],
  ["utf-16", "export.utf16"],
  ["cp1252", "export.westernWindows"],
  ["cp1250", "export.centralWindows"],
  ["cp1251", "export.cyrillicWindows"],
  ["cp1253", "export.greekWindows"],
  ["cp1254", "export.turkishWindows"],
  ["iso-8859-1", "export.latin1"],
  ["iso-8859-15", "export.latin9"],
  ["cp932", "export.japanese"],
  ["cp949", "export.korean"],
  ["big5", "export.chineseTraditional"],
  ["gb18030", "export.gb18030"],
];

/** @param {{ form: typeof CSV_FORM, change: (form: typeof CSV_FORM) => void }} props */
export function CsvOptions({ form, change }) {
  const select = (name, label, options) =>
    html`<label class="field">
      <span>${label}</span>
      <select onChange=${(event) => change({ ...form, [name]: event.target.value })}>
        ${options.map(
          ([value, text]) =>
            html`<option value=${value} selected=${value === form[name]}>${say(text)}</option>`,
        )}
      </select>
    </label>`;
  const check = (name, label) =>
    html`<label class="choice">
      <input
        type="checkbox"
        checked=${form[name]}
        onChange=${(event) => change({ ...form, [name]: event.target.checked })}
      />
      <span>${label}</span>
    </label>`;
  return html`<fieldset class="choices csv-options">
    <legend>${say("export.csvOptions")}</legend>
    <div class="csv-selects">
      ${select("delimiter", say("option.delimiter"), DELIMITERS)}
      ${select("encoding", say("option.encoding"), ENCODINGS)}
    </div>
    ${form.encoding === "utf-8" && check("bom", say("export.bom"))}
    ${check("escapesFormulas", say("export.formulas"))}
  </fieldset>`;
}
