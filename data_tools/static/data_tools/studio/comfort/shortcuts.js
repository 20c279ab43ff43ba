// Every key of the studio, for the keyboard help. Who adds a key to a room adds a line here.

/**
 * @typedef {object} Shortcut
 * @property {string[]} keys pressed together; a list of keys that do alike is one entry, with "/"
 * @property {string} does the key of a message, as `group` is
 *
 * @type {{ group: string, shortcuts: Shortcut[] }[]}
 */
export const SHORTCUTS = [
  {
    group: "keys.anywhere",
    shortcuts: [
      { keys: ["Ctrl", "K"], does: "keys.addStep" },
      { keys: ["Ctrl", "Z"], does: "studio.undo" },
      { keys: ["Ctrl", "Shift", "Z"], does: "studio.redo" },
      { keys: ["Esc"], does: "keys.close" },
      { keys: ["?"], does: "keys.help" },
    ],
  },
  {
    group: "keys.table",
    shortcuts: [
      { keys: ["↑ ↓ ← →"], does: "keys.move" },
      { keys: ["Home / End"], does: "keys.rowEnds" },
      { keys: ["Ctrl", "Home / End"], does: "keys.pageEnds" },
      { keys: ["Page Up / Page Down"], does: "keys.turnPage" },
      { keys: ["Shift", "↑ ↓ ← →"], does: "keys.select" },
      { keys: ["Ctrl", "C"], does: "keys.copy" },
      { keys: ["Ctrl", "A"], does: "keys.chooseAll" },
      { keys: ["Enter / F2"], does: "keys.openCell" },
      { keys: ["Enter"], does: "keys.sort" },
      { keys: ["Space"], does: "keys.chooseColumn" },
      { keys: ["Shift", "Space"], does: "keys.chooseRow" },
      { keys: ["Ctrl", "G"], does: "keys.goToColumn" },
      { keys: ["Alt", "↓"], does: "keys.columnMenu" },
      { keys: ["Alt", "← →"], does: "keys.columnWidth" },
      { keys: ["Alt", "Shift", "← →"], does: "keys.columnPlace" },
    ],
  },
];

/** Whether keys that are letters are being written, and not shortcuts. @param {EventTarget | null} target */
export function isWriting(target) {
  return (
    target instanceof Element &&
    target.closest(
      "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]",
    ) !== null
  );
}
