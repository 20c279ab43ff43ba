// Going back to an earlier version, or to an earlier session. What is left stays in the log, so
// that each of these can itself be taken back.

import { showFailure } from "../../page/failures.js";
import { notify, takeAway } from "../../page/notices.js";
import { say } from "../../page/words.js";
import { newOperationId } from "../../session_client.js";
import { after, backToNow, lookAt, redo, undo } from "../commands.js";
import { showRecovered } from "../opening.js";
import { api } from "../service.js";
import { closeSheets } from "../state/panels.js";
import { session } from "../state/session.js";

const NOTICE = "history";

/**
 * Say which version of which session an entry is; null for the open session.
 *
 * A fork brings steps with the versions of the session that it came from, which may be a fork too.
 *
 * @param {import("./timeline.js").Entry} entry
 * @returns {Promise<{ version: number, sessionId: string | null }>}
 */
export async function whereIs({ version, step, isInherited }) {
  if (!isInherited) return { version, sessionId: null };
  const changes = (sessionId, toVersion) =>
    api.get("session/changes/", { session_id: sessionId, from_version: 1, to_version: toVersion });
  for (let sessionId = session.state.forkedFrom; sessionId !== null; ) {
    const whole = await changes(sessionId);
    if (version <= whole.to_version) {
      const last = (await changes(sessionId, version)).operations.added.at(-1);
      const isThere = last?.version === version && last.applied_at === step.applied_at;
      if (isThere) return { version, sessionId };
    }
    sessionId = whole.forked_from;
  }
  throw new NotThere();
}

class NotThere extends Error {}

/** Show the rows as they were after the entry's step. @param {import("./timeline.js").Entry} entry */
export function lookAtEntry(entry) {
  closeSheets();
  if (entry.isNow) return backToNow();
  return attempt(async () => {
    const { version, sessionId } = await whereIs(entry);
    await lookAt(version, { sessionId });
  });
}

/** Make the entry the last step. @param {import("./timeline.js").Entry} entry */
export async function goOnFrom(entry) {
  const steps = Math.abs(session.state.steps.length - entry.number);
  if (entry.kind === "undone") return repeat(redo, steps);
  if (entry.isInherited) return repeat(undo, steps);
  return goOnFromVersion(entry.version, steps);
}

/**
 * Go on from any version of this session.
 *
 * @param {number} version
 * @param {number} [steps] how many are put aside by it
 */
export function goOnFromVersion(version, steps = 0) {
  return attempt(async () => {
    const { version: before, lookedAt } = session.state;
    const answer = await recover({
      strategy: "to_version",
      to_version: version,
      expected_version: before,
    });
    // Whoever looks at the version goes on with the page, filter and order that they look at.
    if (lookedAt === version) await showAgain(answer);
    else showRecovered(answer);
    if (steps === 0) return;
    notify({
      id: NOTICE,
      tone: "info",
      text: say("history.wentOn", { count: steps }),
      actions: [
        {
          label: say("history.bringBackSteps", { count: steps }),
          act: () => goOnFromVersion(before),
        },
      ],
    });
  });
}

/**
 * Begin a session with the work of a version, and put the open one away.
 *
 * @param {import("./timeline.js").Entry} entry
 */
export function forkFrom(entry) {
  return attempt(async () => {
    const { sessionId: before, version: expectedVersion } = session.state;
    const { version, sessionId } = await whereIs(entry);
    await api.post("session/fork/", {
      from_version: version,
      session_id: sessionId ?? before,
      // An earlier session is as it was, and has versions of its own.
      expected_version: sessionId === null ? expectedVersion : undefined,
      client_operation_id: newOperationId(),
    });
    showRecovered(await recover({ strategy: "auto", session_id: undefined }));
    notify({
      id: NOTICE,
      tone: "done",
      text: say("history.forked", { count: entry.number }),
      actions: [{ label: say("history.bringSessionBack"), act: () => bringSessionBack(before) }],
    });
  });
}

/** Make an earlier session the open one. @param {string} sessionId */
export function bringSessionBack(sessionId) {
  return attempt(async () => {
    showRecovered(await recover({ strategy: "auto", session_id: sessionId }));
    notify({ id: NOTICE, tone: "done", text: say("earlier.broughtBack") });
  });
}

/** Recover the session, or the one that `how` names. @param {{ strategy: string, [field: string]: any }} how */
export function recover(how) {
  return api.post("session/recover/", {
    session_id: session.state.sessionId,
    client_operation_id: newOperationId(),
    ...how,
  });
}

async function showAgain(answer) {
  session.set({ lookedAt: null, lookedAtSession: null, lookedAtTime: null });
  await after(answer);
}

async function repeat(command, times) {
  await backToNow();
  for (let time = 0; time < times; time++) {
    if ((await command()) === null) return;
  }
}

async function attempt(act) {
  takeAway(NOTICE);
  try {
    await act();
  } catch (error) {
    if (error instanceof NotThere) {
      notify({ id: NOTICE, tone: "warning", text: say("history.notFound") });
    } else showFailure(error, { id: NOTICE, again: () => attempt(act) });
  }
}
