// The stops of the tour: what each points at, and what it says. The first of its elements that can be
// seen is pointed at; if there is none, the stop is in the middle of the page.

/** @type {{ at: string[], title: string, text: string }[]} */
export const STOPS = [
  { at: [".gridbox thead th:nth-child(2)", ".gridbox"], title: "tour.rows", text: "tour.rowsText" },
  {
    at: [".studio-tools .filters", ".studio-tools"],
    title: "tour.filter",
    text: "tour.filterText",
  },
  {
    at: [".add-step", ".studio-tools"],
    title: "tour.step",
    text: "tour.stepText",
  },
  {
    at: [".side.history", ".history-toggle", ".studio-tools"],
    title: "tour.history",
    text: "tour.historyText",
  },
  { at: [".top .saving"], title: "tour.safe", text: "tour.safeText" },
];

/**
 * Return where the words of a stop go: below what they point at, above it where there is no room, or
 * beside it, and always inside of the window.
 *
 * @param {{ left: number, top: number, right: number, bottom: number }} target
 * @param {{ width: number, height: number }} size of the words
 * @param {{ width: number, height: number }} space of the window
 * @param {number} gap in px
 */
export function placeBeside(target, size, space, gap) {
  const inside = (value, length, whole) => Math.max(gap, Math.min(value, whole - length - gap));
  const middle = (target.left + target.right) / 2 - size.width / 2;
  const below = target.bottom + gap;
  const above = target.top - gap - size.height;
  if (below + size.height + gap <= space.height) {
    return { left: inside(middle, size.width, space.width), top: below };
  }
  if (above >= gap) return { left: inside(middle, size.width, space.width), top: above };
  // What is pointed at fills the window's height.
  const before = target.left - gap - size.width;
  const left = before >= gap ? before : target.right + gap;
  return {
    left: inside(left, size.width, space.width),
    top: inside(target.top + 3 * gap, size.height, space.height),
  };
}
