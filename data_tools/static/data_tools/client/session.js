// The session on one dataset.

import { newOperationId } from "./operation_ids.js";

/** @typedef {import("./shapes.js").CallOptions} CallOptions */
/** @typedef {import("./shapes.js").CommandOptions} CommandOptions */
/** @typedef {import("./shapes.js").Query} Query */
/** @typedef {Query & import("./shapes.js").QueryOf<"get_export">} ExportQuery */
/** @typedef {import("./files.js").OnProgress} OnProgress */
/**
 * @template {keyof import("../api.d.ts").operations} Name
 * @typedef {import("./shapes.js").AnswerOf<Name>} AnswerOf
 */

export class SessionClient {
  /** @param {import("../session_client.js").StudioClient} client @param {string} datasetId */
  constructor(client, datasetId) {
    this.client = client;
    this.datasetId = datasetId;
    this.base = `/api/studio/${datasetId}/`;
  }

  /** @param {string} path @param {Query} [query] @param {AbortSignal} [signal] @returns {Promise<any>} */
  get(path, query, signal) {
    return this.client.get(this.base + path, { query, signal });
  }

  /** @param {string} path @param {any} [body] @param {CallOptions} [options] @returns {Promise<any>} */
  post(path, body, options) {
    return this.client.post(this.base + path, body, options);
  }

  /**
   * Send the request of a recovery option, or the next step of an error.
   *
   * @param {{ method: string, href: string, body?: any }} request
   * @returns {Promise<any>}
   */
  send({ method, href, body }) {
    return this.client.call(method, href, { body: method === "POST" ? (body ?? {}) : undefined });
  }

  /** @param {number | string} [knownVersion] @returns {Promise<AnswerOf<"get_session_validate">>} */
  validate(knownVersion) {
    return this.get("session/validate/", { known_version: knownVersion });
  }

  /** @param {AbortSignal} [signal] @returns {Promise<AnswerOf<"get_session_status">>} */
  status(signal) {
    return this.get("session/status/", {}, signal);
  }

  /**
   * @param {Query & import("./shapes.js").QueryOf<"get_data">} query
   * @param {AbortSignal} [signal]
   * @returns {Promise<AnswerOf<"get_data">>}
   */
  page(query, signal) {
    return this.get("data/", query, signal);
  }

  /**
   * Carry out an operation.
   *
   * @param {string} operation
   * @param {Record<string, any>} parameters
   * @param {CommandOptions} [options]
   * @returns {Promise<AnswerOf<"post_operations">>}
   */
  perform(operation, parameters, options) {
    return this.command("operations/", { operation, parameters }, options);
  }

  /** @param {CommandOptions} [options] @returns {Promise<AnswerOf<"post_session_undo">>} */
  undo(options) {
    return this.command("session/undo/", {}, options);
  }

  /** @param {CommandOptions} [options] @returns {Promise<AnswerOf<"post_session_redo">>} */
  redo(options) {
    return this.command("session/redo/", {}, options);
  }

  /**
   * Post a command, under an id, so that it takes effect once however often it is sent.
   *
   * @param {string} path
   * @param {Record<string, any>} body
   * @param {CommandOptions} [options]
   * @returns {Promise<any>}
   */
  command(path, body, { id = newOperationId(), expectedVersion, expectedSessionId, signal } = {}) {
    const more = { expected_version: expectedVersion, expected_session_id: expectedSessionId };
    return this.post(path, { ...body, client_operation_id: id, ...more }, { signal });
  }

  /**
   * The rows as a file, as it is made.
   *
   * @param {ExportQuery} query
   * @param {AbortSignal} [signal]
   */
  exported(query, signal) {
    return this.client.file(`${this.base}export/`, { query, signal });
  }

  /**
   * The rows as a whole file.
   *
   * @param {ExportQuery} query
   * @param {{ onProgress?: OnProgress, signal?: AbortSignal }} [options]
   */
  exportedWhole(query, options) {
    return this.client.wholeFile(`${this.base}export/`, { query, ...options });
  }
}
