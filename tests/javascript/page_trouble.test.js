// What the studio shows when answers come late, in another order, or not at all.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const WORK = "../../data_tools/static/data_tools";
// As much of a browser as the page's commands need.
const browser = /** @type {any} */ (globalThis);
Object.defineProperty(browser, "navigator", { value: {}, configurable: true });
browser.requestAnimationFrame = () => {};
browser.BroadcastChannel = class {
  postMessage() {}
};
browser.localStorage = {
  getItem: () => {
    throw new DOMException("", "SecurityError");
  },
};

const { after, backToNow, perform, turnTo } = await import(`${WORK}/studio/commands.js`);
const { isOfOtherRows, need } = await import(`${WORK}/studio/columns/figures_reading.js`);
const { readRows, readSteps } = await import(`${WORK}/studio/reading.js`);
const { askHow } = await import(`${WORK}/studio/recovery/asking.js`);
const { catchUp, showConflict } = await import(`${WORK}/studio/recovery/presence.js`);
const { watchNewFile } = await import(`${WORK}/studio/recovery/undecided.js`);
const { connect } = await import(`${WORK}/studio/service.js`);
const { figures } = await import(`${WORK}/studio/state/figures.js`);
const { closeDialog, openDialog, panels } = await import(`${WORK}/studio/state/panels.js`);
const { rows } = await import(`${WORK}/studio/state/rows.js`);
const { session } = await import(`${WORK}/studio/state/session.js`);
const { view } = await import(`${WORK}/studio/state/view.js`);
const { changesBetween } = await import(`${WORK}/studio/steps/changed_cells.js`);
const { showFailure } = await import(`${WORK}/page/failures.js`);
const { notices } = await import(`${WORK}/page/notices.js`);
const { preferences, choose } = await import(`${WORK}/page/preferences.js`);

/** What the service answers to a request whose address contains the key; the last that fits counts. */
let answers = new Map();
let asked = [];

beforeEach(() => {
  answers = new Map();
  asked = [];
  browser.fetch = async (address, { method, signal }) => {
    asked.push(`${method} ${address}`);
    const [, answer] = [...answers].findLast(([part]) => address.includes(part)) ?? [];
    if (answer === undefined) throw new Error(`Nobody answers ${address}`);
    const aborted = new Promise((_, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason));
    });
    const { status = 200, ...body } = await Promise.race([answer(), aborted]);
    return new Response(JSON.stringify(body), { status });
  };
  connect("dataset", "ann", after);
  notices.set({ list: [] });
  figures.set({ byName: new Map() });
  session.set({
    sessionId: "s",
    version: 1,
    lookedAt: null,
    columns: [],
    steps: [],
    hasEnded: false,
  });
  rows.set({ columns: [], rows: [], error: null, totalPages: 9 });
  view.set({ pageNumber: 1, filter: [], sort: [] });
});

const page = (name, version = 1) => ({
  data: [{ [name]: 1 }],
  row_numbers: [1],
  columns: [{ name, type: "integer" }],
  pagination: { page_number: 1, page_size: 50, total_rows: 1, filtered_rows: 1, total_pages: 9 },
  version,
});
const steps = (...added) => ({ operations: { added }, redoable: [], forked_from: null });
const status = (version) => ({
  version,
  session_info: { session_exists: false, session_id: "s" },
  cells_changed: 1,
  rows_removed: 0,
});
const refused = () => ({ status: 400, error: { code: "X", user_message: "No." } });

test("a page that is turned away from and back to shows its rows, and no error", async () => {
  const late = withResolvers();
  answers.set("page_number=1", () => late.promise);
  answers.set("page_number=2", () => new Promise(() => {}));
  const reading = [readRows(), turnTo(2), turnTo(1)];
  await reading[0];

  assert.equal(rows.state.error, null);
  late.resolve(page("a"));
  await reading[2];
  assert.equal(rows.state.columns[0].name, "a");
});

test("steps that were asked for earlier take the place of no later ones", async () => {
  const late = withResolvers();
  const turns = [() => late.promise, () => steps("new")];
  answers.set("session/changes/", () => turns.shift()());

  const first = readSteps();
  await readSteps();
  late.resolve(steps("old"));
  await first;

  assert.deepEqual(session.state.steps, ["new"]);
});

test("a step that took effect is none that failed, when what it changed cannot be read", async () => {
  answers.set("data/", () => page("a", 2));
  answers.set("session/changes/", refused);
  answers.set("operations/", () => status(2));

  const answer = await perform("fill", {});

  assert.equal(answer.version, 2);
  assert.equal(session.state.version, 2);
  assert.equal(notices.state.list.length, 1);
});

test("columns of an earlier version are not taken for those of now", async () => {
  answers.set("session/changes/", () => steps());
  answers.set("at_version=1", () => page("before"));
  answers.set("at_version=3", () => page("now", 3));
  session.set({ lookedAt: 1, columns: [{ name: "now", type: "integer" }] });

  await after(status(3));
  assert.deepEqual(
    session.state.columns.map(({ name }) => name),
    ["now"],
  );

  session.set({ columns: [] });
  await backToNow();
  assert.deepEqual(
    session.state.columns.map(({ name }) => name),
    ["now"],
  );
});

test("what other tabs did is no step back behind the answer to a command", async () => {
  const late = withResolvers();
  answers.set("data/", () => page("a"));
  answers.set("session/changes/", () => steps());
  answers.set("session/status/", () => late.promise);

  const catching = catchUp();
  await after(status(5));
  late.resolve(status(4));
  await catching;

  assert.equal(session.state.version, 5);
});

test("figures are of the rows of one version of one session", async () => {
  const of = (sessionId, version) => ({ sessionId, version, totalRows: 1, figures: {} });
  const are = (measured) => !isOfOtherRows(measured);

  session.set({ sessionId: "s", version: 3, lookedAt: null });
  assert.deepEqual([of("s", 3), of("s", 2), of("t", 3)].map(are), [true, false, false]);
  session.set({ lookedAt: 3, lookedAtSession: "t" });
  assert.deepEqual([of("s", 3), of("t", 2), of("t", 3)].map(are), [false, false, true]);
  session.set({ lookedAt: 2, lookedAtSession: null });
  assert.deepEqual([of("s", 3), of("s", 2), of("t", 2)].map(are), [false, true, false]);
  assert.equal(are(undefined), false);
});

test("figures that come late take the place of no later ones, and of all of another session", async () => {
  const late = withResolvers();
  answers.set("at_version=2&session_id=s", () => late.promise);
  answers.set("at_version=3&session_id=s", () => ({ columns: [{ name: "a" }], total_rows: 3 }));
  answers.set("at_version=1&session_id=t", () => ({ columns: [{ name: "a" }], total_rows: 1 }));
  const shown = () => figures.state.byName.get("a");
  const look = (fields) => {
    session.set({ columns: [{ name: "a", type: "integer" }], ...fields });
    need("a");
  };

  look({ version: 2 });
  look({ version: 3 });
  await until(shown);
  late.resolve({ columns: [{ name: "a" }, { name: "b" }], total_rows: 2 });
  await until(() => figures.state.byName.get("b"));
  assert.deepEqual([shown().version, shown().totalRows], [3, 3]);

  look({ sessionId: "t", version: 1 });
  await until(() => shown().sessionId === "t");
  assert.deepEqual([shown().version, shown().totalRows], [1, 1]);
});

test("the figures of a session that ended elsewhere are those of the version that is shown", async () => {
  answers.set("columns/", () => ({ columns: [{ name: "a" }], total_rows: 1 }));
  session.set({ sessionId: "u", version: 2, columns: [{ name: "a", type: "integer" }] });
  need("a");

  session.set({ version: 5, hasEnded: true });
  need("a");
  const shown = () => figures.state.byName.get("a");
  await until(() => shown()?.version === 5);

  assert.equal(isOfOtherRows(shown()), false);
});

test("a question whose place another dialog takes is answered, shown or not yet", async () => {
  const replaced = askHow({});
  openDialog("keys");
  const closed = askHow({});
  closeDialog();
  const answered = askHow({});
  panels.state.dialog?.choose("a way");

  assert.deepEqual(await Promise.all([replaced, closed, answered]), [null, null, "a way"]);
});

test("a column may be called as what every object has", () => {
  const columns = ["constructor", "__proto__", "toString"].map((name) => ({ name, type: "text" }));
  const row = JSON.parse('{"constructor": "a", "__proto__": "b", "toString": "c"}');
  const shown = { rows: [row], rowNumbers: [1], columns };

  const { newColumns, cells } = changesBetween(shown, shown, {});

  assert.deepEqual(newColumns, []);
  assert.equal(cells.size, 0);
});

test("a browser that keeps nothing shows the page, and choices count while it is open", () => {
  browser.document = { documentElement: { dataset: {} } };

  choose("theme", "dark");

  assert.equal(preferences.state.theme, "dark");
  assert.equal(browser.document.documentElement.dataset.theme, "dark");
});

test("a conflict that a command has shown is not shown once more by who gave it", async () => {
  answers.set("operations/", () => ({
    status: 409,
    error: { code: "SESSION_CONFLICT", user_message: "Changed." },
  }));

  await perform("fill", {}).catch(showFailure);

  assert.deepEqual(
    notices.state.list.map(({ id }) => id),
    ["conflict"],
  );
});

test("what a conflict offers says so when it fails", async () => {
  answers.set("session/status/", refused);

  for (const at of [0, 1]) {
    notices.set({ list: [] });
    showConflict(async () => {});
    await notices.state.list[0].actions[at].act();

    assert.equal(notices.state.list.at(-1).text, "No.");
  }
});

test("a question about a new file that is not answered is no silence", async () => {
  answers.set("session/validate/", refused);
  watchNewFile(() => {});

  session.set({ sourceChanged: true });
  await until(() => notices.state.list.length > 0);

  assert.equal(notices.state.list[0].text, "No.");
});

async function until(isSo) {
  while (!isSo()) await new Promise((resolve) => setImmediate(resolve));
}

function withResolvers() {
  /** @type {any} */
  const made = {};
  made.promise = new Promise((resolve) => {
    made.resolve = resolve;
  });
  return made;
}
