// One field of the form: its label, its control, its help, and what is wrong with it.

import { html, say, useId } from "../../page/html.js";
import { controlOf, isGroup } from "./field_controls.js";

/**
 * @param {Omit<import("./field_controls.js").ControlProps, "attributes"> & { error?: string }} props
 */
export function StepField({ field, error, onChange, ...shared }) {
  const id = useId();
  const notes = [field.help && `${id}-help`, error && `${id}-error`].filter(Boolean);
  const attributes = {
    id,
    ...(notes.length > 0 && { "aria-describedby": notes.join(" ") }),
    ...(error && { "aria-invalid": /** @type {"true"} */ ("true") }),
  };
  const notesShown = html`${field.help && html`<small id=${`${id}-help`}>${field.help}</small>`}
  ${error && html`<small id=${`${id}-error`} class="field-error">${error}</small>`}`;

  if (field.kind === "flag") {
    return html`<div class="field" data-field=${field.name}>
      <label class="flag">
        <input
          type="checkbox"
          ...${attributes}
          checked=${shared.value}
          onChange=${(event) => onChange(event.target.checked)}
        />
        ${field.label}
      </label>
      ${notesShown}
    </div>`;
  }
  const control = html`<${controlOf(field.kind)}
    field=${field}
    onChange=${onChange}
    attributes=${attributes}
    ...${shared}
  />`;
  if (isGroup(field)) {
    return html`<fieldset
      class="field"
      data-field=${field.name}
      aria-describedby=${attributes["aria-describedby"]}
    >
      <legend>${field.label} <${Optional} field=${field} /></legend>
      ${control} ${notesShown}
    </fieldset>`;
  }
  return html`<div class="field" data-field=${field.name}>
    <label for=${id}>${field.label} <${Optional} field=${field} /></label>
    ${control} ${notesShown}
  </div>`;
}

/** Fields that hold a default say with it that they need not be filled in. @param {any} props */
function Optional({ field }) {
  const isEmpty = field.standard === "" || field.mayNameNone;
  return (
    field.mayStayEmpty &&
    isEmpty &&
    field.kind !== "choice" &&
    html`<small>${say("steps.optional")}</small>`
  );
}
