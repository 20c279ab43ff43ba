// Trying again: as often as it may help, and not all clients at the same moment.

import { NoAnswer, StudioError } from "./errors.js";

const FIRST_PAUSE_MS = 300;
const LONGEST_PAUSE_MS = 8_000;
// Who is told to wait for longer is told so at once.
const LONGEST_WAIT_SECONDS = 15;
// A timer that is set for longer than 24 days runs at once.
const LONGEST_ASKED_SECONDS = 3_600;
// It takes as long as it takes: a page shows how far it has come.
const NOT_SOON = new Set(["DATASOURCE_NOT_READY"]);

/**
 * Do something, and again after a pause while it may help.
 *
 * @template Answer
 * @param {() => Promise<Answer>} attempt
 * @param {{ tries: number, signal?: AbortSignal }} options
 * @returns {Promise<Answer>}
 */
export async function withRetries(attempt, { tries, signal }) {
  for (let number = 1; ; number++) {
    try {
      return await attempt();
    } catch (error) {
      signal?.throwIfAborted();
      if (number >= tries || !mayHelp(error)) throw error;
      const { retryAfterSeconds = 0 } = error;
      if (retryAfterSeconds > LONGEST_WAIT_SECONDS) throw error;
      await pause(retryAfterSeconds * 1_000 + pauseBefore(number), signal);
    }
  }
}

/**
 * @param {unknown} error
 * @returns {error is NoAnswer | StudioError}
 */
function mayHelp(error) {
  if (error instanceof StudioError) return error.retryable && !NOT_SOON.has(error.code);
  return error instanceof NoAnswer;
}

/**
 * Return how long to wait after so many tries: twice as long each time, and half of it by chance.
 *
 * @param {number} tries
 */
function pauseBefore(tries) {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return longest * (0.5 + Math.random() / 2);
}

/**
 * Return how long to wait, in milliseconds, before something that waits in the background is tried
 * again.
 *
 * @param {number} tries how often it was tried in vain
 * @param {{ retryAfterSeconds?: number }} error what the last try ended in
 */
export function pauseBeforeNext(tries, { retryAfterSeconds = 0 }) {
  const longest = Math.min(1_000 * 2 ** tries, 30_000);
  const asked = Math.min(retryAfterSeconds, LONGEST_ASKED_SECONDS) * 1_000;
  // Random, so that many clients do not come back at the same moment.
  return asked + longest * (0.5 + Math.random() / 2);
}

/**
 * @param {number} milliseconds
 * @param {AbortSignal} [signal] ends the pause, with its reason
 * @returns {Promise<void>}
 */
export function pause(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const abort = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", abort, { once: true });
  });
}
