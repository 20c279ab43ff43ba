// Saving the session as a dataset, until its rows are written. It goes on without this page.

import { orShow, showFailure } from "../../page/failures.js";
import { notify, takeAway } from "../../page/notices.js";
import { Store } from "../../page/store.js";
import { say } from "../../page/words.js";
import { NoAnswer } from "../../session_client.js";
import { recover } from "../history/going_back.js";
import { showRecovered } from "../opening.js";
import { readRows } from "../reading.js";
import { api, client } from "../service.js";
import { session } from "../state/session.js";

const ASK_EVERY_MS = 700;
const NOTICE = "save";

let watching = new AbortController();

export const saveProgress = new Store({
  sessionId: /** @type {string | null} */ (null),
  dataset:
    /** @type {{ id: string, name: string, status: string, progress: number, error_reason?: string } | null} */ (
      null
    ),
});

/**
 * Save the session's rows. The session ends, and is shown as it was saved.
 *
 * @param {{ name: string, description: string }} what
 * @param {string} clientOperationId
 * @throws {import("../../session_client.js").StudioError} it was refused; nothing has changed
 */
export async function saveAs({ name, description }, clientOperationId) {
  takeAway(NOTICE);
  const answer = await api.post("session/save/", {
    name,
    description,
    expected_session_id: session.state.sessionId,
    expected_version: session.state.version,
    client_operation_id: clientOperationId,
  });
  const dataset = answer.new_datasource;
  saveProgress.set({ sessionId: answer.session_id, dataset });
  session.set({ version: answer.version, savedAt: answer.saved_at, hasEnded: true });
  readRows();
  if (dataset.status === "PROCESSING") watch(dataset.id);
}

/** Ask for the dataset's progress until it is written, or until another one is watched. */
async function watch(id) {
  watching.abort();
  watching = new AbortController();
  const { signal } = watching;
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
    if (signal.aborted) return;
    try {
      const { datasource } = await client.get(`/api/datasources/${id}/`, { signal });
      saveProgress.set({ dataset: datasource });
      if (datasource.status === "PROCESSING") continue;
      if (!session.state.hasEnded) tellEnd(datasource);
      return;
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof NoAnswer) continue;
      showFailure(error, { id: NOTICE, again: () => watch(id) });
      return;
    }
  }
}

function tellEnd({ id, name, status, error_reason: reason }) {
  if (status === "READY") {
    const open = {
      label: say("save.open", { name }),
      act: () => location.assign(`/studio/${id}/`),
    };
    notify({ id: NOTICE, tone: "done", text: say("save.done", { name }), actions: [open] });
  } else {
    notify({ id: NOTICE, tone: "error", text: say("save.failed", { name, reason }) });
  }
}

/** Go on with the session that ended by saving. What is being written goes on as well. */
export const goOnWithSession = orShow(async () => {
  await bringBack();
  if (saveProgress.state.dataset.status !== "PROCESSING") forget();
}, NOTICE);

/** Delete the dataset that is being written, and bring the session back. */
export const cancelSaving = orShow(async () => {
  await deleteUnfinished(saveProgress.state.dataset.id);
  await bringBack();
  forget();
  notify({ id: NOTICE, tone: "info", text: say("save.cancelled") });
}, NOTICE);

async function deleteUnfinished(id) {
  watching.abort();
  try {
    await client.call("DELETE", `/api/datasources/${id}/`);
  } catch (error) {
    if (error.code === "DATASOURCE_NOT_FOUND") return; // an earlier try did it
    watch(id);
    throw error;
  }
}

async function bringBack() {
  takeAway(NOTICE);
  showRecovered(await recover({ strategy: "auto", session_id: saveProgress.state.sessionId }));
}

function forget() {
  saveProgress.set({ sessionId: null, dataset: null });
}
