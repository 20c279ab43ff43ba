// The studio's own commands in the palette. A room whose command is more than a dialog or a panel
// adds it with `offerCommands` when it is loaded.

import { say } from "../../page/words.js";
import { redo, undo } from "../commands.js";
import { addFilter } from "../filters/filtering.js";
import { openDialog } from "../state/panels.js";
import { session } from "../state/session.js";

/**
 * @typedef {object} PaletteCommand
 * @property {string} id
 * @property {() => string} title
 * @property {string[]} [phrases] other words for it
 * @property {string} [keys] the keys that do the same
 * @property {keyof typeof import("../../vendored/icons.js").ICONS} [icon]
 * @property {() => boolean} [isOffered] whether it can be carried out now
 * @property {() => unknown} act
 */

/** @type {Map<string, PaletteCommand>} */
const COMMANDS = new Map();

/** @param {PaletteCommand[]} commands one with a known id takes the place of the other */
export function offerCommands(commands) {
  for (const command of commands) COMMANDS.set(command.id, command);
}

/** @returns {PaletteCommand[]} */
export function offeredCommands() {
  return [...COMMANDS.values()].filter(({ isOffered }) => isOffered?.() ?? true);
}

offerCommands([
  {
    id: "undo",
    title: () => say("studio.undo"),
    phrases: ["take back", "revert"],
    icon: "undo-2",
    isOffered: () => session.state.canUndo,
    act: undo,
  },
  {
    id: "redo",
    title: () => say("studio.redo"),
    phrases: ["again", "repeat"],
    icon: "redo-2",
    isOffered: () => session.state.canRedo,
    act: redo,
  },
  {
    id: "filter",
    title: () => say("filter.add"),
    phrases: ["find rows", "search rows", "where", "show only"],
    icon: "filter",
    act: addFilter,
  },
  {
    id: "save",
    title: () => say("save.button"),
    phrases: ["keep as a dataset", "store"],
    icon: "save",
    isOffered: () => session.state.lookedAt === null && !session.state.hasEnded,
    act: () => openDialog("save"),
  },
  {
    id: "export",
    title: () => say("export.title"),
    phrases: ["download", "csv", "excel", "parquet"],
    icon: "download",
    act: () => openDialog("export"),
  },
  {
    id: "recipe",
    title: () => say("history.applyRecipe"),
    phrases: ["steps from a file", "import steps"],
    icon: "play",
    isOffered: () => session.state.lookedAt === null && !session.state.hasEnded,
    act: () => openDialog("recipe"),
  },
  {
    id: "compare",
    title: () => say("compare.title"),
    phrases: ["difference", "what changed"],
    icon: "history",
    act: () => openDialog("compare"),
  },
  {
    id: "earlier",
    title: () => say("history.earlier"),
    phrases: ["recover", "restore", "old work"],
    icon: "clock",
    act: () => openDialog("earlier"),
  },
  {
    id: "go-to-column",
    title: () => say("keys.goToColumn"),
    phrases: ["find column", "jump"],
    icon: "columns-3",
    act: () => openDialog("go-to-column"),
  },
  {
    id: "keys",
    title: () => say("keys.title"),
    phrases: ["shortcuts", "hotkeys", "help"],
    icon: "keyboard",
    act: () => openDialog("keys"),
  },
]);
