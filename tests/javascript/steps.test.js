// Steps in words, the palette's search, what a form's fields say, and which cells a step changed.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { exampleOf } from "../../data_tools/static/data_tools/page/date_format_examples.js";
import { changesBetween } from "../../data_tools/static/data_tools/studio/steps/changed_cells.js";
import {
  fieldsOf,
  firstValues,
  shownFields,
} from "../../data_tools/static/data_tools/studio/steps/form_fields.js";
import { readForm } from "../../data_tools/static/data_tools/studio/steps/form_reading.js";
import {
  columnInWords,
  columnsInWords,
} from "../../data_tools/static/data_tools/studio/steps/names_in_words.js";
import {
  columnsNamed,
  found,
} from "../../data_tools/static/data_tools/studio/steps/palette_search.js";
import { refusalOf } from "../../data_tools/static/data_tools/studio/steps/step_errors.js";
import {
  sentenceOf,
  willDo,
} from "../../data_tools/static/data_tools/studio/steps/step_sentences.js";
import { SYNONYMS } from "../../data_tools/static/data_tools/studio/steps/step_synonyms.js";

const COLUMNS = [
  { name: "delay", type: "float" },
  { name: "carrier", type: "text" },
  { name: "cancelled", type: "boolean" },
  { name: "flight", type: "integer" },
];

/** An operation whose parameters are given as [schema, is required]. */
function declared(parameters, operation = "an_operation") {
  const names = Object.keys(parameters);
  return {
    operation,
    description: "",
    parameters: {
      properties: Object.fromEntries(names.map((name) => [name, parameters[name][0]])),
      required: names.filter((name) => parameters[name][1]),
    },
  };
}

function read(parameters, held, operation) {
  const fields = fieldsOf(declared(parameters, operation));
  const values = { ...firstValues(fields, {}), ...held };
  return readForm(shownFields(fields, values), values, COLUMNS);
}

describe("sentences", () => {
  /** @type {[string, Record<string, any>, string][]} */
  const DONE = [
    ["rename_column", { old_name: "tail_num", new_name: "tailnum" }, "Renamed tail_num to tailnum"],
    [
      "fill_missing_values",
      { columns: ["dep_delay"], strategy: "median", fill_value: null },
      "Filled 8,255 missing cells of dep_delay with the median",
    ],
    [
      "missing_data_imputation_constant",
      { columns: ["a", "b"], constant_value: "none" },
      "Filled 8,255 missing cells of a and b with “none”",
    ],
    [
      "change_column_type",
      { column_name: "day", new_type: "date", on_error: "null" },
      "Changed the type of day to date, or missing where it did not fit",
    ],
    [
      "find_and_replace",
      { columns: ["dest"], find: "-", replace_with: null, match: "part" },
      "Took “-” out of dest",
    ],
    [
      "find_and_replace",
      { columns: ["dest"], find: 0, replace_with: null, match: "cell" },
      "Made 0 missing in dest",
    ],
    [
      "calculate_column",
      { left_column: "a", operator: "divide", right_column: "b", new_name: "speed" },
      "Calculated speed = a ÷ b",
    ],
    ["round_numbers", { columns: ["a"], digits: -3 }, "Rounded a to multiples of 1,000"],
    ["drop_missing_rows", { columns: ["a", "b"] }, "Removed rows where a or b was missing"],
    ["drop_missing_rows", { columns: null, how: "all" }, "Removed rows without any value"],
    [
      "filter_rows",
      {
        filter: {
          any: [
            { column: "a", op: "gt", value: 1 },
            { column: "b", op: "is_null" },
          ],
        },
      },
      "Kept only the rows where a is more than 1 or b is missing",
    ],
  ];
  for (const [operation, parameters, sentence] of DONE) {
    test(sentence, () => {
      assert.equal(sentenceOf({ operation, parameters, cells_changed: 8255 }), sentence);
    });
  }

  test("one cell is one cell", () => {
    const step = {
      operation: "fill_missing_values",
      parameters: { columns: ["a"] },
      cells_changed: 1,
    };
    assert.equal(sentenceOf(step), "Filled 1 missing cell of a with the mean");
  });

  test("what is not chosen yet is left open", () => {
    assert.equal(willDo("fill_missing_values", {}), "Fills the missing cells of … with the mean.");
    assert.equal(willDo("column_operation_drop", {}), "Removes …");
  });

  test("an operation that this page does not know is told by its name and columns", () => {
    assert.equal(willDo("of_tomorrow", {}), null);
    assert.equal(
      sentenceOf({ operation: "of_tomorrow", parameters: { columns: ["a"] } }),
      "Of tomorrow: a",
    );
  });

  test("names that could be misread are quoted, long lists and long names are cut", () => {
    assert.equal(columnInWords("dep delay"), "“dep delay”");
    assert.equal(columnInWords(""), "“”");
    assert.equal(columnInWords("x".repeat(60)), `“${"x".repeat(39)}…”`);
    assert.equal(columnsInWords(["a", "b", "c", "d", "e"]), "a, b, c, and 2 other columns");
  });
});

describe("the palette's search", () => {
  const entry = (id, title, group = "") => ({ id, title, group, phrases: SYNONYMS[id] ?? [] });
  const ENTRIES = [
    entry("column_operation_drop", "Remove columns"),
    entry("rename_column", "Rename a column"),
    entry("change_column_type", "Change a column's type"),
    entry("fill_missing_values", "Fill missing values"),
    entry("drop_duplicate_rows", "Remove duplicate rows"),
    entry("split_column", "Split a column"),
    entry("change_case", "Change to capital or small letters"),
  ];
  const FIRST = {
    "fill gaps": "fill_missing_values",
    FILLNA: "fill_missing_values",
    drop: "column_operation_drop",
    "delete column": "column_operation_drop",
    renaming: "rename_column",
    "to number": "change_column_type",
    dedupe: "drop_duplicate_rows",
    "split the column": "split_column",
    lowercase: "change_case",
  };
  for (const [query, id] of Object.entries(FIRST)) {
    test(`“${query}” finds ${id}`, () => assert.equal(found(ENTRIES, query)[0].id, id));
  }

  test("what fits nothing finds nothing, and no query finds all", () => {
    assert.deepEqual(found(ENTRIES, "qwerty"), []);
    assert.equal(found(ENTRIES, " ").length, ENTRIES.length);
  });

  test("a column's name in the query says what it is about", () => {
    const { named, rest } = columnsNamed("fill Dep_delay", ["dep_delay", "fill"]);
    assert.deepEqual([named, rest], [["fill", "dep_delay"], ""]);
    assert.deepEqual(columnsNamed("rename dest", ["dest"]), { named: ["dest"], rest: "rename" });
  });
});

describe("a form", () => {
  const NAMES = { "x-kind": "columns", type: "array" };

  test("sends what is filled in, and leaves out what stays empty", () => {
    const parameters = {
      columns: [NAMES, true],
      digits: [{ "x-kind": "integer", minimum: -15, maximum: 15, default: 0 }, false],
      fold: [{ "x-kind": "number", default: null }, false],
      separator: [{ "x-kind": "text", minLength: 0, default: " " }, false],
    };
    assert.deepEqual(read(parameters, { columns: ["delay"], digits: "-3", separator: "" }), {
      parameters: { columns: ["delay"], digits: -3, separator: "" },
      errors: {},
    });
  });

  test("says at each field what is wrong", () => {
    const parameters = {
      columns: [NAMES, true],
      bins: [{ "x-kind": "integer", minimum: 2, maximum: 1000, default: 10 }, false],
      method: [{ "x-kind": "choice", enum: ["edges", null], default: "edges" }, false],
      edges: [{ "x-kind": "numbers" }, false],
      new_name: [{ "x-kind": "new_name" }, true],
    };
    const { errors } = read(parameters, { edges: "3 2", new_name: "" });
    assert.deepEqual(Object.keys(errors), ["columns", "edges", "new_name"]);
    assert.deepEqual(read({ bins: parameters.bins }, { bins: "1" }).errors, {
      bins: "Write a number from 2 to 1,000.",
    });
    assert.deepEqual(read({ bins: parameters.bins }, { bins: "2.5" }).errors, {
      bins: "Write a whole number.",
    });
  });

  const SCALARS = [
    ["delay", "5", 5],
    ["delay", "9007199254740993", "9007199254740993"],
    ["carrier", "5", "5"],
    ["cancelled", "false", false],
    ["flight", "none", "none"],
  ];
  for (const [column, held, value] of SCALARS) {
    test(`reads ${held} as a value of ${column}`, () => {
      const parameters = { columns: [NAMES, true], find: [{ "x-kind": "scalar" }, true] };
      assert.deepEqual(read(parameters, { columns: [column], find: held }).parameters.find, value);
    });
  }

  test("keeps every digit of a number that no double holds", () => {
    const parameters = {
      value: [{ "x-kind": "number", minimum: -1e300, maximum: 1e300 }, false],
      edges: [{ "x-kind": "numbers" }, false],
      method: [{ "x-kind": "choice", enum: ["edges"], default: "edges" }, false],
    };
    const held = { value: "9007199254740993", edges: "-5 9007199254740992 9007199254740993" };
    assert.deepEqual(read(parameters, held).parameters, {
      value: "9007199254740993",
      edges: [-5, 9007199254740992, "9007199254740993"],
      method: "edges",
    });
    assert.equal(read(parameters, { value: "1e16" }).parameters.value, 1e16);
    assert.equal(
      willDo("calculate_column", {
        left_column: "a",
        operator: "add",
        value: "9007199254740993",
        new_name: "b",
      }),
      "Adds the column b = a + 9,007,199,254,740,993.",
    );
  });

  test("shows fields only with the choice that they belong to", () => {
    const fields = fieldsOf(
      declared({
        strategy: [{ "x-kind": "choice", enum: ["mean", "constant"], default: "mean" }, false],
        fill_value: [{ "x-kind": "scalar" }, false],
      }),
    );
    const names = (values) => shownFields(fields, values).map(({ name }) => name);
    assert.deepEqual(names({ strategy: "mean" }), ["strategy"]);
    assert.deepEqual(names({ strategy: "constant" }), ["strategy", "fill_value"]);
  });

  test("opens with the parameters of a step", () => {
    const fields = fieldsOf(
      declared({
        new_names: [{ "x-kind": "new_names" }, true],
        edges: [{ "x-kind": "numbers", default: null }, false],
        value: [{ "x-kind": "number", default: null }, false],
      }),
    );
    const given = { new_names: { a: "b" }, edges: [1, 2.5], value: 0 };
    assert.deepEqual(firstValues(fields, given), {
      new_names: [{ old: "a", name: "b" }],
      edges: "1 2.5",
      value: "0",
    });
    const { parameters } = readForm(fields, firstValues(fields, given), COLUMNS);
    assert.deepEqual(parameters, given);
  });

  test("knows which field a refusal is about", () => {
    const fields = fieldsOf(
      declared({ columns: [NAMES, true], new_name: [{ "x-kind": "new_name" }, true] }),
    );
    const field = (code, details) =>
      refusalOf({ code, details, message: "" }, fields, { on_error: "fail" })?.field;
    assert.equal(field("INVALID_PARAMETER", { path: "columns[2]" }), "columns");
    assert.equal(field("COLUMN_EXISTS", { column: "a" }), "new_name");
    assert.equal(field("NOTHING_TO_FIT", { column: "a" }), "columns");
    assert.equal(field("VALUES_DO_NOT_FIT", { column: "a", count: 2 }), null);
    assert.equal(field("SESSION_EXPIRED", {}), undefined);
  });
});

describe("changed cells", () => {
  const page = (rowNumbers, columns, rows) => ({
    rowNumbers,
    columns: columns.map((name) => ({ name, type: "integer" })),
    rows: rows.map((row) => Object.fromEntries(columns.map((name, at) => [name, row[at]]))),
  });

  test("are told by row number, and hold what was there", () => {
    const before = page(
      [3, 1, 9],
      ["a", "b"],
      [
        [null, 1],
        [2, 1],
        [null, 1],
      ],
    );
    const after = page(
      [1, 3, 4],
      ["a", "b", "c"],
      [
        [2, 1, 0],
        [-2, 1, 0],
        [-2, 1, 0],
      ],
    );
    const { cells, newColumns, filledWith } = changesBetween(before, after);
    assert.deepEqual([...cells], [["3 a", { value: null, type: "integer" }]]);
    assert.deepEqual(newColumns, ["c"]);
    assert.equal(filledWith, -2);
  });

  test("are followed through a rename", () => {
    const before = page([1], ["a", "b"], [[1, 2]]);
    const { cells, newColumns } = changesBetween(before, page([1], ["z", "b"], [[1, 3]]), {
      a: "z",
    });
    assert.deepEqual([...cells], [["1 b", { value: 2, type: "integer" }]]);
    assert.deepEqual(newColumns, []);
  });

  test("no single value is told where gaps were filled with several", () => {
    const before = page([1, 2], ["a"], [[null], [null]]);
    assert.equal(changesBetween(before, page([1, 2], ["a"], [[5], [6]])).filledWith, null);
  });
});

test("a date format is shown by an example", () => {
  assert.equal(exampleOf("%d/%m/%Y %I:%M %p"), "31/01/2013 05:45 PM");
});
