// The person decides later: the rows are shown as far as they can be, and a banner leads back.

import { orShow } from "../../page/failures.js";
import { notify, takeAway } from "../../page/notices.js";
import { say } from "../../page/words.js";
import { readRows, takeSession } from "../reading.js";
import { api } from "../service.js";
import { recovery } from "../state/recovery.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { hasNewFile, isDamaged, lastReadable } from "./asking.js";
import { catchUp } from "./presence.js";

const UNDECIDED = "undecided";

/**
 * @param {any} verdict
 * @param {() => unknown} open asks again
 */
export async function showUndecided(verdict, open) {
  const isOpen = verdict.status === "active" && !isDamaged(verdict);
  const version = lastReadable(verdict);
  if (isOpen && hasNewFile(verdict) && version !== null) {
    sayNewFile(open);
    await catchUp(); // on the old rows the work goes on as before
    return;
  }
  recovery.set({ undecided: verdict });
  notify({
    id: UNDECIDED,
    tone: "warning",
    text: say(version === null ? "recovery.undecidedNoRows" : "recovery.undecided"),
    actions: [{ label: say("recovery.decide"), act: open }],
    stays: true,
  });
  if (version === null || version === 0) return;
  const id = verdict.session_id;
  const [past, { operations }] = await Promise.all([
    api.get("session/status/", { session_id: id, at_version: version, page_size: 1 }),
    api.get("session/changes/", { session_id: id, from_version: 1, to_version: version }),
  ]);
  if (recovery.state.undecided !== verdict) return; // it has been decided meanwhile, or is asked again
  takeSession(past);
  session.set({
    steps: operations.added,
    savedAt: null,
    hasEnded: true,
    canUndo: false,
    canRedo: false,
  });
  await readRows();
  session.set({ columns: rows.state.columns });
}

/** Say that there is a new file, when it comes while the page is open. @param {() => unknown} open */
export function watchNewFile(open) {
  const look = orShow(async () => {
    const verdict = await api.get("session/validate/");
    // Whoever chose to stay on the old rows is not asked again.
    if (["review_changes", "recover_partial"].includes(verdict.suggested_action)) sayNewFile(open);
  });
  session.watch(({ sourceChanged }, before) => {
    if (sourceChanged && !before.sourceChanged) look();
  });
  recovery.watch(({ undecided }) => {
    if (!undecided) takeAway(UNDECIDED);
  });
}

function sayNewFile(open) {
  notify({
    id: "new-file",
    tone: "info",
    text: say("recovery.fileBanner", { name: session.state.datasetName }),
    actions: [{ label: say("recovery.seeFile"), act: open }],
  });
}
