// The service as this page reaches it: the API of its dataset, and the queue of its commands.

import { CommandsOnDevice, OfflineQueue } from "../offline_queue.js";
import { PAGE_USER } from "../page/page_user.js";
import { StudioClient } from "../session_client.js";
import { saving } from "./state/saving.js";

export const client = new StudioClient({ userId: PAGE_USER });

/** @type {import("../session_client.js").SessionClient} */
export let api;
/** @type {OfflineQueue} */
export let queue;

/**
 * @param {string} datasetId
 * @param {string} userName whose commands are kept on this device
 * @param {(answer: any) => void} sent shows what commands have changed that nobody waits for any more
 */
export function connect(datasetId, userName, sent) {
  api = client.session(datasetId);
  const name = `${datasetId} ${userName}`;
  queue = new OfflineQueue(api, {
    name,
    store: new CommandsOnDevice(name),
    locks: navigator.locks,
    channel: new BroadcastChannel(`queue ${name}`),
    tell: (state) => saving.set(state),
    sent,
  });
}
