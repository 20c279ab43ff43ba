// A filter is a list of entries that must all hold. An entry is a condition or a group; a path leads
// to one: [2] is the third entry, [2, 0] the first part of that group.

/**
 * @typedef {import("../state/view.js").Filter} Filter
 * @typedef {number[]} Path of one or two steps
 */

/** @param {any} entry @returns {"any" | "all" | null} */
export function groupKind(entry) {
  return entry?.any ? "any" : entry?.all ? "all" : null;
}

/** @param {any} entry @returns {Filter[]} the parts of a group, else nothing */
export function partsOf(entry) {
  return entry?.any ?? entry?.all ?? [];
}

/** @param {Filter[]} filter @param {Path} path @returns {Filter | undefined} */
export function entryAt(filter, [index, part]) {
  return part === undefined ? filter[index] : partsOf(filter[index])[part];
}

/**
 * Return the filter with another entry at the path, added if the path leads past the end. Without an
 * entry it is taken away. A group that is left with one part becomes that part.
 *
 * @param {Filter[]} filter
 * @param {Path} path
 * @param {Filter | null} entry
 * @returns {Filter[]}
 */
export function withEntry(filter, [index, part], entry) {
  if (part === undefined) return withItem(filter, index, entry);
  const kind = groupKind(filter[index]);
  if (kind === null) return filter;
  const parts = withItem(partsOf(filter[index]), part, entry);
  return withItem(filter, index, groupOf(kind, parts));
}

/**
 * Return the filter with `entry` as an alternative to the entry at `index`, in one group of any.
 *
 * @param {Filter[]} filter
 * @param {number} index
 * @param {Filter} entry
 */
export function withAlternative(filter, index, entry) {
  const there = filter[index];
  const isGroup = groupKind(there) === "any" && columnsOf(there).length > 1;
  const parts = isGroup ? partsOf(there) : [there];
  return withItem(filter, index, { any: [...parts, entry] });
}

/**
 * Return the filter after the entry at the path was made: in its place, or as an alternative to the
 * entry at `alternativeTo`.
 *
 * @param {Filter[]} filter
 * @param {Path} path
 * @param {Filter | null} entry
 * @param {number | null} alternativeTo
 */
export function withMade(filter, path, entry, alternativeTo) {
  if (entry === null || alternativeTo === null) return withEntry(filter, path, entry);
  const others = withEntry(filter, path, null);
  const isMoved = path.length === 1 && path[0] < alternativeTo;
  return withAlternative(others, alternativeTo - (isMoved ? 1 : 0), entry);
}

/** @param {"any" | "all"} kind @param {Filter[]} parts @returns {Filter | null} */
export function groupOf(kind, parts) {
  if (parts.length < 2) return parts[0] ?? null;
  return kind === "any" ? { any: parts } : { all: parts };
}

/**
 * Return the entries that stay in force while the one at the path is changed. The other alternatives
 * of its group are not among them: they find other rows.
 *
 * @param {Filter[]} filter
 * @param {Path} path
 */
export function othersThan(filter, [index]) {
  return filter.filter((_, at) => at !== index);
}

/** @param {any} entry @returns {string[]} the columns that it names, each once */
export function columnsOf(entry) {
  if (entry.column !== undefined) return [entry.column];
  const parts = entry.not ? [entry.not] : partsOf(entry);
  return [...new Set(parts.flatMap(columnsOf))];
}

function withItem(list, index, item) {
  if (item === null) return list.filter((_, at) => at !== index);
  return index < list.length
    ? list.map((each, at) => (at === index ? item : each))
    : [...list, item];
}
