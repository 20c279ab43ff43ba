// Commands that are left out of the queue together.

/** @typedef {import("./kept_commands.js").Entry} Entry */

/**
 * Return the commands that are left out with the first: those that would take it back or bring it
 * again. Alone they would do so to another step.
 *
 * @param {Entry[]} waiting
 */
export function leftOutWith([first, ...rest]) {
  const leftOut = [first];
  const isUndo = first.kind === "undo";
  const done = isUndo ? [] : [first];
  let undone = isUndo ? [first] : [];
  for (const entry of rest) {
    if (entry.kind === "operation") {
      done.push(entry);
      undone = [];
      continue;
    }
    const [from, to] = entry.kind === "undo" ? [done, undone] : [undone, done];
    const moved = from.pop() ?? entry; // else a step from before the queue
    if (moved === first) leftOut.push(entry);
    to.push(moved);
  }
  return leftOut;
}
