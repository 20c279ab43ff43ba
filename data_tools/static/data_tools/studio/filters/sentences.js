// What a filter says, in a sentence: "arr_delay is more than 60".

import { say } from "../../page/words.js";
import { columnsOf, groupKind, partsOf } from "./filter_tree.js";
import { shownValue } from "./shown_value.js";

const MOST_VALUES = 2; // of a list, before the others are counted
const TIMES = new Set(["date", "datetime"]);
const HAVE_TIME_WORDS = new Set(["lt", "lte", "gt", "gte"]);
const SEARCHES = new Set(["contains", "starts_with", "ends_with"]);

/**
 * @param {any} entry of a filter
 * @param {(column: string) => string | undefined} [typeOf] the type of a column, if it is there
 * @returns {string}
 */
export function sentenceOf(entry, typeOf = () => undefined) {
  const columns = columnsOf(entry);
  if (columns.length === 1) {
    return say("filter.sentence", {
      column: shownColumn(columns[0]),
      predicate: predicateOf(entry, typeOf(columns[0])),
    });
  }
  if (entry.not) return say("filter.not", { sentence: sentenceOf(entry.not, typeOf) });
  const parts = partsOf(entry).map((part) => {
    const sentence = sentenceOf(part, typeOf);
    return groupKind(part) && columnsOf(part).length > 1 ? `(${sentence})` : sentence;
  });
  return parts.join(say(groupKind(entry) === "any" ? "filter.or" : "filter.and"));
}

/** @param {string} name */
export function shownColumn(name) {
  return name.trim() === "" ? say("columns.noName") : name;
}

/** What an entry of one column says of it, without its name. */
function predicateOf(entry, type) {
  if (entry.not) return negatedPredicate(entry.not, type);
  const kind = groupKind(entry);
  if (kind !== null) {
    const predicates = partsOf(entry).map((part) => predicateOf(part, type));
    return predicates.join(say(kind === "any" ? "filter.or" : "filter.and"));
  }
  const key = TIMES.has(type) && HAVE_TIME_WORDS.has(entry.op) ? `time.${entry.op}` : entry.op;
  return say(`filter.${key}`, valuesOf(entry, type)) + caseOf(entry);
}

function negatedPredicate(part, type) {
  const key = `filter.not.${part.op}`;
  if (SEARCHES.has(part.op) || part.op === "in" || part.op === "eq") {
    return say(/** @type {any} */ (key), valuesOf(part, type)) + caseOf(part);
  }
  return say("filter.not", { sentence: predicateOf(part, type) });
}

function valuesOf({ op, value }, type) {
  if (op === "between") {
    return { low: shownValue(value[0], type), high: shownValue(value[1], type) };
  }
  if (op !== "in") return { value: shownValue(value ?? null, type) };
  const shown = value.slice(0, MOST_VALUES).map((each) => shownValue(each, type));
  const left = value.length - shown.length;
  const list = left > 0 ? [...shown, say("filter.others", { count: left })] : shown;
  return { value: list.join(", ") };
}

// People expect that a search ignores case and that values are compared as they are.
function caseOf({ op, ignore_case, case_sensitive }) {
  const ignoresCase = ignore_case === true || case_sensitive === false;
  if (SEARCHES.has(op)) return ignoresCase ? "" : say("filter.sameCase");
  return ignoresCase ? say("filter.anyCase") : "";
}
