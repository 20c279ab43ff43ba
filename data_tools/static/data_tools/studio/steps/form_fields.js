// The fields of a form, made from the declaration of an operation.

import { isShownWith, isUnderMore } from "./form_layout.js";
import { firstText, humanizedLabel } from "./names_in_words.js";

/**
 * @typedef {object} Declared an operation as the service describes it
 * @property {string} operation
 * @property {string} description
 * @property {{ properties: Record<string, any>, required: string[] }} parameters JSON Schema
 * @property {string} [title]
 * @property {string} [group]
 *
 * @typedef {object} Field
 * @property {string} name
 * @property {string} kind the schema's `x-kind`
 * @property {string} label
 * @property {string | null} help
 * @property {string} description the service's
 * @property {boolean} required
 * @property {boolean} mayStayEmpty
 * @property {boolean} isUnderMore
 * @property {any} standard what it holds at first
 * @property {{ value: string, label: string }[]} choices
 * @property {string[] | null} suits the types of columns that it may name; null for every type
 * @property {number} [minimum]
 * @property {number} [maximum]
 * @property {boolean} mayBeEmpty a text that is sent even if it is empty
 * @property {boolean} mayNameNone no column stands for every suitable one
 * @property {boolean} showsMissing how many values each column lacks is what one chooses by
 */

const LIST_KINDS = new Set(["columns", "choices", "new_names", "filter"]);

/** @param {Declared} declared @returns {Field[]} */
export function fieldsOf({ operation, parameters }) {
  return Object.entries(parameters.properties).map(([name, schema]) => {
    const required = parameters.required.includes(name);
    const kind = schema["x-kind"];
    const isOperand = name === "right_column" || name === "value"; // one of the two is needed
    const choices = choicesOf(name, schema);
    return {
      name,
      kind,
      label: firstText(`steps.label.${name}.${operation}`, `steps.label.${name}`) ?? schema.title,
      help: firstText(`steps.help.${name}.${operation}`, `steps.help.${name}`),
      description: schema.description,
      required,
      mayStayEmpty: !required && !isOperand,
      isUnderMore: isUnderMore(name, required),
      standard: schema.default ?? standardOf(name, kind, choices),
      choices,
      suits: schema["x-suits"] ?? null,
      minimum: schema.minimum,
      maximum: schema.maximum,
      mayBeEmpty: kind === "text" && schema.minLength === 0,
      mayNameNone: kind === "columns" && !required,
      showsMissing: operation.includes("missing"),
    };
  });
}

/**
 * What the fields hold at first: given values, else defaults.
 *
 * @param {Field[]} fields
 * @param {Record<string, any>} given parameters, as a request has them
 */
export function firstValues(fields, given) {
  return Object.fromEntries(
    fields.map((field) => [field.name, written(field, given[field.name] ?? field.standard)]),
  );
}

/** @param {Field[]} fields @param {Record<string, any>} values */
export function shownFields(fields, values) {
  return fields.filter(({ name }) => isShownWith(name, values));
}

/** The field that columns chosen in the grid go into. @param {Field[]} fields */
export function mainColumnField(fields) {
  return fields.find(({ kind }) => ["columns", "column", "new_names"].includes(kind));
}

function standardOf(name, kind, choices) {
  if (LIST_KINDS.has(kind)) return [];
  if (kind === "flag") return false;
  if (name === "on_error") return choices[0].value;
  return "";
}

function choicesOf(name, schema) {
  const values = schema["x-shown"] ?? schema.enum ?? schema.items?.enum ?? [];
  return values
    .filter((value) => value !== null)
    .map((value) => ({
      value,
      label: firstText(`steps.choice.${name}.${value}`) ?? humanizedLabel(value),
    }));
}

/** Write a parameter's value as its field holds it. */
function written({ kind }, value) {
  if (kind === "new_names" && !Array.isArray(value)) {
    return Object.entries(value).map(([old, name]) => ({ old, name }));
  }
  if (kind === "numbers" && Array.isArray(value)) return value.join(" ");
  if (["number", "integer", "scalar"].includes(kind)) return String(value);
  return value;
}
