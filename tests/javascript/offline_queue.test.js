// What the queue promises, whatever the service and the network do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CommandsInMemory } from "../../data_tools/static/data_tools/client/kept_commands.js";
import { OfflineQueue } from "../../data_tools/static/data_tools/offline_queue.js";
import { FakeService, offline, refusal } from "./studio_service.js";

/** @typedef {import("../../data_tools/static/data_tools/client/kept_commands.js").Entry} Entry */

/** @param {string} name @returns {Omit<Entry, "id">} */
const operation = (name) => ({ kind: "operation", operation: name, parameters: {} });
/** @type {Omit<Entry, "id">} */
const undo = { kind: "undo" };

function started(options = {}) {
  const service = options.service ?? new FakeService();
  const sent = [];
  const queue = new OfflineQueue(service, { sent: (answer) => sent.push(answer), ...options });
  return { service, queue, sent };
}

/** Commands are given while the service does not answer, which then is back. */
async function givenOffline(commands, options) {
  const all = started(options);
  all.service.before = offline;
  for (const command of commands) assert.equal(await all.queue.add(command), null);
  all.service.before = () => {};
  return all;
}

test("a command is answered, and nothing waits any more", async () => {
  const { service, queue } = started();

  const answer = await queue.add(operation("fill"));

  assert.equal(answer.version, 2);
  assert.deepEqual(service.applied, ["fill"]);
  assert.deepEqual(queue.state.waiting, []);
});

test("commands given at once are sent in their order, one after another", async () => {
  const { service, queue } = started();

  await Promise.all(["a", "b", "c"].map((name) => queue.add(operation(name))));

  assert.deepEqual(service.applied, ["a", "b", "c"]);
});

test("without an answer a command waits, and says so", async () => {
  const { queue } = await givenOffline([operation("fill")]);

  assert.equal(queue.state.isOffline, true);
  assert.equal(queue.state.waiting.length, 1);
  await queue.send();
});

test("what waited is sent in one request, in order, when the service is back", async () => {
  const names = ["a", "b", "c", "d"];
  const { service, queue, sent } = await givenOffline(names.map(operation));

  await queue.send();

  assert.deepEqual(service.applied, names);
  assert.deepEqual(service.requests, ["session/validate/", "session/recover/"]);
  assert.equal(queue.state.isOffline, false);
  assert.equal(sent.length, 1);
});

test("more than a hundred go in several requests", async () => {
  const names = Array.from({ length: 130 }, (_, at) => `step ${at}`);
  const store = new CommandsInMemory();
  for (const name of names) await store.add({ id: name, ...operation(name) });
  const { service, queue } = started({ store });

  await queue.send();

  assert.deepEqual(service.applied, names);
  assert.equal(service.requests.filter((path) => path === "session/recover/").length, 2);
});

test("a command whose answer was lost takes effect once", async () => {
  for (const command of [operation("fill"), undo]) {
    const { service, queue } = started();
    service.after = offline;
    assert.equal(await queue.add(command), null);
    service.after = () => {};

    await queue.send();

    assert.equal(service.applied.length, 1);
    assert.deepEqual(queue.state.waiting, []);
  }
});

test("an undo whose answer was lost is the same request again, whatever came before it", async () => {
  const { service, queue } = started();
  const lost = queue.add({ ...undo, expectedVersion: 1 });
  service.after = offline;
  await lost;
  service.after = () => {};
  service.version = 7; // of which the first undo is a part

  await queue.send();

  assert.equal(queue.state.held, null);
  assert.deepEqual(service.applied, ["undo"]);
});

test("undo between operations keeps its place and takes back the one before it", async () => {
  const { service, queue } = await givenOffline([operation("a"), undo, operation("b")]);

  await queue.send();

  assert.deepEqual(service.applied, ["a", "undo", "b"]);
});

test("an undo takes back nothing that somebody else did meanwhile", async () => {
  const { service, queue } = await givenOffline([operation("a"), undo]);
  const recover = service.post.bind(service);
  service.post = async (path, body) => {
    const answer = await recover(path, body);
    if (path === "session/recover/") service.version += 1; // somebody else's step
    return answer;
  };

  await queue.send();

  assert.equal(queue.state.held.error.code, "SESSION_CONFLICT");
  assert.deepEqual(service.applied, ["a"]);
});

test("a refusal is thrown to whoever gave the command, and nothing waits", async () => {
  const { service, queue } = started();
  service.refused.add("fill");

  await assert.rejects(queue.add(operation("fill")), { code: "COLUMN_NOT_FOUND" });

  assert.deepEqual(queue.state.waiting, []);
  assert.equal(queue.state.held, null);
});

test("a refused one in the middle stops the queue until it is left out", async () => {
  const { service, queue } = await givenOffline(["a", "b", "c"].map(operation));
  service.refused.add("b");

  await queue.send();
  assert.deepEqual(service.applied, ["a"]);
  assert.equal(queue.state.held.entry.operation, "b");
  assert.equal(await queue.add(operation("d")), null);
  await queue.leaveOut();

  assert.deepEqual(service.applied, ["a", "c", "d"]);
  assert.deepEqual([queue.state.held, queue.state.waiting], [null, []]);
});

test("a refused one that others wait behind stops them, also if its caller is told", async () => {
  const { service, queue } = started();
  service.refused.add("a");

  const first = queue.add(operation("a"));
  const second = queue.add(undo);

  await assert.rejects(first, { code: "COLUMN_NOT_FOUND" });
  assert.equal(await second, null);
  assert.deepEqual(service.applied, []);
});

test("with `continue` a refused one is told and left out", async () => {
  const refused = [];
  const options = { onRefusal: "continue", refused: (entry) => refused.push(entry.operation) };
  const { service, queue } = await givenOffline(["a", "b", "c"].map(operation), options);
  service.refused.add("b");

  await queue.send();

  assert.deepEqual(service.applied, ["a", "c"]);
  assert.deepEqual(refused, ["b"]);
});

test("a service that is busy makes commands wait and refuses none", async () => {
  for (const { code, status } of [
    { code: "THROTTLED", status: 429 },
    { code: "DATABASE_UNAVAILABLE", status: 503 },
  ]) {
    const { service, queue } = started();
    service.before = () => {
      throw refusal(code, { retryable: true, status });
    };
    assert.equal(await queue.add(operation("fill")), null);
    assert.equal(queue.state.isBusy, true);
    service.before = () => {};

    await queue.send();

    assert.deepEqual(service.applied, ["fill"]);
  }
});

test("an operation that takes longer than it may is refused, and not tried for ever", async () => {
  const { service, queue } = started();
  service.before = () => {
    throw refusal("QUERY_TIMEOUT", { retryable: true, status: 503 });
  };

  await assert.rejects(queue.add(operation("fill")), { code: "QUERY_TIMEOUT" });
});

test("signed out, everything waits for signing in", async () => {
  const { service, queue } = started();
  service.before = () => {
    throw refusal("NOT_AUTHENTICATED", { status: 401 });
  };

  assert.equal(await queue.add(operation("fill")), null);

  assert.equal(queue.state.isSignedOut, true);
  assert.equal(queue.state.waiting.length, 1);
});

test("an expired session is brought back by the next command", async () => {
  for (const command of [operation("fill"), { ...undo, expectedVersion: 1 }]) {
    const { service, queue } = started();
    service.verdict = "recover";
    service.before = (path) => {
      const isAsleep = service.verdict === "recover" && !path.startsWith("session/recover");
      if (isAsleep && path !== "session/validate/")
        throw refusal("SESSION_EXPIRED", { status: 409 });
    };

    const answer = await queue.add(command);

    assert.equal(answer.version, 2);
    assert.equal(service.applied.length, 1);
  }
});

test("where something would be given up the queue asks, and sends nothing", async () => {
  const { service, queue } = await givenOffline(["a", "b"].map(operation));
  service.verdict = "recover_partial";

  await queue.send();
  assert.equal(queue.state.held.verdict.suggested_action, "recover_partial");
  assert.deepEqual(service.applied, []);
  service.verdict = "continue";
  service.sessionId = "another session";
  await queue.goOn({ sessionId: "another session" });

  assert.deepEqual(service.applied, ["a", "b"]);
});

test("commands of one session are not sent to another", async () => {
  const commands = ["a", "b"].map((name) => ({ ...operation(name), sessionId: "first session" }));
  const { service, queue } = await givenOffline(commands);
  service.sessionId = "another session";

  await queue.send();

  assert.notEqual(queue.state.held, null);
  assert.deepEqual(service.applied, []);
});

test("an answer that does not come in time is none", async () => {
  const { service, queue } = started({ answerWithinMs: 20 });
  service.post = (_path, _body, { signal }) =>
    new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason)));

  const keepsNodeAwake = setTimeout(() => {}, 5_000);
  assert.equal(await queue.add(operation("fill")), null);
  clearTimeout(keepsNodeAwake);

  assert.equal(queue.state.isOffline, true);
});

test("two tabs send what they share once, in order, and each caller has its answer", async () => {
  const service = new FakeService();
  const store = new CommandsInMemory();
  const locks = oneAtATime();
  const [channel, other] = channels();
  const one = started({ service, store, locks, channel, name: "flights" });
  const two = started({ service, store, locks, channel: other, name: "flights" });

  const answers = await Promise.all([
    one.queue.add(operation("a")),
    two.queue.add(operation("b")),
    one.queue.add(operation("c")),
    two.queue.add(operation("d")),
  ]);

  assert.deepEqual(service.applied, ["a", "b", "c", "d"]);
  assert.ok(answers.every((answer) => answer.version > 1));
});

test("a refusal that another tab was answered is thrown where the command was given", async () => {
  const service = new FakeService();
  service.refused.add("b");
  const store = new CommandsInMemory();
  const locks = oneAtATime();
  const [channel, other] = channels();
  const one = started({ service, store, locks, channel, onRefusal: "continue" });
  const two = started({ service, store, locks, channel: other, onRefusal: "continue" });

  const first = one.queue.add(operation("a"));
  await assert.rejects(two.queue.add(operation("b")), { code: "COLUMN_NOT_FOUND" });

  assert.equal((await first).version, 2);
});

/** Locks as the browser has them, of one name. */
function oneAtATime() {
  let last = Promise.resolve();
  return {
    request: (_name, work) => {
      last = last.then(work, work);
      return last;
    },
  };
}

/** Two ends of a channel; what is posted at one is heard at the other a moment later. */
function channels() {
  const ends = [{ onmessage: null }, { onmessage: null }];
  ends.forEach((end, at) => {
    end.postMessage = (data) => {
      const copy = structuredClone(data);
      setImmediate(() => ends[1 - at].onmessage({ data: copy }));
    };
  });
  return ends;
}
