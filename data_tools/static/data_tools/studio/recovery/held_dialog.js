// A command that was kept on this device cannot simply be sent: the person decides what becomes of it.

import { Dialog } from "../../page/dialog.js";
import { wordsOf } from "../../page/error_words.js";
import { html, say, useStore } from "../../page/html.js";
import { TraceId } from "../../page/notices.js";
import { queue } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";
import { titleOf, willDo } from "../steps/step_sentences.js";
import { downloadWaiting } from "./downloads.js";

/** @param {{ held: import("../../offline_queue.js").Held }} props */
export function HeldDialog({ held }) {
  const waiting = useStore(saving, (state) => state.waiting);
  const behind = held.error ? waiting.length - 1 : 0;
  const { title, text, choices } = held.error ? ofRefused(held) : ofAnother(held, waiting);
  const decided = (act) => () => {
    closeDialog();
    return act();
  };
  return html`<${Dialog} title=${title} isAlert class="recovery-dialog" onClose=${closeDialog}>
    <p>${text}</p>
    ${behind > 0 && html`<p>${say("held.behind", { count: behind })}</p>`}
    <section>
      <h3>${say("held.waiting")}</h3>
      <ol>
        ${waiting.map((entry) => html`<li key=${entry.id}>${wordsOfEntry(entry)}</li>`)}
      </ol>
    </section>
    <p class="downloads">
      <button type="button" class="link" onClick=${() => downloadWaiting(waiting)}>
        ${say("held.download")}
      </button>
      ${held.error?.traceId && html`<${TraceId} id=${held.error.traceId} />`}
    </p>
    <form method="dialog" class="dialog-actions">
      ${choices.map(
        ({ label, act }) =>
          html`<button type="button" onClick=${decided(act)}>${say(label, { count: waiting.length })}</button>`,
      )}
      <button class="primary" data-focus>${say("held.stopAll", { count: waiting.length })}</button>
    </form>
  <//>`;
}

function ofRefused({ error }) {
  const isConflict = error.code === "SESSION_CONFLICT";
  const again = isConflict
    ? { label: "held.anyway", act: () => queue.goOn({ sessionId: session.state.sessionId }) }
    : { label: "held.again", act: () => queue.goOn() };
  return {
    title: say(isConflict ? "held.conflict" : "held.refused"),
    text: say("held.what", { reason: wordsOf(error) }),
    choices: [again, { label: "held.leaveOut", act: () => queue.leaveOut() }],
  };
}

function ofAnother({ verdict }, waiting) {
  return {
    title: say("held.another"),
    text: say("held.anotherText", { count: waiting.length }),
    choices: [
      { label: "held.leaveOutAll", act: () => queue.leaveOut({ all: true }) },
      { label: "held.apply", act: () => queue.goOn({ sessionId: verdict.session_id }) },
    ],
  };
}

function wordsOfEntry(entry) {
  if (entry.kind !== "operation") return say(`held.${entry.kind}`);
  return willDo(entry.operation, entry.parameters) ?? `${titleOf(entry.operation)}.`;
}
