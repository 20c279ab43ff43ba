// What the queue promises where the browser itself gives way: storage, ids, and time.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CommandsOnDevice } from "../../data_tools/static/data_tools/client/kept_commands.js";
import { OfflineQueue } from "../../data_tools/static/data_tools/offline_queue.js";
import { StudioError } from "../../data_tools/static/data_tools/session_client.js";
import { FakeService, offline, refusal } from "./studio_service.js";

/** @param {string} name */
const operation = (name) => ({
  kind: /** @type {const} */ ("operation"),
  operation: name,
  parameters: {},
});
const undo = { kind: /** @type {const} */ ("undo") };
const redo = { kind: /** @type {const} */ ("redo") };

function started(options = {}) {
  const service = new FakeService();
  return { service, queue: new OfflineQueue(/** @type {any} */ (service), options) };
}

async function givenOffline(commands, options) {
  const all = started(options);
  all.service.before = offline;
  for (const command of commands) await all.queue.add(command);
  all.service.before = () => {};
  return all;
}

/** Count the timers that are set, and let none of them run. */
function withTimersKept(t) {
  const pauses = [];
  t.mock.method(globalThis, "setTimeout", (_act, pause) => pauses.push(pause));
  return pauses;
}

test("a page that came over plain HTTP has commands too", async (t) => {
  t.mock.method(crypto, "randomUUID", () => assert.fail("such a page does not have it"));
  const { service, queue } = started();

  await queue.add(operation("fill"));

  assert.deepEqual(service.applied, ["fill"]);
});

test("a session that expires again and again is not asked for without a pause", async (t) => {
  const pauses = withTimersKept(t);
  const { service, queue } = started();
  let requests = 0;
  service.before = (path) => {
    if (++requests > 50) throw new Error("a storm");
    if (path === "operations/") throw refusal("SESSION_EXPIRED", { status: 410 });
  };

  assert.equal(await queue.add(operation("fill")), null);

  assert.ok(requests < 10, `${requests} requests`);
  assert.equal(pauses.length, 1);
  assert.equal(queue.state.waiting.length, 1);
});

test("a pause that is asked for is no longer than a timer can wait", async (t) => {
  const pauses = withTimersKept(t);
  const { service, queue } = started();
  service.before = () => {
    throw new StudioError(
      { code: "BUSY", user_message: "Later.", retryable: true },
      503,
      9_999_999,
    );
  };

  await queue.add(operation("fill"));

  assert.ok(pauses[0] < 2 ** 31, `${pauses[0]} ms`);
});

test("an undo of what is left out is left out with it", async () => {
  for (const onRefusal of /** @type {const} */ (["stop", "continue"])) {
    const commands = [operation("refused"), operation("a"), undo, undo, redo, undo, operation("b")];
    const { service, queue } = await givenOffline(commands, { onRefusal });
    service.refused.add("refused");

    await queue.send();
    if (onRefusal === "stop") await queue.leaveOut();

    assert.deepEqual(service.applied, ["a", "undo", "b"]);
    assert.deepEqual(queue.state.waiting, []);
  }
});

test("a command that took effect is answered once, also when the device cannot forget it", async () => {
  const device = new Device();
  globalThis.indexedDB = /** @type {any} */ (device);
  const { service, queue } = started({ store: new CommandsOnDevice("ann") });
  service.after = () => device.close({ forGood: true });

  const answer = await queue.add(operation("fill"));
  await queue.send();

  assert.equal(answer.version, 2);
  assert.deepEqual(queue.state.waiting, []);
  assert.deepEqual(service.requests, ["operations/"]);
});

test("what waits for signing in goes on when that was done in another tab", async () => {
  const { service, queue } = started();
  service.before = () => {
    throw refusal("NOT_AUTHENTICATED", { status: 401 });
  };
  await queue.add(operation("fill"));
  service.before = () => {};

  queue.noteAnswer(true);
  await queue.send();

  assert.deepEqual(service.applied, ["fill"]);
});

test("what was kept is not forgotten when the browser closes the device's storage", async () => {
  const device = new Device();
  globalThis.indexedDB = /** @type {any} */ (device);
  const { service, queue } = await givenOffline([operation("fill")], {
    store: new CommandsOnDevice("ann"),
  });
  assert.equal(queue.state.isKept, true);

  device.close({ forGood: true });
  await queue.look();

  assert.equal(queue.state.waiting.length, 1);
  await queue.send();
  assert.deepEqual(service.applied, ["fill"]);
  assert.deepEqual(queue.state.waiting, []);
});

test("the device's storage is opened again when the browser closed it", async () => {
  const device = new Device();
  globalThis.indexedDB = /** @type {any} */ (device);
  const { queue } = await givenOffline([operation("a")], { store: new CommandsOnDevice("ann") });

  device.close();
  await givenOffline([operation("b")], { store: new CommandsOnDevice("ann") });
  await queue.look();

  assert.deepEqual(
    queue.state.waiting.map((entry) => entry.operation),
    ["a", "b"],
  );
  assert.equal(queue.state.isKept, true);
});

/** As much of IndexedDB as the queue uses. */
class Device {
  entries = new Map();
  last = 0;
  connections = new Set();
  isGone = false;

  open() {
    const request = {};
    queueMicrotask(() => {
      if (this.isGone) {
        request.error = new DOMException("", "VersionError");
        return request.onerror();
      }
      const connection = new Connection(this);
      this.connections.add(connection);
      request.result = connection;
      return request.onsuccess();
    });
    return request;
  }

  /** The browser closes every connection: its data are cleared, or a later page wants another form. */
  close({ forGood = false } = {}) {
    this.isGone = forGood;
    for (const connection of this.connections) {
      connection.isClosed = true;
      connection.onclose?.();
    }
    this.connections.clear();
  }
}

class Connection {
  isClosed = false;
  /** @type {(() => void) | undefined} */
  onclose;

  constructor(device) {
    this.device = device;
  }

  close() {
    this.isClosed = true;
  }

  transaction() {
    if (this.isClosed) throw new DOMException("", "InvalidStateError");
    const transaction = { objectStore: () => new Commands(this.device) };
    queueMicrotask(() => transaction.oncomplete());
    return transaction;
  }
}

class Commands {
  constructor(device) {
    this.device = device;
  }

  add(entry) {
    const order = ++this.device.last;
    this.device.entries.set(order, { ...entry, order });
    return { result: order };
  }

  put(entry) {
    this.device.entries.set(entry.order, entry);
    return {};
  }

  delete(order) {
    this.device.entries.delete(order);
    return {};
  }

  index() {
    const entries = [...this.device.entries.values()];
    return {
      getAll: (owner) => ({ result: entries.filter((entry) => entry.owner === owner) }),
      getKey: (id) => ({ result: entries.find((entry) => entry.id === id)?.order }),
    };
  }
}
