// Records how the person looks at the rows, so that a reload or a recovery shows it again.

import { newOperationId, StudioError } from "../../session_client.js";
import { api } from "../service.js";
import { isNow, session } from "./session.js";
import { view, writtenView } from "./view.js";

const PAUSE_MS = 500; // what comes in quick succession is recorded once

let recorded = JSON.stringify(writtenView(view.state));
let timer;

/** The view is the one that the service answered. */
export function viewWasRead() {
  recorded = JSON.stringify(writtenView(view.state));
}

/** Record every change of the view from now on, until the function that is returned is called. */
export function recordView() {
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE_MS);
  };
  const atOnce = () => {
    if (document.visibilityState === "hidden") sendBeacon();
  };
  const stops = [view.watch(later), session.watch(later)];
  document.addEventListener("visibilitychange", atOnce);
  return () => {
    clearTimeout(timer);
    for (const stop of stops) stop();
    document.removeEventListener("visibilitychange", atOnce);
  };
}

/** Return what reports the view of the session that is shown, and of no other that was begun meanwhile. */
export function viewReport() {
  const item = { client_operation_id: newOperationId(), type: "view_changed" };
  return {
    items: [{ ...item, view: writtenView(view.state) }],
    expected_session_id: session.state.sessionId,
  };
}

/** Return the batch to send, null if there is nothing to record. */
function batch() {
  const written = JSON.stringify(writtenView(view.state));
  // Pages and filters of a version that is only looked at are not those to come back to.
  const isOfNow = session.state.sessionId !== null && isNow(session.state);
  if (!isOfNow || written === recorded) return null;
  return { written, body: viewReport() };
}

async function send() {
  const changed = batch();
  if (changed === null) return;
  const before = recorded;
  recorded = changed.written;
  try {
    await api.post("session/activity/", changed.body);
  } catch (error) {
    // Looking is no work: nobody is told. A view that was refused is not sent again, and one that
    // had no answer goes with the next change.
    if (!(error instanceof StudioError) || error.retryable) recorded = before;
  }
}

function sendBeacon() {
  const changed = batch();
  const address = `${api.base}session/activity/`;
  if (changed && navigator.sendBeacon(address, JSON.stringify(changed.body))) {
    recorded = changed.written;
  }
}
