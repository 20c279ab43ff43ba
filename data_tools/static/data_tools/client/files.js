// Files that go to the service and come from it, with what has been done of each so far.

import { errorOf, NoAnswer } from "./errors.js";
import { askFor, fetched, jsonOf } from "./sending.js";

/** @typedef {(progress: import("./shapes.js").Progress) => void} OnProgress */

// The longest time that `setTimeout` knows: 24 days.
const NO_LIMIT_MS = 2 ** 31 - 1;

/**
 * Send a form with a file. Without XMLHttpRequest, as in Node, progress is not told.
 *
 * @param {import("./sending.js").Request & { body: FormData }} request
 * @param {OnProgress} [onProgress]
 * @returns {Promise<any>} the answer's JSON
 * @throws {import("./errors.js").StudioError} it was refused
 * @throws {NoAnswer}
 */
export function sendFile(request, onProgress) {
  if (typeof XMLHttpRequest === "undefined") return askFor(request, NO_LIMIT_MS);
  const { method, address, headers, body, signal } = request;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const sent = new XMLHttpRequest();
    sent.open(method, address);
    for (const [name, value] of Object.entries(headers)) sent.setRequestHeader(name, value);
    const abort = () => sent.abort();
    signal?.addEventListener("abort", abort);
    sent.upload.onprogress = ({ loaded, total, lengthComputable }) =>
      onProgress?.({ done: loaded, total: lengthComputable ? total : undefined });
    sent.onload = () => {
      const answer = jsonOf(sent.responseText);
      if (sent.status >= 400) {
        reject(errorOf(sent.status, answer, sent.getResponseHeader("Retry-After")));
      } else if (answer === undefined) reject(new NoAnswer(new Error("The answer is no JSON")));
      else resolve(answer);
    };
    sent.onerror = () => reject(new NoAnswer());
    sent.onabort = () => reject(signal?.reason);
    sent.onloadend = () => signal?.removeEventListener("abort", abort);
    sent.send(body);
  });
}

/**
 * Receive a file as it is made.
 *
 * @param {import("./sending.js").Request} request
 * @returns {Promise<{ name: string, totalRows: number | undefined, stream: ReadableStream<Uint8Array>,
 *   type: string }>} whoever reads the stream gets an error if the file breaks off
 */
export async function receiveFile(request) {
  const response = await fetched(request);
  const rows = response.headers.get("X-Total-Rows");
  const disposition = response.headers.get("Content-Disposition") ?? "";
  if (!response.body) throw new NoAnswer(new Error("The answer is empty"));
  return {
    name: nameIn(disposition),
    totalRows: rows === null ? undefined : Number(rows),
    type: response.headers.get("Content-Type") ?? "",
    stream: response.body,
  };
}

/**
 * Receive a whole file.
 *
 * @param {import("./sending.js").Request} request
 * @param {OnProgress} [onProgress]
 * @returns {Promise<{ name: string, blob: Blob }>}
 * @throws {NoAnswer} it broke off
 */
export async function receiveWholeFile(request, onProgress) {
  const { name, type, stream } = await receiveFile(request);
  const reader = stream.getReader();
  /** @type {BlobPart[]} */
  const pieces = [];
  let done = 0;
  for (;;) {
    const piece = await reader.read().catch((error) => {
      throw request.signal?.aborted ? request.signal.reason : new NoAnswer(error);
    });
    if (piece.done) return { name, blob: new Blob(pieces, { type }) };
    pieces.push(/** @type {BlobPart} */ (piece.value));
    done += piece.value.byteLength;
    onProgress?.({ done });
  }
}

/** @param {string} disposition a header `Content-Disposition` */
function nameIn(disposition) {
  const encoded = /filename\*=(?:utf-8|UTF-8)''([^;]+)/.exec(disposition)?.[1];
  if (encoded) return decodeURIComponent(encoded);
  return /filename="?([^";]+)"?/.exec(disposition)?.[1] ?? "";
}
