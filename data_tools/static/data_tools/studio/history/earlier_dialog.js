// Sessions on this dataset that were put away: nothing of them is gone until their time is over.

import { Dialog } from "../../page/dialog.js";
import { when } from "../../page/formats.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { lookAt } from "../commands.js";
import { Refusal } from "../refusal.js";
import { api } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { session } from "../state/session.js";
import { sentenceOf } from "../steps/step_sentences.js";
import { bringSessionBack } from "./going_back.js";

export function EarlierDialog() {
  const [sessions, setSessions] = useState(/** @type {any[] | null} */ (null));
  const [error, setError] = useState(null);
  useEffect(() => {
    api
      .get("session/validate/")
      .then((verdict) =>
        setSessions(
          verdict.earlier_sessions.filter((each) => each.session_id !== session.state.sessionId),
        ),
      )
      .catch(setError);
  }, []);
  return html`<${Dialog} title=${say("earlier.title")} class="earlier-dialog" onClose=${closeDialog}>
    <p>${say(sessions?.length === 0 ? "earlier.none" : "earlier.intro")}</p>
    <ul class="earlier-list">
      ${sessions?.map((each) => html`<${Earlier} key=${each.session_id} earlier=${each} />`)}
    </ul>
    <${Refusal} error=${error} />
    <form method="dialog" class="dialog-actions">
      <button class="primary" data-focus>${say("page.close")}</button>
    </form>
  <//>`;
}

function Earlier({ earlier: { session_id: id, status, version, last_activity: time } }) {
  const look = () => {
    closeDialog();
    return lookAt(version, { sessionId: id, time });
  };
  const bringBack = () => {
    closeDialog();
    return bringSessionBack(id);
  };
  const words = say("earlier.lastUsed", { time: when(time) });
  const facts = [say(/** @type {any} */ (`earlier.${status}`)), useWork(id)];
  return html`<li>
    <p>${words} <small>${facts.filter(Boolean).join(" · ")}</small></p>
    <div class="earlier-actions">
      <button type="button" aria-label=${`${say("log.look")}: ${words}`} onClick=${look}>
        ${say("log.look")}
      </button>
      <button
        type="button"
        aria-label=${`${say("earlier.bringBack")}: ${words}`}
        onClick=${bringBack}
      >
        ${say("earlier.bringBack")}
      </button>
    </div>
  </li>`;
}

/** What was done in a session; null until it is known, and where its log can not be read. */
function useWork(sessionId) {
  const [work, setWork] = useState(/** @type {string | null} */ (null));
  useEffect(() => {
    api.get("session/changes/", { session_id: sessionId, from_version: 1 }).then(
      ({ operations: { added } }) => {
        const count = added.length;
        const last = count > 0 ? sentenceOf(added[count - 1]) : "";
        setWork(say(count > 0 ? "earlier.steps" : "earlier.noSteps", { count, last }));
      },
      () => {},
    );
  }, []);
  return work;
}
