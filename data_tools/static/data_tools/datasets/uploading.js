// Files on their way: each becomes a dataset, or the next file of one.

import { showFailure } from "../page/failures.js";
import { notify } from "../page/notices.js";
import { say } from "../page/words.js";
import { newOperationId } from "../session_client.js";
import { client, followLoading } from "./service.js";
import { datasets, takeDataset } from "./state.js";

/**
 * Send a file, and show it in the list once the service has it.
 *
 * @param {File} file
 * @param {{ name?: string, options?: Record<string, any>, datasetId?: string }} [how] the dataset's
 *   name, the reading options, and the dataset whose next file it is
 * @returns {Promise<import("./state.js").Dataset | null>} null if it was refused or cancelled, which
 *   has been said
 */
export async function upload(file, how = {}) {
  const { name, options, datasetId } = how;
  const stop = new AbortController();
  const id = newOperationId();
  const change = (fields) =>
    datasets.set({
      uploads: datasets.state.uploads.map((each) =>
        each.id === id ? { ...each, ...fields } : each,
      ),
    });
  const remove = () =>
    datasets.set({ uploads: datasets.state.uploads.filter((each) => each.id !== id) });
  const cancel = () => {
    stop.abort();
    remove(); // at once, also while another file is being sent
  };
  datasets.set({
    uploads: [
      ...datasets.state.uploads,
      { id, fileName: file.name, sent: 0, total: file.size, cancel },
    ],
  });
  try {
    const sent = {
      fileName: file.name,
      options,
      signal: stop.signal,
      onProgress: ({ done }) => change({ sent: done }),
    };
    const dataset = await inTurn(() =>
      datasetId
        ? client.uploadAgain(datasetId, file, sent)
        : client.upload(file, { name, ...sent }),
    );
    takeDataset(dataset);
    followLoading();
    return dataset;
  } catch (error) {
    if (stop.signal.aborted) {
      notify({
        id: `upload-${id}`,
        tone: "info",
        text: say("upload.cancelled", { file: file.name }),
      });
    } else {
      showFailure(error, {
        id: `upload-${id}`,
        about: file.name,
        again: () => upload(file, how),
      });
    }
    return null;
  } finally {
    remove();
  }
}

let lastUpload = /** @type {Promise<any>} */ (Promise.resolve());

/** Send one file after the other: all at once, none would arrive soon, and the service has limits. */
function inTurn(send) {
  const sending = lastUpload.then(send);
  lastUpload = sending.catch(() => {}); // whoever waits for it is told
  return sending;
}

// A file that is on its way is lost with the page; what the service has loads without it.
addEventListener("beforeunload", (event) => {
  if (datasets.state.uploads.length > 0) event.preventDefault();
});
