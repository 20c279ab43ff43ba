// The control of each kind of parameter.

import { DATE_FORMATS, exampleOf } from "../../page/date_format_examples.js";
import { html, say, useId } from "../../page/html.js";
import { addFilter } from "../filters/filtering.js";
import { ColumnPicker } from "./column_picker.js";
import { scalarKind } from "./form_reading.js";
import { filterInWords } from "./step_wording.js";

const MOST_RADIOS = 3;

/**
 * @typedef {object} ControlProps
 * @property {import("./form_fields.js").Field} field
 * @property {any} value what it holds
 * @property {(value: any) => void} onChange
 * @property {{ id: string, "aria-describedby"?: string, "aria-invalid"?: "true" }} attributes
 * @property {{ name: string, type: string }[]} columns of the session
 * @property {string[] | null} suiting types
 * @property {string[]} chosenTypes of the columns that the step is about
 */

/** @type {Record<string, (props: ControlProps) => any>} */
const CONTROLS = {
  column: SingleColumn,
  columns: ManyColumns,
  new_names: NewNames,
  choice: Choice,
  choices: Choices,
  number: NumberInput,
  integer: NumberInput,
  scalar: Scalar,
  date_format: DateFormat,
  filter: CurrentFilter,
};

/** @param {string} kind */
export function controlOf(kind) {
  return CONTROLS[kind] ?? TextInput;
}

/** Whether the control is several, which a legend names, and not one with a label. */
export function isGroup({ kind, choices }) {
  const isRadios = kind === "choice" && choices.length <= MOST_RADIOS;
  return isRadios || ["columns", "new_names", "choices", "filter"].includes(kind);
}

function TextInput({ value, onChange, attributes }) {
  return html`<input
    type="text"
    autocomplete="off"
    spellcheck=${false}
    ...${attributes}
    value=${value}
    onInput=${(event) => onChange(event.target.value)}
  />`;
}

function NumberInput({ field, value, onChange, attributes }) {
  return html`<input
    type="number"
    step=${field.kind === "integer" ? 1 : "any"}
    min=${field.minimum > -1e300 ? field.minimum : undefined}
    max=${field.maximum < 1e300 ? field.maximum : undefined}
    ...${attributes}
    value=${value}
    onInput=${(event) => onChange(event.target.value)}
  />`;
}

function Scalar(props) {
  const kind = scalarKind(props.chosenTypes);
  if (kind === "text") return TextInput(props);
  if (kind === "number") return NumberInput(props);
  const { value, onChange, attributes } = props;
  if (kind === "date") {
    return html`<input
      type="date"
      ...${attributes}
      value=${value}
      onInput=${(event) => onChange(event.target.value)}
    />`;
  }
  return html`<select ...${attributes} value=${value} onChange=${(event) => onChange(event.target.value)}>
    <option value="">${say("steps.trueOrFalse")}</option>
    <option value="true">true</option>
    <option value="false">false</option>
  </select>`;
}

function SingleColumn({ field, value, onChange, attributes, columns, suiting }) {
  const options = (those) =>
    those.map(
      ({ name }) =>
        html`<option key=${name} value=${name}>${name || say("steps.unnamed")}</option>`,
    );
  const suits = ({ type }) => suiting === null || suiting.includes(type);
  const others = columns.filter((column) => !suits(column));
  const nothing = field.name === "right_column" ? "steps.aNumber" : "steps.chooseColumn";
  return html`<select ...${attributes} value=${value} onChange=${(event) => onChange(event.target.value)}>
    <option value="">${say(nothing)}</option>
    ${
      others.length === 0
        ? options(columns)
        : html`<optgroup label=${say("steps.suitingColumns")}>${options(columns.filter(suits))}</optgroup>
          <optgroup label=${say("steps.otherColumns")}>${options(others)}</optgroup>`
    }
  </select>`;
}

function ManyColumns({ field, value, onChange, attributes, columns, suiting }) {
  return html`<${ColumnPicker}
    columns=${columns}
    showsMissing=${field.showsMissing}
    suiting=${suiting}
    chosen=${value}
    onChoose=${onChange}
    describedBy=${attributes["aria-describedby"]}
    isInvalid=${attributes["aria-invalid"] === "true"}
  />
  ${value.length === 0 && html`<small>${say("steps.pickInGrid")}</small>`}`;
}

function NewNames({ value, onChange, attributes, columns }) {
  const chosen = value.map(({ old }) => old);
  const choose = (names) =>
    onChange(names.map((old) => value.find((each) => each.old === old) ?? { old, name: "" }));
  return html`<${ColumnPicker}
      columns=${columns}
      suiting=${null}
      chosen=${chosen}
      onChoose=${choose}
      describedBy=${attributes["aria-describedby"]}
    />
    ${value.map(
      ({ old, name }) =>
        html`<label key=${old} class="new-name">
          <span>${old}</span>
          <input
            type="text"
            autocomplete="off"
            aria-label=${say("steps.newNameOf", { column: old })}
            value=${name}
            onInput=${({ target }) =>
              onChange(
                value.map((each) => (each.old === old ? { old, name: target.value } : each)),
              )}
          />
        </label>`,
    )}`;
}

function Choice({ field, value, onChange, attributes }) {
  if (field.choices.length <= MOST_RADIOS) {
    return html`<div class="radios">
      ${field.choices.map(
        (choice) =>
          html`<label key=${choice.value}>
            <input
              type="radio"
              name=${attributes.id}
              checked=${choice.value === value}
              onChange=${() => onChange(choice.value)}
            />
            ${choice.label}
          </label>`,
      )}
    </div>`;
  }
  return html`<select ...${attributes} value=${value} onChange=${(event) => onChange(event.target.value)}>
    ${value === "" && html`<option value="">${say("steps.trueOrFalse")}</option>`}
    ${field.choices.map(
      (choice) => html`<option key=${choice.value} value=${choice.value}>${choice.label}</option>`,
    )}
  </select>`;
}

function Choices({ field, value, onChange }) {
  const toggle = (choice) =>
    // In the order of the declaration, whatever the order of the clicks.
    onChange(
      field.choices
        .map((each) => each.value)
        .filter((each) => (each === choice) !== value.includes(each)),
    );
  return html`<div class="checks">
    ${field.choices.map(
      (choice) =>
        html`<label key=${choice.value}>
          <input
            type="checkbox"
            checked=${value.includes(choice.value)}
            onChange=${() => toggle(choice.value)}
          />
          ${choice.label}
        </label>`,
    )}
  </div>`;
}

function DateFormat(props) {
  const id = useId();
  const attributes = /** @type {any} */ ({ ...props.attributes, list: id });
  return html`${TextInput({ ...props, attributes })}
    <datalist id=${id}>
      ${DATE_FORMATS.map((format) => html`<option value=${format}>${exampleOf(format)}</option>`)}
    </datalist>`;
}

function CurrentFilter({ value }) {
  if (value.length > 0) {
    return html`<p>${say("steps.currentFilter", { filter: filterInWords(value) })}</p>`;
  }
  return html`<p>${say("steps.noFilter")}</p>
    <button type="button" onClick=${() => addFilter()}>${say("steps.makeFilter")}</button>`;
}
