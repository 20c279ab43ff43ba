// Puts a text on the clipboard. Pages that came over plain HTTP from another machine have no
// `navigator.clipboard`: there, the browser copies what the page hands it when it is told to copy.

import { useState } from "./html.js";
import { say } from "./words.js";

/**
 * Return what became of the last copying, in words, and the function that copies.
 *
 * @returns {[string, (text: string) => Promise<void>]}
 */
export function useCopying() {
  const [told, tell] = useState("");
  const copy = (text) =>
    copyText(text).then(
      () => tell(say("page.copied")),
      () => tell(say("page.notCopied")),
    );
  return [told, copy];
}

/**
 * @param {string} text
 * @returns {Promise<void>}
 * @throws {Error} the browser does not let this page copy
 */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    if (!copyHanded(text)) throw new Error("The browser does not copy.");
  }
}

/** @param {string} text @returns {boolean} whether the browser took it */
function copyHanded(text) {
  let isTaken = false;
  const hand = (/** @type {ClipboardEvent} */ event) => {
    event.clipboardData.setData("text/plain", text);
    event.preventDefault();
    event.stopImmediatePropagation(); // the table would hand it the chosen cells
    isTaken = true;
  };
  addEventListener("copy", hand, { capture: true });
  try {
    return document.execCommand("copy") && isTaken;
  } finally {
    removeEventListener("copy", hand, { capture: true });
  }
}
