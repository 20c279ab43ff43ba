// A service that answers as it is told to, for one test.

import { createServer } from "node:http";

/**
 * @typedef {import("node:http").IncomingMessage} Incoming
 * @typedef {import("node:http").ServerResponse} Answering
 * @typedef {{ method: string, url: string, headers: import("node:http").IncomingHttpHeaders,
 *   text: string, at: number }} Received
 */

/**
 * Serve the given answers, one for each request; the last one again for all that follow.
 *
 * @param {import("node:test").TestContext} test at whose end it is closed
 * @param {((response: Answering, request: Received) => unknown)[]} answers
 */
export async function serve(test, answers) {
  /** @type {Received[]} */
  const requests = [];
  const server = createServer(async (request, response) => {
    let text = "";
    for await (const piece of request) text += piece;
    const { method = "", url = "", headers } = request;
    const received = { method, url, headers, text, at: performance.now() };
    requests.push(received);
    answers[Math.min(requests.length, answers.length) - 1](response, received);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  test.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return { origin: `http://127.0.0.1:${port}`, requests };
}

/** @param {any} body @param {number} [status] @param {Record<string, string>} [headers] */
export function json(body, status = 200, headers = {}) {
  return (/** @type {Answering} */ response) =>
    response
      .writeHead(status, { "Content-Type": "application/json", ...headers })
      .end(JSON.stringify(body));
}

/** @param {string} text @param {number} status @param {Record<string, string>} [headers] */
export function html(text, status, headers = {}) {
  return (/** @type {Answering} */ response) =>
    response.writeHead(status, { "Content-Type": "text/html", ...headers }).end(text);
}

/** @param {string} code @param {number} status @param {any} [more] @param {Record<string, string>} [headers] */
export function refusal(code, status, more = {}, headers = {}) {
  const error = {
    code,
    user_message: `Not now: ${code}.`,
    message: code,
    recovery_actions: [],
    retryable: false,
    details: {},
    trace_id: "trace-1",
    ...more,
  };
  return json({ success: false, error }, status, headers);
}

/** @param {Answering} response */
export function brokenConnection(response) {
  response.destroy();
}

/** @param {Answering} response an answer that ends in the middle */
export function brokenAnswer(response) {
  response.writeHead(200, { "Content-Length": "1000" });
  response.write('{"success": tr', () => response.destroy());
}

export function silence() {}
