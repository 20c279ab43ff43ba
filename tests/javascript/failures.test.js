// What a page makes of an error: next steps that lead somewhere, and no error that nobody sees.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

const PAGE = "../../data_tools/static/data_tools/page";
const browser = /** @type {any} */ (globalThis);
let gone = [];
browser.location = {
  pathname: "/studio/1/",
  search: "",
  assign: (address) => gone.push(address),
};

const { orShow, showFailure } = await import(`${PAGE}/failures.js`);
const { notices } = await import(`${PAGE}/notices.js`);
const { StudioError } = await import("../../data_tools/static/data_tools/session_client.js");

beforeEach(() => {
  gone = [];
  notices.set({ list: [] });
});

/** An error that offers these actions, as the service writes them. */
function offering(...actions) {
  const recovery_actions = actions.map((action) => ({ action, label: `Label of ${action}` }));
  return new StudioError({ code: "X", user_message: "No.", recovery_actions }, 400);
}

function offered() {
  return notices.state.list[0].actions;
}

test("each next step of an error leads to the page that it names", () => {
  for (const [action, address] of [
    ["reload", ""],
    ["validate", ""],
    ["recover", ""],
    ["resume", ""],
    ["initialize", ""],
    ["list_datasets", "/"],
    ["show_usage", "/"],
    ["read_documentation", "/api/docs/"],
    ["sign_in", "/accounts/login/?next=%2Fstudio%2F1%2F&user=undefined"],
  ]) {
    gone = [];
    showFailure(offering(action));

    assert.equal(offered()[0].label, `Label of ${action}`);
    offered()[0].act();
    assert.deepEqual(gone, [address], action);
  }
});

test("no next step is offered that the page cannot carry out, and none twice", () => {
  showFailure(offering("undo", "show_columns", "show_operations", "show_dataset", "save"));
  assert.deepEqual(offered(), []);

  showFailure(offering("recover", "validate", "show_usage", "list_datasets"));
  assert.deepEqual(
    offered().map(({ label }) => label),
    ["Label of recover", "Label of show_usage"],
  );
});

test("what fails is shown where it was said to be, and can be tried again", async () => {
  let isRefused = true;
  const act = async () => {
    if (isRefused) {
      throw new StudioError({ code: "X", user_message: "No.", retryable: true }, 503);
    }
  };

  await orShow(act, "place")();
  assert.deepEqual(
    notices.state.list.map(({ id, text }) => [id, text]),
    [["place", "No."]],
  );
  notices.set({ list: [] });
  isRefused = false;
  await orShow(act)();
  assert.deepEqual(notices.state.list, []);
});

test("an error of the page itself is hidden from nobody", async () => {
  const broken = orShow(() => Promise.reject(new TypeError("a mistake")));

  await assert.rejects(broken, TypeError);
});
