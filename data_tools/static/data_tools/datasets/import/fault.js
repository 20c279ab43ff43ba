// Where a file cannot be read: the lines that an error is about, with what stands in them.

const SHOWN_CHARACTERS = 300;

/**
 * Return the lines that the error names.
 *
 * @param {any} error of a preview
 * @returns {{ line: number, text?: string }[]} their text if the service gave it
 */
export function faultyLines({ details = {} }) {
  const given =
    typeof details.line === "number" ? [{ line: details.line, text: details.line_text }] : [];
  const ragged = (details.ragged_lines?.first ?? []).map(({ line }) => ({ line }));
  return [...given, ...ragged.filter(({ line }) => line !== details.line)];
}

/**
 * Return the text of a line of the file, as far as it is in this part of it.
 *
 * @param {ArrayBuffer} head the file's beginning
 * @param {number} line from 1
 * @param {string} encoding as the service calls it; read as UTF-8 if the browser does not know it
 * @returns {string | undefined}
 */
export function lineOf(head, line, encoding = "utf-8") {
  const text = decoderOf(encoding).decode(head);
  const found = text.split(/\r\n|\n|\r/, line)[line - 1];
  if (found === undefined || found.length <= SHOWN_CHARACTERS) return found;
  return `${found.slice(0, SHOWN_CHARACTERS)}…`;
}

function decoderOf(encoding) {
  try {
    return new TextDecoder(encoding.replaceAll("_", "-"));
  } catch {
    return new TextDecoder();
  }
}
