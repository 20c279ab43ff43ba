// How fields travel: in an address, and in a form with a file.

/** @typedef {import("./shapes.js").Query} Query */

/** @param {Query} [query] */
export function queryText(query) {
  const given = Object.entries(query ?? {}).filter(([, value]) => value != null && value !== "");
  if (given.length === 0) return "";
  const texts = given.map(([name, value]) => [
    name,
    typeof value === "object" ? JSON.stringify(value) : String(value),
  ]);
  return `?${new URLSearchParams(texts)}`;
}

/** @param {Query} fields @param {Blob} file @param {string} fileName */
export function form(fields, file, fileName) {
  const made = new FormData();
  for (const [name, value] of Object.entries(fields)) {
    if (value == null || value === "") continue;
    made.set(name, typeof value === "object" ? JSON.stringify(value) : String(value));
  }
  made.set("file", file, fileName);
  return made;
}
