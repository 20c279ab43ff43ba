// Asks the service how a file would be read. Of text its beginning is enough; other files are sent
// whole, because nothing can be told from a part of them.

import { client } from "../service.js";
import { changedCells } from "./changed_cells.js";
import { changeFile, imports } from "./state.js";

const HEAD_BYTES = 1 << 20;
const PAUSE_MS = 300; // while somebody types or tries one option after the other
const LARGEST_WHOLE_BYTES = 64 << 20; // larger ones take longer to send than it helps

const WHOLE = ["PK", "PAR1", "\xd0\xcf\x11\xe0"]; // zip (xlsx, ods), Parquet, old workbooks

/** @type {Map<string, { stop: AbortController, timer: ReturnType<typeof setTimeout> }>} */
const underWay = new Map();

/**
 * Read a file's preview with its options, soon; earlier calls for the same file are dropped.
 *
 * @param {string} id of the imported file
 * @param {{ atOnce?: boolean }} [when]
 */
export function previewSoon(id, { atOnce = false } = {}) {
  forget(id);
  const stop = new AbortController();
  const timer = setTimeout(() => preview(id, stop.signal), atOnce ? 0 : PAUSE_MS);
  underWay.set(id, { stop, timer });
  changeFile(id, { isReading: true });
}

/** @param {string} id */
export function forget(id) {
  const { stop, timer } = underWay.get(id) ?? {};
  clearTimeout(timer);
  stop?.abort();
  underWay.delete(id);
}

async function preview(id, signal) {
  const { file, options, preview: before } = imports.state.files.find((each) => each.id === id);
  try {
    const part = await partToSend(file);
    const { preview } = await client.preview(part, {
      name: file.name, // its ending tells what it is
      isHead: part.size < file.size,
      options,
      signal,
    });
    const changed = changedCells(before, preview);
    changeFile(id, { preview, changed, isReading: false, error: null });
  } catch (error) {
    if (signal.aborted) return;
    changeFile(id, { error, isReading: false });
  }
}

/** @param {File} file @returns {Promise<Blob>} */
async function partToSend(file) {
  if (file.size <= HEAD_BYTES) return file;
  const start = String.fromCharCode(...new Uint8Array(await file.slice(0, 8).arrayBuffer()));
  const isWhole = WHOLE.some((magic) => start.startsWith(magic));
  return isWhole && file.size <= LARGEST_WHOLE_BYTES ? file : file.slice(0, HEAD_BYTES);
}
