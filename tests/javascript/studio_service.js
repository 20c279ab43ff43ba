// A service as the queue sees it: it applies each command once, and answers as it is told to.

import { NoAnswer, StudioError } from "../../data_tools/static/data_tools/session_client.js";

/** An answer of the service that is no success. */
export function refusal(code, { retryable = false, status = 400 } = {}) {
  return new StudioError({ code, user_message: `It was ${code}.`, retryable }, status);
}

export class FakeService {
  /** What took effect, in order. */
  applied = [];
  /** The requests that arrived. */
  requests = [];
  verdict = "continue";
  sessionId = "first session";
  version = 1;
  refused = new Set(); // names of operations
  /** Is called before each request; what it throws is the answer. */
  before = (_path, _body) => {};
  /** Is called after each request that took effect; what it throws is the answer. */
  after = () => {};
  #known = new Map();
  base = "";
  client = { call: (_method, path) => this.#judge(path) };

  async #judge(path) {
    await this.before(path);
    this.requests.push(path);
    return { suggested_action: this.verdict, session_id: this.sessionId, reasons: [] };
  }

  async post(path, body) {
    await this.before(path, body);
    this.requests.push(path);
    if (body.expected_session_id && body.expected_session_id !== this.sessionId) {
      throw refusal("SESSION_CONFLICT", { status: 409 });
    }
    const answer = path === "session/recover/" ? this.#recover(body) : this.#apply(path, body);
    await this.after();
    return answer;
  }

  #apply(path, { client_operation_id: id, operation, expected_version: expected, ...rest }) {
    const request = JSON.stringify([path, operation, expected, rest]);
    const known = this.#known.get(id);
    if (known === undefined) {
      if (this.refused.has(operation)) throw refusal("COLUMN_NOT_FOUND");
      if (expected !== undefined && expected !== this.version) {
        throw refusal("SESSION_CONFLICT", { status: 409 });
      }
      this.#known.set(id, request);
      this.applied.push(operation ?? path.split("/")[1]);
      this.version += 1;
    } else if (operation === undefined && known !== request) {
      throw refusal("CLIENT_OPERATION_ID_REUSED", { status: 409 });
    }
    return { version: this.version };
  }

  #recover({ pending_operations: pending = [], stop_at_refused: stops }) {
    this.verdict = "continue";
    const results = [];
    for (const each of pending) {
      try {
        this.#apply("operations/", each);
        results.push({ status: "applied" });
      } catch (error) {
        results.push({ status: "refused", error: { code: error.code, user_message: "No." } });
        if (stops) break;
      }
    }
    return { version: this.version, pending_operations: results };
  }
}

export const offline = () => {
  throw new NoAnswer();
};
