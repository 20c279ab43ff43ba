// What a page does with an error: the sentence for people, its next steps as buttons, its trace id.

import { NoAnswer, StudioError } from "../session_client.js";
import { wordsOf } from "./error_words.js";
import { notify } from "./notices.js";
import { signInAddress } from "./page_user.js";
import { say } from "./words.js";

// Where each action of the service leads people. The studio that is opened anew says what can be
// recovered, and recovers it. What is not among these, the page shows anyway.
const PAGES = {
  read_documentation: "/api/docs/",
  list_datasets: "/",
  show_usage: "/",
  reload: "",
  validate: "",
  recover: "",
  resume: "",
  initialize: "",
};

/**
 * Show the error, if it is one that people can do something about; else throw it. One that is shown
 * already, as a conflict is by the command that met it, is not shown twice.
 *
 * @param {any} error
 * @param {object} [options]
 * @param {string} [options.id] of the notice
 * @param {string} [options.about] what failed, if the page does several things at once
 * @param {() => unknown} [options.again] what was tried
 */
export function showFailure(error, { id = "failure", about, again } = {}) {
  if (error.isShown) return;
  const said = (text) => (about ? `${about}: ${text}` : text);
  const tryAgain = again ? [{ label: say("page.retry"), act: again }] : [];
  if (error instanceof NoAnswer) {
    notify({ id, tone: "warning", text: said(wordsOf(error)), actions: tryAgain });
  } else if (error instanceof StudioError) {
    const steps = new Map(); // one to each page
    for (const { action, label } of error.actions) {
      const address = action === "sign_in" ? signInAddress() : PAGES[action];
      if (address !== undefined && !steps.has(address)) steps.set(address, label);
    }
    notify({
      id,
      tone: "error",
      text: said(wordsOf(error)),
      traceId: error.traceId,
      actions: [
        ...(error.retryable ? tryAgain : []),
        ...[...steps].map(([address, label]) => ({ label, act: () => location.assign(address) })),
      ],
    });
  } else throw error;
}

/**
 * Return a function that does it, and shows the error if that fails.
 *
 * @param {() => Promise<unknown>} act
 * @param {string} [id] of the notice
 * @returns {() => Promise<unknown>}
 */
export function orShow(act, id) {
  return () => act().catch((error) => showFailure(error, { id, again: orShow(act, id) }));
}
