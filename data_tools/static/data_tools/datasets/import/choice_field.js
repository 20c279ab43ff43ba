// A choice from a list, of which the first is to leave it to the service, and the last something else.

import { html, say, useState } from "../../page/html.js";

const OTHER = "other";

/**
 * @param {{
 *   label: string,
 *   value: any,
 *   unchosen: string,
 *   choices: [any, string][],
 *   other?: { type: string, maxLength?: number, label: string },
 *   onChoose: (value: any) => void,
 *   children?: any,
 * }} props `value` is undefined if it is left to the service
 */
export function ChoiceField({ label, value, unchosen, choices, other, onChoose, children }) {
  const isListed = value === undefined || choices.some(([each]) => each === value);
  const [isOther, setOther] = useState(!isListed);
  const choose = ({ target }) => {
    setOther(target.value === OTHER);
    if (target.value === "") onChoose(undefined);
    else if (target.value !== OTHER) onChoose(JSON.parse(target.value));
  };
  const write = ({ target }) => {
    if (target.value !== "")
      onChoose(other.type === "number" ? Number(target.value) : target.value);
  };
  const shown = isOther || !isListed ? OTHER : value === undefined ? "" : JSON.stringify(value);
  return html`<div class="field">
    <label>
      ${label}
      <select value=${shown} onChange=${choose}>
        <option value="" selected=${shown === ""}>${unchosen}</option>
        ${choices.map(
          ([each, name]) =>
            html`<option value=${JSON.stringify(each)} selected=${shown === JSON.stringify(each)}>
              ${name}
            </option>`,
        )}
        ${
          other &&
          html`<option value=${OTHER} selected=${shown === OTHER}>${say("import.other")}</option>`
        }
      </select>
    </label>
    ${
      shown === OTHER &&
      other &&
      html`<input
      type=${other.type}
      min="1"
      maxlength=${other.maxLength}
      aria-label="${label}: ${other.label}"
      placeholder=${other.label}
      value=${isListed ? "" : value}
      onInput=${write}
    />`
    }
    ${children}
  </div>`;
}
