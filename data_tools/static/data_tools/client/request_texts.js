// How fields travel: in an address, and in a form with a file.

/** @typedef {import("./shapes.js").Query} Query */

/** @param {Query} [query] */
export function queryText(query) {
  const texts = textsOf(query ?? {});
  return texts.length > 0 ? `?${new URLSearchParams(texts)}` : "";
}

/** @param {Query} fields @param {Blob} file @param {string} fileName */
export function form(fields, file, fileName) {
  const made = new FormData();
  for (const [name, text] of textsOf(fields)) made.set(name, text);
  made.set("file", file, fileName);
  return made;
}

/** The fields that are given, as texts: lists and objects as JSON. @param {Query} fields */
function textsOf(fields) {
  return Object.entries(fields)
    .filter(([, value]) => value != null && value !== "")
    .map(([name, value]) => [
      name,
      typeof value === "object" ? JSON.stringify(value) : String(value),
    ]);
}
