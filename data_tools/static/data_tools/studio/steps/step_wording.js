// Which sentence fits an operation with its parameters, and what stands in it. What it will do and
// what it has done are said with the same words in another tense.

import { say } from "../../page/words.js";
import { sentenceOf as filterSentence } from "../filters/sentences.js";
import {
  columnInWords,
  columnsInWords,
  firstText,
  listInWords,
  numberInWords,
  textInWords,
  valueInWords,
} from "./names_in_words.js";

/**
 * @typedef {{ key: string, values: Record<string, string | number> }} Wording
 *     `key` is that of the message after `steps.will.` and `steps.did.`
 * @typedef {Record<string, any>} Parameters
 */

const FAMILY =
  /^(missing_data_imputation|feature_scaling|feature_engineering_math|feature_engineering_relative)_/;

/**
 * @param {string} operation
 * @param {Parameters} parameters those that are chosen so far, or those of a step in effect
 * @returns {Wording | null} null for an operation that this page does not know
 */
export function wordingOf(operation, parameters) {
  const family = FAMILY.exec(operation)?.[1];
  if (family) return FAMILIES[family](operation.slice(family.length + 1), parameters);
  return WORDINGS[operation]?.(parameters) ?? null;
}

const wording = (key, values = {}) => ({ key, values });
const columnOf = (name) => (name ? columnInWords(name) : "…");

/** `scope` is the message of what is meant where no column is chosen. */
function columnsOf(names, scope = null) {
  if (names?.length > 0) return columnsInWords(names);
  return scope ? say(scope) : "…";
}
/** @param {Parameters} parameters */
const numbersOf = ({ columns }) => columnsOf(columns, "steps.scope.numbers");
/** @param {Parameters} parameters */
const categoriesOf = ({ columns }) => columnsOf(columns, "steps.scope.categories");

const nameOf = (group, choice) => firstText(`steps.${group}.${choice}`) ?? String(choice ?? "…");
const choiceOf = (parameter, choice) => nameOf(`choice.${parameter}`, choice);

function fill(strategy, columns, constant) {
  const value = strategy === "constant" ? valueInWords(constant) : nameOf("with", strategy);
  return wording("fill", { columns, value });
}

const renaming = (pairs) =>
  wording("rename", {
    renames: listInWords(
      pairs.map(([old, name]) =>
        say("steps.renaming", { old: columnOf(old), new: columnOf(name) }),
      ),
    ),
  });

const FAMILIES = {
  missing_data_imputation: (strategy, parameters) =>
    fill(
      strategy,
      columnsOf(
        parameters.columns,
        strategy === "mode" ? "steps.scope.text" : "steps.scope.numbers",
      ),
      parameters.constant_value,
    ),
  feature_scaling: (method, parameters) =>
    method === "log"
      ? wording("log", {
          columns: numbersOf(parameters),
          base: nameOf("log", parameters.base ?? "e"),
        })
      : wording("scale", { columns: numbersOf(parameters), how: nameOf("scale", method) }),
  feature_engineering_math: (what, parameters) =>
    wording("math", { columns: numbersOf(parameters), what: nameOf("math", what) }),
  feature_engineering_relative: (sign, parameters) =>
    wording("relative", {
      columns: numbersOf(parameters),
      sign: nameOf("relative", sign),
      references: columnsOf(parameters.reference_columns),
    }),
};

const outliers = (key) => (parameters) =>
  wording(key, {
    columns: numbersOf(parameters),
    which: nameOf("tail", parameters.tail ?? "right"),
  });

/** @type {Record<string, (parameters: Parameters) => Wording>} */
const WORDINGS = {
  rename_column: ({ old_name, new_name }) => renaming([[old_name, new_name]]),
  column_operation_rename: ({ new_names }) => {
    const pairs = Object.entries(new_names ?? {});
    return renaming(pairs.length > 0 ? pairs : [["", ""]]);
  },
  column_operation_drop: ({ columns }) => wording("drop", { columns: columnsOf(columns) }),
  column_operation_duplicate: ({ columns }) =>
    wording("duplicate", { columns: columnsOf(columns) }),
  reorder_columns: ({ columns }) => wording("reorder", { columns: columnsOf(columns) }),
  keep_columns: ({ columns }) => wording("keep", { columns: columnsOf(columns) }),
  change_column_type: ({ column_name, new_type, on_error }) =>
    wording(on_error === "null" ? "typeOrMissing" : "type", {
      columns: columnOf(column_name),
      type: choiceOf("new_type", new_type).toLowerCase(),
    }),
  fill_missing_values: ({ columns, strategy, fill_value }) =>
    fill(strategy ?? "mean", columnsOf(columns), fill_value),

  feature_encoding_ordinal: (parameters) =>
    wording("ordinal", { columns: categoriesOf(parameters) }),
  feature_encoding_onehot: (parameters) => wording("onehot", { columns: categoriesOf(parameters) }),
  feature_encoding_rare_label: (parameters) =>
    wording("rare", {
      columns: categoriesOf(parameters),
      share: valueInWords(parameters.rare_threshold ?? 0.05),
    }),
  outlier_treatment_winsorize: outliers("cap"),
  outlier_treatment_trim: outliers("trim"),

  calculate_column: ({ left_column, operator, right_column, value, new_name }) => {
    if (!left_column || !operator) return wording("calculateOpen");
    return wording("calculate", {
      new: columnOf(new_name),
      left: columnOf(left_column),
      sign: nameOf("sign", operator),
      right: right_column ? columnOf(right_column) : numberInWords(value),
    });
  },
  round_numbers: (parameters) => {
    const digits = parameters.digits ?? 0;
    const columns = numbersOf(parameters);
    if (digits === 0) return wording("roundWhole", { columns });
    if (digits < 0) return wording("roundTens", { columns, multiple: 10 ** -digits });
    return wording("roundDigits", { columns, count: digits });
  },

  find_and_replace: ({ columns, find, replace_with, match }) => {
    const isPart = (match ?? "part") === "part";
    const values = { columns: columnsOf(columns), find: valueInWords(find) };
    if (replace_with === null || replace_with === undefined || replace_with === "") {
      return wording(isPart ? "takeOut" : "clearCells", values);
    }
    const value = valueInWords(replace_with);
    return wording(isPart ? "replace" : "replaceCells", { ...values, value });
  },
  regex_replace: ({ columns, pattern, replacement }) =>
    wording(replacement ? "pattern" : "patternOut", {
      columns: columnsOf(columns),
      find: valueInWords(pattern),
      value: textInWords(replacement ?? ""),
    }),
  trim_text: ({ columns, side }) =>
    wording("spaces", { columns: columnsOf(columns), side: nameOf("side", side ?? "both") }),
  change_case: (parameters) =>
    wording("case", {
      columns: columnsOf(parameters.columns),
      case: nameOf("case", parameters.case),
    }),
  split_column: ({ column, separator }) =>
    wording("split", { columns: columnOf(column), separator: valueInWords(separator) }),
  join_columns: ({ columns, new_name, drop_columns }) =>
    wording(drop_columns ? "joinAndDrop" : "join", {
      columns: columnsOf(columns),
      new: columnOf(new_name),
    }),
  extract_date_parts: ({ column, parts }) =>
    wording("parts", {
      columns: columnOf(column),
      parts: parts?.length
        ? listInWords(parts.map((part) => choiceOf("parts", part).toLowerCase()))
        : "…",
    }),
  bin_column: ({ column, method = "equal_width", bins, edges }) => {
    const columns = columnOf(column);
    if (method === "edges") {
      const shown = edges?.length ? listInWords(edges.map(numberInWords)) : "…";
      return wording("binEdges", { columns, edges: shown });
    }
    return wording(method === "quantile" ? "binQuantile" : "binWidth", {
      columns,
      count: bins ?? 10,
    });
  },

  drop_missing_rows: ({ columns, how }) => {
    const isAll = how === "all" && columns?.length !== 1;
    if (columns?.length > 0) {
      const or = new Intl.ListFormat("en", { type: "disjunction" });
      const named = isAll ? columnsInWords(columns) : or.format(columns.map(columnInWords));
      return wording(isAll ? "missingAll" : "missingAny", { columns: named });
    }
    return wording(isAll ? "missingEverywhere" : "missingAnywhere");
  },
  drop_duplicate_rows: ({ columns, keep }) => {
    const which = nameOf("keep", keep ?? "first");
    if (columns?.length > 0)
      return wording("duplicates", { columns: columnsInWords(columns), which });
    return wording("duplicateRows", { which });
  },
  filter_rows: ({ filter }) => wording("filter", { filter: filterInWords(filter) }),
  quick_nan_cleaning: ({ remove_nan_rows = true, remove_nan_columns = true }) => {
    if (remove_nan_rows && remove_nan_columns) return wording("cleanBoth");
    if (remove_nan_rows || remove_nan_columns) {
      return wording(remove_nan_rows ? "cleanRows" : "cleanColumns");
    }
    return wording("cleanNothing");
  },
  first_row_as_header: () => wording("header"),
};

/** @param {any} filter as `data/` reads it @returns {string} */
export function filterInWords(filter) {
  const entry = Array.isArray(filter) ? { all: filter } : filter;
  return !entry || entry.all?.length === 0 ? "…" : filterSentence(entry);
}
