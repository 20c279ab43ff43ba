// Finds entries of the palette by the words that people type.

/**
 * @typedef {object} Entry
 * @property {string} id
 * @property {string} title
 * @property {string} group
 * @property {string[]} phrases other words for it
 * @property {string} [description]
 * @property {number} [rank] of entries that fit equally well the higher one comes first
 */

// How much it says that a word of the query begins a word of the title, of a phrase …
const OF_TITLE = 10;
const OF_PHRASE = 7;
const OF_GROUP = 3;
const OF_DESCRIPTION = 1;
const WHOLE_WORD = 1.4;
const WHOLE_PHRASE = 12;
const LEAST_SHARE = 0.2; // of the best one: where a title fits, descriptions alone are left out

const SMALL_WORDS = new Set(
  "a an and as by for from in into is it of on or the to with".split(" "),
);

/** @param {string} text @returns {string[]} its words, without capitals and accents */
export function wordsOf(text) {
  const plain = text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  return plain.match(/[\p{L}\p{N}]+/gu) ?? [];
}

/**
 * Return the entries that fit every word of the query but small ones, best first.
 *
 * @template {Entry} Kind
 * @param {Kind[]} entries
 * @param {string} query
 * @returns {Kind[]}
 */
export function found(entries, query) {
  const words = wordsOf(query);
  const telling = words.filter((word) => !SMALL_WORDS.has(word));
  const wanted = telling.length > 0 ? telling : words;
  if (wanted.length === 0) return entries;
  const scored = entries.map((entry) => ({
    entry,
    score: scoreOf(entry, wanted, words.join(" ")),
  }));
  const least = LEAST_SHARE * Math.max(0, ...scored.map(({ score }) => score));
  return scored
    .filter(({ score }) => score > 0 && score >= least)
    .sort((a, b) => b.score - a.score || (b.entry.rank ?? 0) - (a.entry.rank ?? 0))
    .map(({ entry }) => entry);
}

/** Take words that name a column out of the query: "fill dep_delay" is about that column. */
export function columnsNamed(query, columns) {
  const byName = new Map(columns.map((name) => [name.toLowerCase(), name]));
  const parts = query.trim().split(/\s+/);
  const isName = (part) => byName.has(part.toLowerCase()) && parts.length > 1;
  return {
    named: parts.filter(isName).map((part) => byName.get(part.toLowerCase())),
    rest: parts.filter((part) => !isName(part)).join(" "),
  };
}

function scoreOf({ title, phrases, group, description = "" }, wanted, query) {
  const places = [
    [OF_TITLE, wordsOf(title)],
    [OF_PHRASE, phrases.flatMap(wordsOf)],
    [OF_GROUP, wordsOf(group)],
    [OF_DESCRIPTION, wordsOf(description).filter((word) => word.length > 3)],
  ];
  const scores = wanted.map((word) =>
    Math.max(...places.map(([weight, words]) => weight * nearness(word, words))),
  );
  if (scores.includes(0)) return 0;
  const isPhrase = [title, ...phrases].some((phrase) => wordsOf(phrase).join(" ") === query);
  const sum = scores.reduce((total, score) => total + score, 0);
  return sum / scores.length + (isPhrase ? WHOLE_PHRASE : 0);
}

/** 0 where no word begins so. A plural, or a form in -ing or -ed, counts as the same word. */
function nearness(word, words) {
  const stem = word.replace(/(ing|ed|es|s)$/, "");
  if (words.includes(word)) return WHOLE_WORD;
  if (words.some((each) => each.startsWith(word))) return 1;
  return stem.length > 2 && words.some((each) => each.startsWith(stem)) ? 0.8 : 0;
}
