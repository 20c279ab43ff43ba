// Sending the commands at the head of the queue: one alone while somebody waits for its answer, the
// kept ones together, with the recovery that they may need.

import { NoAnswer, StudioError } from "../session_client.js";

/** @typedef {import("./kept_commands.js").Entry} Entry */
/** @typedef {import("./shapes.js").Verdict} Verdict */

const MOST_AT_ONCE = 100;
// Verdicts after which nothing is given up by going on; any other is for the person to decide.
const GOES_ON = new Set(["continue", "reload", "resume", "recover"]);
const ASLEEP = new Set(["SESSION_EXPIRED", "SESSION_PAUSED"]);
const GONE = new Set(["SESSION_NOT_FOUND", "SESSION_DAMAGED", "ROWS_GONE", "DATASOURCE_NOT_FOUND"]);

/**
 * @typedef {object} Sender
 * @property {import("./session.js").SessionClient} api
 * @property {(entry: Entry) => boolean} isAwaited
 * @property {boolean} stops at a refused one
 * @property {number} answerWithinMs
 * @property {(entry: Entry) => Promise<void>} write keeps the entry with other fields
 *
 * @typedef {object} Sent
 * @property {any} answer
 * @property {Outcome[]} outcomes of those that were tried
 * @property {Held | null} [held]
 *
 * @typedef {{ entry: Entry, error: StudioError | null }} Outcome
 *
 * @typedef {object} Held why the queue stands still until the person decides
 * @property {Entry} entry the first that waits
 * @property {StudioError | null} error why it was refused
 * @property {any} verdict of `validate`, if the session has to be recovered first in a way to choose
 */

/**
 * Send the first of the commands that wait, and with it what can go along.
 *
 * @param {Entry[]} waiting
 * @param {Sender} sender
 * @returns {Promise<Sent>}
 * @throws {NoAnswer} they may or may not have taken effect
 * @throws {StudioError} the service cannot do it now, or the person is signed out
 */
export async function sendNext(waiting, sender) {
  const run = firstRun(waiting, sender);
  if (run.length > 0) return sendTogether(run, waiting[run.length], sender);
  const [entry] = waiting;
  try {
    const answer = await sendAlone(entry, sender);
    await expectAfter(answer, waiting[1], sender);
    return { answer, outcomes: [{ entry, error: null }] };
  } catch (error) {
    if (!(error instanceof StudioError) || canWait(error)) throw error;
    if (ASLEEP.has(error.code)) return wakeUp(entry, sender);
    if (GONE.has(error.code)) return askFirst(entry, sender, error);
    return { answer: null, outcomes: [{ entry, error }] };
  }
}

/**
 * Whether the command waits after this error. An operation that takes too long would do so each time.
 *
 * @param {unknown} error
 */
export function canWait(error) {
  if (error instanceof NoAnswer) return true;
  if (!(error instanceof StudioError) || error.code === "QUERY_TIMEOUT") return false;
  return error.status === 401 || (error.retryable && error.status !== 500);
}

/**
 * What another tab is told of a command; errors are not copied between tabs as they are.
 *
 * @param {string} id
 * @param {any} answer
 * @param {StudioError | null} error
 */
export function outcomeOf(id, answer, error) {
  if (!error) return { id, answer };
  const { code, message, actions, retryable, details, traceId, status } = error;
  const body = {
    ...{ code, retryable, details, user_message: message },
    ...{ recovery_actions: actions, trace_id: traceId },
  };
  return { id, error: { body, status } };
}

/**
 * The operations at the head for whose answers nobody waits any more.
 *
 * @param {Entry[]} waiting
 * @param {Sender} sender
 */
function firstRun(waiting, { isAwaited }) {
  const end = waiting.findIndex((entry) => entry.kind !== "operation" || isAwaited(entry));
  return waiting.slice(0, end === -1 ? waiting.length : end).slice(0, MOST_AT_ONCE);
}

/** @param {Entry} entry @param {Sender} sender */
async function sendAlone(entry, sender) {
  const { id, kind, operation, parameters, sessionId, expectedVersion } = entry;
  const body = {
    client_operation_id: id,
    ...(expectedVersion !== undefined && { expected_version: expectedVersion }),
    ...(sessionId && { expected_session_id: sessionId }),
  };
  if (kind === "operation") return ask(sender, "operations/", { operation, parameters, ...body });
  // Its request is told from others by its whole body: sent again it is the same, as the entry is.
  return ask(sender, `session/${kind}/`, body);
}

/**
 * @param {Entry[]} run
 * @param {Entry | undefined} behind
 * @param {Sender} sender
 * @returns {Promise<Sent>}
 */
async function sendTogether(run, behind, sender) {
  const [first] = run;
  const verdict = await judge(sender);
  const held = whyNot(verdict, first);
  if (held) return { answer: null, outcomes: [], held };
  const answer = await ask(sender, "session/recover/", {
    strategy: "auto",
    session_id: verdict.session_id,
    page_size: 1,
    stop_at_refused: sender.stops,
    pending_operations: run.map(({ id, operation, parameters }) => ({
      client_operation_id: id,
      operation,
      parameters,
    })),
  });
  /** @type {{ error?: any }[]} */
  const results = answer.pending_operations;
  const outcomes = results.map(({ error }, at) => ({
    entry: run[at],
    error: error ? new StudioError(error, 400) : null,
  }));
  if (outcomes.length === run.length) await expectAfter(answer, behind, sender);
  return { answer, outcomes };
}

/**
 * An undo takes back what came before it in the queue, and nothing that somebody else did since.
 *
 * @param {{ version: number }} answer
 * @param {Entry | undefined} entry
 * @param {Sender} sender
 */
async function expectAfter({ version }, entry, sender) {
  if (!entry || entry.kind === "operation") return;
  await sender.write({ ...entry, expectedVersion: version });
}

/**
 * The session has expired or is paused: bring it back, and the command is sent again.
 *
 * @param {Entry} entry
 * @param {Sender} sender
 * @returns {Promise<Sent>}
 */
async function wakeUp(entry, sender) {
  const verdict = await judge(sender);
  const held = whyNot(verdict, entry);
  if (held) return { answer: null, outcomes: [], held };
  const { version } = await ask(sender, "session/recover/", {
    strategy: "auto",
    session_id: verdict.session_id,
    page_size: 1,
  });
  // It was refused, so that it may be another request now: for the version that came back.
  await sender.write({ ...entry, expectedVersion: version });
  return { answer: null, outcomes: [] };
}

/**
 * @param {Entry} entry
 * @param {Sender} sender
 * @param {StudioError} error
 * @returns {Promise<Sent>}
 */
async function askFirst(entry, sender, error) {
  const verdict = await judge(sender);
  return { answer: null, outcomes: [], held: { entry, error, verdict } };
}

/** @param {Sender} sender */
function judge(sender) {
  const { client, base } = sender.api;
  const signal = AbortSignal.timeout(sender.answerWithinMs);
  // The queue itself tries again, and asks for everything anew.
  const options = { signal, tryAgain: false };
  return orNoAnswer(client.call("GET", `${base}session/validate/`, options));
}

/**
 * Return why the queue has to stand still, if the session is not simply there.
 *
 * @param {any} verdict
 * @param {Entry} entry
 * @returns {Held | null}
 */
function whyNot(verdict, entry) {
  if (verdict.suggested_action === "retry_later") {
    /** @type {{ sentence: string }[]} */
    const reasons = verdict.reasons;
    const sentence = reasons.map((reason) => reason.sentence).join(" ");
    throw new StudioError({ code: "RETRY_LATER", user_message: sentence, retryable: true }, 503);
  }
  const isAnother = Boolean(entry.sessionId) && verdict.session_id !== entry.sessionId;
  if (GOES_ON.has(verdict.suggested_action) && !isAnother) return null;
  return { entry, error: null, verdict };
}

/**
 * @param {Sender} sender
 * @param {string} path
 * @param {any} body
 */
function ask(sender, path, body) {
  const signal = AbortSignal.timeout(sender.answerWithinMs);
  return orNoAnswer(sender.api.post(path, body, { signal, tryAgain: false }));
}

/** @param {Promise<any>} answer */
async function orNoAnswer(answer) {
  try {
    return await answer;
  } catch (error) {
    throw error instanceof Error && error.name === "TimeoutError" ? new NoAnswer(error) : error;
  }
}

/** The session expired as soon as it was back; asked for at once it would do so again. */
export function asleepAgain() {
  const sentence = "The session expired again.";
  return new StudioError({ code: "RETRY_LATER", user_message: sentence, retryable: true }, 503);
}
