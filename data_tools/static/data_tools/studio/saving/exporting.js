// Sends the rows as a file, one at a time: they come in as a stream, and are a file only when all have come.

import { queryText } from "../../client/request_texts.js";
import { fetched } from "../../client/sending.js";
import { orShow } from "../../page/failures.js";
import { bytes as sizeOf } from "../../page/formats.js";
import { html, say } from "../../page/html.js";
import { notify } from "../../page/notices.js";
import { Store, useStore } from "../../page/store.js";
import { api } from "../service.js";
import { chooseSink } from "./file_sinks.js";
import { RowCounter } from "./row_counter.js";

const NOTICE = "export";

export const exporting = new Store({
  isUnderWay: false,
  fileName: "",
  rows: /** @type {number | null} */ (null), // null where rows can not be counted
  totalRows: 0,
  bytes: 0,
});

/** The stream ended before the file did. */
class BrokenOff extends Error {}

/**
 * Ask for the place of the file and begin to fill it; a notice tells how far it is.
 *
 * @param {Record<string, any>} query of `export/`
 * @param {string} fileName
 * @returns {Promise<boolean>} whether it has begun; false if no place was chosen
 * @throws {import("../../session_client.js").StudioError} the service refused it, and there is no file
 * @throws {import("../../session_client.js").NoAnswer} the same
 */
export async function beginExporting(query, fileName) {
  const sink = await chooseSink(fileName);
  if (sink === null) return false;
  const abort = new AbortController();
  let response;
  try {
    response = await ask(query, abort.signal);
  } catch (error) {
    await sink.giveUp();
    throw error;
  }
  const totalRows = Number(response.headers.get("X-Total-Rows"));
  const canCount = RowCounter.canCount(query.format, query.encoding ?? "utf-8");
  exporting.set({ isUnderWay: true, fileName, rows: canCount ? 0 : null, totalRows, bytes: 0 });
  notify({
    id: NOTICE,
    tone: "info",
    text: html`<${ExportProgress} />`,
    actions: [{ label: say("page.cancel"), act: () => abort.abort() }],
    stays: true,
  });
  const again = orShow(() => beginExporting(query, fileName), NOTICE);
  receive(response, sink, canCount ? new RowCounter(query.format) : null, abort.signal, again);
  return true;
}

function ask(query, signal) {
  const address = `${api.base}export/${queryText(query)}`;
  // Of the capabilities only this one: others would change the numbers in the file.
  const headers = { "X-Studio-Capabilities": "structured-errors" };
  return fetched({ method: "GET", address, headers, signal });
}

async function receive(response, sink, counter, signal, again) {
  const { fileName, totalRows } = exporting.state;
  try {
    await pour(response, sink, counter);
    if (counter && counter.rows !== totalRows) throw new BrokenOff();
    await sink.finish();
    const size = sizeOf(exporting.state.bytes);
    const text = say("export.done", { file: fileName, count: totalRows, bytes: size });
    notify({ id: NOTICE, tone: "done", text });
  } catch (error) {
    await Promise.resolve(sink.giveUp()).catch(() => {}); // the error before it says more
    tellFailure(error, signal, again);
  } finally {
    exporting.set({ isUnderWay: false });
  }
}

async function pour(response, sink, counter) {
  const reader = response.body.getReader();
  for (;;) {
    const { done, value } = await reader.read().catch((error) => {
      throw new BrokenOff("", { cause: error });
    });
    if (done) return;
    await sink.write(value);
    counter?.add(value);
    const { bytes } = exporting.state;
    exporting.set({ bytes: bytes + value.length, rows: counter?.rows ?? null });
  }
}

function tellFailure(error, signal, again) {
  if (signal.aborted) {
    notify({ id: NOTICE, tone: "info", text: say("export.cancelled") });
    return;
  }
  const text =
    error instanceof BrokenOff
      ? say("export.brokeOff", { bytes: sizeOf(exporting.state.bytes) })
      : say("export.notWritten", { reason: error.message });
  const actions = [{ label: say("page.retry"), act: again }];
  notify({ id: NOTICE, tone: "error", text, actions });
}

function ExportProgress() {
  const { fileName, rows, totalRows, bytes } = useStore(exporting);
  const words =
    rows === null
      ? say("export.bytesDone", { file: fileName, bytes: sizeOf(bytes) })
      : say("export.rowsDone", { file: fileName, rows, total: totalRows });
  // Said once, when it begins: a screen reader asks for the progress itself.
  return html`<span class="export-progress">
    <span aria-hidden="true">${words}</span>
    <progress
      aria-label=${say("export.progress")}
      max=${rows === null ? undefined : Math.max(1, totalRows)}
      value=${rows === null ? undefined : rows}
    ></progress>
  </span>`;
}
