// The banner after a session came back: from when it is, and what is there again.

import { when } from "../../page/formats.js";
import { html, say } from "../../page/html.js";
import { notify, takeAway } from "../../page/notices.js";
import { panels } from "../state/panels.js";
import { session } from "../state/session.js";
import { view } from "../state/view.js";

export const BACK_AGAIN = "back-again";
const list = new Intl.ListFormat("en", { type: "unit", style: "long" });

const review = { label: say("recovery.review"), act: () => panels.set({ historyOpen: true }) };

/**
 * @param {import("../../recovery.js").Opened} opened
 * @param {string} [knownVersion] is known if this tab was only loaded again
 */
export function tellWhatIsBack({ verdict, chosen, answer }, knownVersion) {
  const isReload = verdict.suggested_action === "continue" && knownVersion !== undefined;
  const parts = whatIsBack(answer);
  const lost = answer.given_up.length;
  if (isReload || chosen?.strategy === "start_new" || parts.length + lost === 0) return;
  const time = when(verdict.last_activity);
  notify({
    id: BACK_AGAIN,
    tone: lost > 0 ? "warning" : "done",
    text: html`<strong>${say("recovery.back", { time })}</strong>${
      parts.length > 0 && `: ${list.format(parts)}`
    }.${lost > 0 && ` ${say("recovery.givenUp", { count: lost })}.`}`,
    actions: answer.operations.length > 0 ? [review] : [],
  });
  const stop = session.watch(({ work, hasEnded }, before) => {
    if (work === before.work && !hasEnded) return;
    takeAway(BACK_AGAIN); // whoever works on, or saves, has seen it
    stop();
  });
}

/** Return what a person would miss: steps, the page, filters and the order. */
function whatIsBack({ operations }) {
  const { pageNumber, filter, sort } = view.state;
  return [
    operations.length > 0 && say("recovery.steps", { count: operations.length }),
    pageNumber > 1 && say("recovery.page", { number: pageNumber }),
    filter.length > 0 && say("recovery.filters"),
    sort.length > 0 && say("recovery.order"),
  ].filter(Boolean);
}
