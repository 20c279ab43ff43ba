// What the page does when the queue stands still: it asks about a refused command, asks how the
// session goes on, or asks to sign in. Until then everything is kept.

import { notify, takeAway } from "../../page/notices.js";
import { signInAddress } from "../../page/page_user.js";
import { say } from "../../page/words.js";
import { openStudio } from "../opening.js";
import { queue } from "../service.js";
import { closeDialog, openDialog, panels } from "../state/panels.js";
import { saving } from "../state/saving.js";

const SIGNED_OUT = "signed-out";
const SETTLED = new Set(["continue", "reload", "resume", "recover"]);

/** Look out for a queue that stands still, from now on. */
export function watchQueue() {
  saving.watch(({ held, isSignedOut }, before) => {
    if (held && held !== before.held) decide();
    if (!held && panels.state.dialog?.name === "held") closeDialog(); // decided in another tab
    if (isSignedOut && !before.isSignedOut) askToSignIn();
    if (!isSignedOut && before.isSignedOut) takeAway(SIGNED_OUT);
  });
}

/** Ask what the queue waits for. */
export function decide() {
  const { held } = saving.state;
  if (!held) return;
  const isOpen = !held.verdict || SETTLED.has(held.verdict.suggested_action);
  if (isOpen) openDialog("held", { held });
  else openStudio();
}

function askToSignIn() {
  notify({
    id: SIGNED_OUT,
    tone: "warning",
    text: say("held.signedOut", { count: queue.state.waiting.length }),
    actions: [{ label: say("held.signIn"), act: () => location.assign(signInAddress()) }],
    stays: true,
  });
}
