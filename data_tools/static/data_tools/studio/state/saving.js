// Whether the work is safe: the state of the queue, which the words beside the title tell.

import { Store } from "../../page/store.js";

export const saving = new Store({
  waiting: /** @type {import("../../client/kept_commands.js").Entry[]} */ ([]),
  isSending: false,
  isOffline: false,
  isBusy: false,
  isSignedOut: false,
  isKept: true,
  held: /** @type {import("../../offline_queue.js").Held | null} */ (null),
});
