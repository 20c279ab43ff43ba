// What the palette lists for a query: steps, commands of the studio, pages and columns to go to.

import { say } from "../../page/words.js";
import { goToColumn, turnTo } from "../commands.js";
import { rows } from "../state/rows.js";
import { selection } from "../state/selection.js";
import { session } from "../state/session.js";
import { openStep } from "../state/step_form.js";
import { entriesOf } from "./catalogue.js";
import { fieldsOf, mainColumnField } from "./form_fields.js";
import { columnsInWords } from "./names_in_words.js";
import { offeredCommands } from "./palette_commands.js";
import { columnsNamed, found } from "./palette_search.js";
import { recentSteps } from "./recent_steps.js";
import { COMMON } from "./step_synonyms.js";

const MOST_COLUMNS = 8;
const IS_GOING = /^(go|jump)(\s+to)?\s/i;

/**
 * @typedef {import("./palette_search.js").Entry & {
 *   act: () => unknown, keys?: string, icon?: string, about?: string }} Choice
 *   `about` says which columns it would be about
 * @typedef {{ title: string, choices: Choice[] }} Group
 */

/**
 * @param {Map<string, import("./form_fields.js").Declared>} operations
 * @param {string} query
 * @returns {Group[]} without empty ones
 */
export function paletteGroups(operations, query) {
  const { lookedAt, hasEnded } = session.state;
  const { named, rest } = columnsNamed(
    query,
    session.state.columns.map(({ name }) => name),
  );
  const mayStep = lookedAt === null && !hasEnded && !IS_GOING.test(query);
  const steps = mayStep ? stepChoices(operations, named) : [];
  const commands = commandChoices();
  const groups = rest.trim()
    ? [
        ["", found(steps, rest)],
        [say("steps.group.commands"), [...pageChoices(query), ...found(commands, rest)]],
        [say("steps.group.columns"), columnChoices(query)],
      ]
    : [...browsed(steps), [say("steps.group.commands"), commands]];
  return groups
    .map(([title, choices]) => ({ title, choices }))
    .filter(({ choices }) => choices.length > 0);
}

/** Without a query: what was used lately, what is often used, and the rest by its groups. */
function browsed(steps) {
  const byId = new Map(steps.map((step) => [step.id, step]));
  const take = (ids) => {
    const taken = ids.map((id) => byId.get(id)).filter(Boolean);
    for (const { id } of taken) byId.delete(id);
    return taken;
  };
  const recent = take(recentSteps());
  const common = take(COMMON);
  const rest = [...byId.values()];
  const titles = [...new Set(rest.map(({ group }) => group))];
  return [
    [say("steps.group.recent"), recent],
    [say("steps.group.common"), common],
    ...titles.map((title) => [title, rest.filter(({ group }) => group === title)]),
  ];
}

function stepChoices(operations, named) {
  return entriesOf(operations).map((entry) => {
    const field = mainColumnField(fieldsOf(operations.get(entry.id)));
    const columns = field ? suitingOnes(field, named) : [];
    const given = () => (named.length > 0 ? columns : suitingOnes(field, selection.state.columns));
    return {
      ...entry,
      about: columnsInWords(columns),
      act: () => openStep(entry.id, field ? givenTo(field, given()) : {}),
    };
  });
}

function suitingOnes({ suits }, names) {
  const types = new Map(session.state.columns.map(({ name, type }) => [name, type]));
  return names.filter((name) => types.has(name) && (!suits || suits.includes(types.get(name))));
}

function givenTo({ name, kind }, columns) {
  if (columns.length === 0) return {};
  if (kind === "column") return { [name]: columns[0] };
  if (kind === "columns") return { [name]: columns };
  return { [name]: columns.map((old) => ({ old, name: "" })) };
}

function commandChoices() {
  return offeredCommands().map((command) => ({
    ...command,
    id: `command ${command.id}`,
    title: command.title(),
    group: say("steps.group.commands"),
    phrases: command.phrases ?? [],
  }));
}

function pageChoices(query) {
  const page = Number(/^\D*(\d+)\s*$/.exec(query)?.[1]);
  if (!(page >= 1 && page <= rows.state.totalPages)) return [];
  return [
    {
      id: "page",
      title: say("steps.goToPage", { page }),
      group: "",
      phrases: [],
      act: () => turnTo(page),
    },
  ];
}

function columnChoices(query) {
  const sought = query.replace(IS_GOING, "").trim().toLowerCase();
  return rows.state.columns
    .filter(({ name }) => name.toLowerCase().includes(sought))
    .slice(0, MOST_COLUMNS)
    .map(({ name }) => ({
      id: `column ${name}`,
      title: say("steps.goToColumn", { column: name }),
      group: "",
      phrases: [],
      act: () => goToColumn(name),
    }));
}
