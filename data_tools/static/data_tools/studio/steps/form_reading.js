// From what a form's fields hold to the parameters of a request, or to what is wrong with them.

import { numberOf } from "../../page/exact_numbers.js";
import { say } from "../../page/words.js";

/**
 * @typedef {import("./form_fields.js").Field} Field
 * @typedef {Record<string, string>} FieldErrors sentences by the name of the field
 */

/**
 * @param {Field[]} fields those that are shown
 * @param {Record<string, any>} values what they hold
 * @param {{ name: string, type: string }[]} columns the session's
 * @returns {{ parameters: Record<string, any>, errors: FieldErrors }}
 *     a field with an error has no parameter
 */
export function readForm(fields, values, columns) {
  const chosen = typesOfChosen(fields, values, columns);
  const parameters = /** @type {Record<string, any>} */ ({});
  const errors = /** @type {FieldErrors} */ ({});
  for (const field of fields) {
    const { value, error } = readField(field, values[field.name], chosen);
    if (error) errors[field.name] = error;
    else if (value !== undefined) parameters[field.name] = value;
    else if (field.required) errors[field.name] = whatIsMissing(field);
  }
  if (needsOperand(fields, parameters) && !errors.value) errors.value = say("steps.operandWanted");
  return { parameters, errors };
}

/**
 * Which kind of field a value for these columns needs.
 *
 * @param {string[]} types of the columns
 * @returns {"number" | "boolean" | "date" | "text"}
 */
export function scalarKind(types) {
  const kinds = new Set(
    types.map((type) => (["integer", "float"].includes(type) ? "number" : type)),
  );
  const [kind] = kinds;
  return kinds.size === 1 && ["number", "boolean", "date"].includes(kind)
    ? /** @type {any} */ (kind)
    : "text";
}

/** @param {Field[]} fields @param {Record<string, any>} values @param {any[]} columns */
export function typesOfChosen(fields, values, columns) {
  const { name = "" } = fields.find(({ kind }) => kind === "columns" || kind === "column") ?? {};
  const names = new Set([values[name]].flat());
  return columns.filter((column) => names.has(column.name)).map(({ type }) => type);
}

/** @returns {{ value?: any, error?: string }} neither where the field is left empty */
function readField(field, held, chosenTypes) {
  switch (field.kind) {
    case "columns":
    case "choices":
    case "filter":
      return held.length > 0 ? { value: held } : {};
    case "new_names": {
      if (held.length === 0) return {};
      const unnamed = held.find(({ name }) => name === "");
      if (unnamed) return { error: say("steps.nameMissing", { column: unnamed.old }) };
      return { value: Object.fromEntries(held.map(({ old, name }) => [old, name])) };
    }
    case "flag":
      return { value: held };
    case "number":
    case "integer":
      return held.trim() === "" ? {} : readNumber(field, held);
    case "numbers":
      return held.trim() === "" ? {} : readEdges(held);
    case "scalar":
      return held === "" ? {} : { value: readScalar(held, scalarKind(chosenTypes)) };
    default:
      return held === "" && !field.mayBeEmpty ? {} : { value: held };
  }
}

function readNumber({ kind, minimum, maximum }, text) {
  const number = Number(text);
  if (!Number.isFinite(number)) return { error: say("steps.numberWanted") };
  if (kind === "integer" && !Number.isInteger(number)) {
    return { error: say("steps.wholeNumberWanted") };
  }
  if (number < minimum || number > maximum) {
    return { error: say("steps.numberRange", { least: minimum, most: maximum }) };
  }
  return { value: numberOf(text) };
}

function readEdges(text) {
  const numbers = text
    .trim()
    .split(/[\s,;]+/)
    .map(numberOf);
  const sizes = numbers.map((each) => (typeof each === "string" ? BigInt(each) : each));
  const isAscending = sizes.every((each, at) => at === 0 || each > sizes[at - 1]);
  return numbers.length > 1 && isAscending && numbers.every((each) => Number.isFinite(Number(each)))
    ? { value: numbers }
    : { error: say("steps.edgesWanted") };
}

/** Digits that no double holds stay text, which the service reads exactly. */
function readScalar(text, kind) {
  if (kind === "boolean") return text === "true";
  if (kind !== "number" || text.trim() === "") return text;
  const number = Number(text);
  if (!Number.isFinite(number)) return text;
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? text : number;
}

function whatIsMissing({ kind }) {
  if (kind === "columns" || kind === "new_names") return say("steps.chooseColumns");
  if (kind === "column") return `${say("steps.chooseColumn")}.`;
  if (kind === "choices") return say("steps.chooseOne");
  if (kind === "filter") return say("steps.noFilter");
  return say("steps.fillIn");
}

/**
 * A calculation needs a column or a number on its right side; the schema cannot say that.
 *
 * @param {Field[]} fields
 * @param {Record<string, any>} parameters
 */
function needsOperand(fields, { right_column, value }) {
  const hasOperand = right_column !== undefined || value !== undefined;
  return fields.some(({ name }) => name === "right_column") && !hasOperand;
}
