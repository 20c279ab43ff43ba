// What a page does with an error: the sentence for people, its next steps as buttons, its trace id.

import { NoAnswer, StudioError } from "../session_client.js";
import { wordsOf } from "./error_words.js";
import { notify } from "./notices.js";
import { signInAddress } from "./page_user.js";
import { say } from "./words.js";

// For people: gone to, not called.
const PAGES = { sign_in: signInAddress, read_documentation: ({ href }) => href };
const LEFT_OUT = new Set(["show_operations", "show_dataset"]); // the page shows them anyway

/**
 * Show the error, if it is one that people can do something about; else throw it.
 *
 * @param {unknown} error
 * @param {object} [options]
 * @param {string} [options.id] of the notice
 * @param {string} [options.about] what failed, if the page does several things at once
 * @param {() => unknown} [options.again] what was tried
 * @param {(action: any) => Promise<unknown>} [options.act] carries out an action of the service
 */
export function showFailure(error, { id = "failure", about, again, act } = {}) {
  const said = (text) => (about ? `${about}: ${text}` : text);
  const tryAgain = again ? [{ label: say("page.retry"), act: again }] : [];
  if (error instanceof NoAnswer) {
    notify({ id, tone: "warning", text: said(wordsOf(error)), actions: tryAgain });
  } else if (error instanceof StudioError) {
    const offered = error.actions.filter(
      ({ action, method }) => !LEFT_OUT.has(action) && (action in PAGES || act || method === "GET"),
    );
    notify({
      id,
      tone: "error",
      text: said(wordsOf(error)),
      traceId: error.traceId,
      actions: [
        ...(error.retryable ? tryAgain : []),
        ...offered.map((action) => ({
          label: action.label,
          act: () =>
            action.action in PAGES ? location.assign(PAGES[action.action](action)) : act?.(action),
        })),
      ],
    });
  } else throw error;
}
