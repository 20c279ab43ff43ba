// Cells as spreadsheets take them: tabs between cells, line ends between rows, values as they are.

/**
 * @param {any[][]} table rows of values; a missing one becomes an empty field
 * @returns {string}
 */
export function tabSeparated(table) {
  return table.map((row) => row.map(field).join("\t")).join("\n");
}

function field(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return /[\t\n\r"]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
