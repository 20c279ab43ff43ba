// All that the page looks out for so that no work is lost: its queue, the session's end, a new file,
// and what others do.

import { openStudio, rememberVersion } from "../opening.js";
import { queue } from "../service.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";
import { watchExpiry } from "./expiry.js";
import { watchQueue } from "./held_commands.js";
import { watchOthers } from "./presence.js";
import { watchNewFile } from "./undecided.js";

/** Keep watch from now on. @param {string} userName */
export function keepWatch(userName) {
  rememberVersion();
  watchQueue();
  watchExpiry();
  watchNewFile(openStudio);
  watchOthers({ name: `${session.state.datasetId} ${userName}`, open: openStudio });
  // That there is a network is only a hint that the service may answer.
  addEventListener("online", () => queue.send());
  addEventListener("beforeunload", (event) => {
    const { waiting, isKept } = saving.state;
    if (waiting.length > 0 && !isKept) event.preventDefault();
  });
}
