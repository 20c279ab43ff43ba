// What a request can end in, other than its answer.

/**
 * @typedef {object} Action a next step after an error, in order of preference
 * @property {string} action
 * @property {string} label
 * @property {string} method
 * @property {string} href
 */

/** @typedef {import("./shapes.js").Schemas["Error"]} WholeError the service's error object */

/** The service refused a request, and says why. */
export class StudioError extends Error {
  /**
   * @param {Partial<WholeError> & Pick<WholeError, "code" | "user_message">} error
   * @param {number} status
   * @param {number} [retryAfterSeconds]
   */
  constructor(error, status, retryAfterSeconds) {
    super(error.user_message);
    this.name = "StudioError";
    this.code = error.code;
    /** @type {Action[]} */
    this.actions = error.recovery_actions ?? [];
    this.retryable = error.retryable ?? false;
    /** @type {any} */
    this.details = error.details ?? {};
    /** @type {string | undefined} */
    this.traceId = error.trace_id;
    this.status = status;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/** There was no answer of the service: the request may or may not have taken effect. */
export class NoAnswer extends Error {
  /**
   * @param {unknown} [cause]
   * @param {number} [retryAfterSeconds] what a proxy said in the service's place
   */
  constructor(cause, retryAfterSeconds) {
    super("The service did not answer.", { cause });
    this.name = "NoAnswer";
    this.retryable = true;
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

/**
 * Return the error that an answer with an error's status is.
 *
 * @param {number} status
 * @param {any} body its JSON, or undefined if it has none
 * @param {string | null} [retryAfter] its header of that name
 * @returns {StudioError | NoAnswer}
 */
export function errorOf(status, body, retryAfter) {
  const seconds = Number(retryAfter) || undefined;
  if (typeof body?.error === "object" && body.error !== null) {
    return new StudioError(body.error, status, seconds);
  }
  // A gateway that does not reach the service, or is asked too often, may reach it later.
  if (status >= 500 || status === 429 || status === 408) {
    return new NoAnswer(new Error(`Status ${status}`), seconds);
  }
  // Whatever else answers in the service's place will say the same again.
  const sentence = `Something between this device and the service refused the request (${status}).`;
  return new StudioError({ code: "REFUSED_ON_THE_WAY", user_message: sentence }, status);
}
