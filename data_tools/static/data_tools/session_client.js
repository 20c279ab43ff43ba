// The service's API: datasets, and the session on one of them. Every refusal is an error that a page
// can show; every command can be sent again without taking effect twice.

import { receiveFile, receiveWholeFile, sendFile } from "./client/files.js";
import { form, queryText } from "./client/request_texts.js";
import { pause, withRetries } from "./client/retrying.js";
import { askFor } from "./client/sending.js";
import { SessionClient } from "./client/session.js";

export { NoAnswer, StudioError } from "./client/errors.js";
export { newOperationId } from "./client/operation_ids.js";
export { SessionClient };

/** @typedef {import("./client/shapes.js").CallOptions} CallOptions */
/** @typedef {import("./client/shapes.js").Dataset} Dataset */
/** @typedef {import("./client/shapes.js").ReadingOptions} ReadingOptions */
/** @typedef {import("./client/files.js").OnProgress} OnProgress */
/**
 * @template {keyof import("./api.d.ts").operations} Name
 * @typedef {import("./client/shapes.js").AnswerOf<Name>} AnswerOf
 */

const CAPABILITIES = "structured-errors, exact-integers, row-numbers";
const DATASETS = "/api/datasources/";
const LOOK_AGAIN_MS = 500;

export class StudioClient {
  #origin;
  #headers;
  #tries;
  #timeoutMs;

  /**
   * @param {object} [options]
   * @param {string} [options.origin] of the service, if it is not the page's own
   * @param {string} [options.token] without one, the login session of the page counts
   * @param {string} [options.userId] of the user whose page it is; once another one is signed in in
   *   this browser, requests are refused
   * @param {number} [options.tries] how often a request is sent at most
   * @param {number} [options.timeoutSeconds] after which a request has no answer
   */
  constructor({ origin = "", token, userId, tries = 4, timeoutSeconds = 60 } = {}) {
    this.#origin = origin;
    this.#tries = tries;
    this.#timeoutMs = timeoutSeconds * 1_000;
    this.#headers = {
      "X-Studio-Capabilities": CAPABILITIES,
      ...(token && { Authorization: `Token ${token}` }),
      ...(userId && { "X-Studio-User": userId }),
    };
  }

  /** @param {string} datasetId */
  session(datasetId) {
    return new SessionClient(this, datasetId);
  }

  /** @param {string} address @param {CallOptions} [options] @returns {Promise<any>} */
  get(address, options) {
    return this.call("GET", address, options);
  }

  /** @param {string} address @param {any} [body] @param {CallOptions} [options] @returns {Promise<any>} */
  post(address, body = {}, options = {}) {
    return this.call("POST", address, { body, ...options });
  }

  /**
   * Send a request, and again while it is safe and may help.
   *
   * @param {string} method
   * @param {string} address
   * @param {CallOptions} [options] without `tryAgain`, reading is safe to send twice, and so is a
   *   command that has a `client_operation_id`
   * @returns {Promise<any>} the answer's JSON
   * @throws {StudioError} it was refused
   * @throws {NoAnswer}
   */
  call(method, address, options = {}) {
    const request = this.#request(method, address, options);
    const { tryAgain = method === "GET" || hasId(options.body), signal } = options;
    return withRetries(() => askFor(request, this.#timeoutMs), {
      tries: tryAgain ? this.#tries : 1,
      signal,
    });
  }

  /** @param {{ page?: number, size?: number, signal?: AbortSignal }} [options] newest come first
   * @returns {Promise<AnswerOf<"get_datasources">>} */
  datasets({ page, size, signal } = {}) {
    return this.get(DATASETS, { query: { page_number: page, page_size: size }, signal });
  }

  /** @param {string} id @param {AbortSignal} [signal] @returns {Promise<Dataset>} */
  async dataset(id, signal) {
    return (await this.get(`${DATASETS}${id}/`, { signal })).datasource;
  }

  /** @param {string} id @param {string} name @returns {Promise<Dataset>} */
  async renameDataset(id, name) {
    const options = { body: { name }, tryAgain: true };
    return (await this.call("PATCH", `${DATASETS}${id}/`, options)).datasource;
  }

  /** @param {string} id */
  deleteDataset(id) {
    return this.call("DELETE", `${DATASETS}${id}/`);
  }

  /**
   * Ask how a file would be read; nothing is stored.
   *
   * @param {Blob} file the file, or of a text file its beginning
   * @param {object} options
   * @param {string} options.name the file's
   * @param {boolean} [options.isHead] whether it is only the beginning
   * @param {ReadingOptions} [options.options]
   * @param {AbortSignal} [options.signal]
   * @returns {Promise<AnswerOf<"post_datasources_preview">>}
   */
  preview(file, { name, isHead, options, signal }) {
    const body = form({ options }, file, name);
    if (isHead) body.set("is_head", "true");
    return this.post(`${DATASETS}preview/`, body, { tryAgain: true, signal });
  }

  /**
   * Upload a file, which becomes a dataset in the background.
   *
   * @param {Blob} file
   * @param {UploadOptions & { name?: string }} options `name` is the dataset's
   * @returns {Promise<Dataset>}
   */
  upload(file, { name, ...options }) {
    return this.#upload(DATASETS, file, { name, ...options });
  }

  /**
   * Give a dataset another file; sessions stay on the rows that they have until their user moves.
   *
   * @param {string} id
   * @param {Blob} file
   * @param {UploadOptions} options
   * @returns {Promise<Dataset>}
   */
  uploadAgain(id, file, options) {
    return this.#upload(`${DATASETS}${id}/file/`, file, options);
  }

  /**
   * @typedef {object} UploadOptions
   * @property {string} fileName
   * @property {ReadingOptions} [options] how it is to be read
   * @property {string} [sheet]
   * @property {OnProgress} [onProgress]
   * @property {AbortSignal} [signal]
   *
   * @param {string} address
   * @param {Blob} file
   * @param {UploadOptions & { name?: string }} options
   */
  async #upload(address, file, { fileName, name, options, sheet, onProgress, signal }) {
    const body = form({ name, sheet, options }, file, fileName);
    const request = { ...this.#request("POST", address, { body, signal }), body };
    return (await sendFile(request, onProgress)).datasource;
  }

  /**
   * Wait until a dataset is loaded, or until it is known that it cannot be.
   *
   * @param {string} id
   * @param {{ onProgress?: (dataset: Dataset) => void, signal?: AbortSignal }} [options]
   * @returns {Promise<Dataset>} its `status` is READY or ERROR
   */
  async loaded(id, { onProgress, signal } = {}) {
    for (;;) {
      const dataset = await this.dataset(id, signal);
      onProgress?.(dataset);
      if (dataset.status === "READY" || dataset.status === "ERROR") return dataset;
      await pause(LOOK_AGAIN_MS, signal);
    }
  }

  /** @param {string} address @param {CallOptions} [options] the file as it is made; see `receiveFile` */
  file(address, options = {}) {
    return receiveFile(this.#request("GET", address, options));
  }

  /** @param {string} address @param {CallOptions & { onProgress?: OnProgress }} [options] */
  wholeFile(address, { onProgress, ...options } = {}) {
    return receiveWholeFile(this.#request("GET", address, options), onProgress);
  }

  /**
   * @param {string} method
   * @param {string} address
   * @param {CallOptions} options
   * @returns {import("./client/sending.js").Request}
   */
  #request(method, address, { query, body, signal }) {
    const whole = { method, address: this.#origin + address + queryText(query), signal };
    if (body === undefined) return { ...whole, headers: this.#headers };
    if (body instanceof FormData) return { ...whole, headers: this.#headers, body };
    const headers = { ...this.#headers, "Content-Type": "application/json" };
    return { ...whole, headers, body: JSON.stringify(body) };
  }
}

/** @param {unknown} body */
function hasId(body) {
  return typeof body === "object" && body !== null && "client_operation_id" in body;
}
