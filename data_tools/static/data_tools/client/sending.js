// One request, and its answer or its error.

import { errorOf, NoAnswer, StudioError } from "./errors.js";

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} address
 * @property {Record<string, string>} headers
 * @property {BodyInit} [body]
 * @property {AbortSignal} [signal]
 */

/**
 * Send a request once, and read its answer's JSON.
 *
 * @param {Request} request
 * @param {number} timeoutMs for the whole answer
 * @returns {Promise<any>} null if the answer has no content
 * @throws {import("./errors.js").StudioError} it was refused
 * @throws {NoAnswer}
 */
export async function askFor(request, timeoutMs) {
  const time = limitedTime(timeoutMs, request.signal);
  try {
    const response = await fetched({ ...request, signal: time.signal });
    return response.status === 204 ? null : await response.json();
  } catch (error) {
    if (request.signal?.aborted) throw request.signal.reason;
    // Errors of ours as they are; any other means that there was no whole answer.
    throw error instanceof StudioError || error instanceof NoAnswer ? error : new NoAnswer(error);
  } finally {
    time.end();
  }
}

/**
 * Send a request once; return its answer when its head is there, for its body to be read as it comes.
 *
 * @param {Request} request
 * @returns {Promise<Response>}
 * @throws {import("./errors.js").StudioError} it was refused
 * @throws {NoAnswer}
 */
export async function fetched({ method, address, headers, body, signal }) {
  let response, text;
  try {
    response = await fetch(address, { method, headers, body, signal });
    if (response.ok) return response;
    text = await response.text();
  } catch (error) {
    throw signal?.aborted ? signal.reason : new NoAnswer(error);
  }
  throw errorOf(response.status, jsonOf(text), response.headers.get("Retry-After"));
}

/**
 * @param {string} text
 * @returns {any} undefined if it is no JSON
 */
export function jsonOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Return a signal that aborts when the time is over, or when the other one does.
 *
 * @param {number} milliseconds
 * @param {AbortSignal} [other]
 */
function limitedTime(milliseconds, other) {
  const controller = new AbortController();
  const abort = () => controller.abort(other?.reason);
  const timer = setTimeout(
    () => controller.abort(new Error(`No answer within ${milliseconds} ms`)),
    milliseconds,
  );
  if (other?.aborted) abort();
  other?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      other?.removeEventListener("abort", abort);
    },
  };
}
