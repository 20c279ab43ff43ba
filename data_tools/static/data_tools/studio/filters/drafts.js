// A filter on one column while a person makes it, and the conditions that say the same.

/**
 * @typedef {object} Draft
 * @property {"values" | "range" | "text" | "missing"} mode
 * @property {any[]} values that are ticked
 * @property {boolean} leavesOut whether the ticked values are those that are not shown
 * @property {boolean} withMissing whether the missing ones are ticked, or wanted beside a range
 * @property {any} low null for no bound
 * @property {any} high
 * @property {"gte" | "gt"} lowOp
 * @property {"lte" | "lt"} highOp
 * @property {"contains" | "starts_with" | "ends_with" | "eq" | "in"} textOp
 * @property {string} text for `in` one value a line
 * @property {boolean} isNegated of a text condition
 * @property {boolean} ignoresCase
 * @property {boolean} isMissing of the mode "missing": only those that are, or only those that are not
 */

export const TEXT_OPS = ["contains", "starts_with", "ends_with", "eq", "in"];
const MODES = {
  text: ["values", "text", "missing"],
  boolean: ["values"],
};
const LOW_OPS = ["gte", "gt"];
const HIGH_OPS = ["lte", "lt"];

/** @param {string} type @returns {Draft["mode"][]} the usual one first */
export function modesFor(type) {
  return MODES[type] ?? ["range", "values", "missing"];
}

/** @param {string} type @returns {Draft} */
export function emptyDraft(type) {
  return {
    mode: modesFor(type)[0],
    values: [],
    leavesOut: false,
    withMissing: false,
    low: null,
    high: null,
    lowOp: "gte",
    highOp: "lte",
    textOp: "contains",
    text: "",
    isNegated: false,
    ignoresCase: true,
    isMissing: true,
  };
}

/**
 * Return the conditions of a draft; null if it leaves every row.
 *
 * @param {Draft} draft
 * @param {{ name: string, type: string }} column
 * @returns {import("../state/view.js").Filter | null}
 */
export function entryOf(draft, { name: column, type }) {
  const isNull = { column, op: "is_null" };
  const notNull = { column, op: "not_null" };
  switch (draft.mode) {
    case "missing":
      return draft.isMissing ? isNull : notNull;
    case "values": {
      const { values, leavesOut, withMissing } = draft;
      const chosen = valuesEntry(column, type, values, leavesOut);
      if (!withMissing) return chosen;
      if (chosen === null) return leavesOut ? notNull : isNull;
      return leavesOut ? { all: [chosen, notNull] } : { any: [chosen, isNull] };
    }
    case "range": {
      const range = rangeEntry(column, draft);
      return range && draft.withMissing ? { any: [range, isNull] } : range;
    }
    case "text": {
      const search = textEntry(column, draft);
      return search && draft.withMissing && !draft.isNegated ? { any: [search, isNull] } : search;
    }
  }
}

function valuesEntry(column, type, values, leavesOut) {
  if (values.length === 0) return null;
  if (type === "boolean") {
    const each = values.map((value) => ({ column, op: "eq", value }));
    const any = each.length === 1 ? each[0] : { any: each };
    return leavesOut ? { not: any } : any;
  }
  if (values.length === 1) return { column, op: leavesOut ? "ne" : "eq", value: values[0] };
  const one = { column, op: "in", value: values };
  return leavesOut ? { not: one } : one;
}

function rangeEntry(column, { low, high, lowOp, highOp }) {
  const from = low === null ? null : { column, op: lowOp, value: low };
  const to = high === null ? null : { column, op: highOp, value: high };
  if (from && to) {
    if (lowOp === "gte" && highOp === "lte") return { column, op: "between", value: [low, high] };
    return { all: [from, to] };
  }
  return from ?? to;
}

function textEntry(column, { text, textOp, isNegated, ignoresCase }) {
  const value = textOp === "in" ? text.split("\n").filter((line) => line !== "") : text;
  if (value.length === 0) return null;
  const condition = { column, op: textOp, value, ...(ignoresCase && { ignore_case: true }) };
  return isNegated ? { not: condition } : condition;
}

/**
 * Return the draft that an entry of a filter comes from; null if no draft of this column says it.
 *
 * @param {any} entry
 * @param {{ name: string, type: string }} column
 * @returns {Draft | null}
 */
export function draftOf(entry, column) {
  const fields = fieldsOf(entry, column);
  return fields && { ...emptyDraft(column.type), ...fields };
}

function fieldsOf(entry, column) {
  if (entry === undefined || entry === null) return null;
  if (entry.column !== undefined) {
    return entry.column === column.name ? conditionFields(entry, column) : null;
  }
  if (entry.not) return negatedFields(entry.not, column);
  const parts = entry.any ?? entry.all ?? [];
  if (parts.length !== 2) return null;
  const [first, second] = parts.map((part) => fieldsOf(part, column));
  if (!first || !second) return null;
  if (entry.any) {
    if (isEachTruth(parts, column)) return { mode: "values", values: parts.map((p) => p.value) };
    const canHaveMissing = !first.leavesOut && !first.isNegated && first.mode !== "missing";
    return parts[1].op === "is_null" && canHaveMissing ? { ...first, withMissing: true } : null;
  }
  if (parts[1].op === "not_null" && first.leavesOut) return { ...first, withMissing: true };
  const isRange = LOW_OPS.includes(parts[0].op) && HIGH_OPS.includes(parts[1].op);
  return isRange ? { ...first, ...second } : null;
}

function conditionFields({ op, value, ignore_case, case_sensitive }, { type }) {
  const ignoresCase = ignore_case === true || case_sensitive === false;
  const isText = type === "text";
  switch (op) {
    case "is_null":
    case "not_null":
      if (type === "boolean") {
        return { mode: "values", leavesOut: op === "not_null", withMissing: true };
      }
      return { mode: "missing", isMissing: op === "is_null" };
    case "contains":
    case "starts_with":
    case "ends_with":
      return isText ? { mode: "text", textOp: op, text: value, ignoresCase } : null;
    case "eq":
      if (ignoresCase) return { mode: "text", textOp: op, text: value, ignoresCase };
      return { mode: "values", values: [value] };
    case "in":
      if (ignoresCase) return { mode: "text", textOp: op, text: value.join("\n"), ignoresCase };
      return { mode: "values", values: value };
    case "ne":
      return ignoresCase ? null : { mode: "values", values: [value], leavesOut: true };
    case "gt":
    case "gte":
      return isText ? null : { mode: "range", low: value, lowOp: op };
    case "lt":
    case "lte":
      return isText ? null : { mode: "range", high: value, highOp: op };
    case "between":
      return { mode: "range", low: value[0], high: value[1], lowOp: "gte", highOp: "lte" };
    default:
      return null;
  }
}

function negatedFields(part, column) {
  const fields = fieldsOf(part, column);
  if (!fields || fields.withMissing) return null;
  if (fields.mode === "text" && !fields.isNegated) return { ...fields, isNegated: true };
  if (fields.mode === "values" && !fields.leavesOut) return { ...fields, leavesOut: true };
  return null;
}

function isEachTruth(parts, { name, type }) {
  return type === "boolean" && parts.every((part) => part.column === name && part.op === "eq");
}
