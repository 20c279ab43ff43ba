// Where the bytes of a file go: to the disk as they come, where the browser can, or else into memory
// until all of them are there. Either way an incomplete file is thrown away.

/**
 * @typedef {object} Sink
 * @property {(piece: Uint8Array) => unknown} write
 * @property {() => unknown} finish makes the file
 * @property {() => unknown} giveUp leaves no file
 */

/**
 * Ask for the place of the file, which needs a click that was made just now.
 *
 * @param {string} fileName
 * @returns {Promise<Sink | null>} null if the person decided against it
 */
export async function chooseSink(fileName) {
  const page = /** @type {any} */ (window); // not every browser has the picker
  if (typeof page.showSaveFilePicker !== "function") return sinkInMemory(fileName);
  try {
    return await sinkOnDisk(await page.showSaveFilePicker({ suggestedName: fileName }));
  } catch (error) {
    if (error.name === "AbortError") return null;
    if (error.name === "SecurityError") return sinkInMemory(fileName); // forbidden in a frame
    throw error;
  }
}

async function sinkOnDisk(handle) {
  const wasEmpty = (await handle.getFile()).size === 0;
  // The bytes go into a file beside it, which takes its place when it is closed.
  const file = await handle.createWritable();
  return {
    write: (piece) => file.write(piece),
    finish: () => file.close(),
    giveUp: async () => {
      await file.abort();
      if (wasEmpty) await handle.remove?.();
    },
  };
}

function sinkInMemory(fileName) {
  const pieces = [];
  return {
    write: (piece) => pieces.push(piece),
    finish: () => offerFile(new Blob(pieces), fileName),
    giveUp: () => pieces.splice(0),
  };
}

/** Download an object as JSON. @param {any} content @param {string} fileName */
export function offerJson(content, fileName) {
  offerFile(new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }), fileName);
}

/** Download what the page made itself. @param {Blob} blob @param {string} fileName */
export function offerFile(blob, fileName) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = fileName;
  link.click();
  // The download has begun by then, and holds the bytes itself.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
