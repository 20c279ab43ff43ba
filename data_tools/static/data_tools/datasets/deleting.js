// Deleting with time to think: the service is asked only when that time is over. If the page is left
// before, nothing is deleted, which is the safe one of the two mistakes.

import { showFailure } from "../page/failures.js";
import { html, say, useEffect, useState } from "../page/html.js";
import { notify, takeAway } from "../page/notices.js";
import { client, readQuotas, readSessions } from "./service.js";
import { datasets } from "./state.js";

const UNDO_SECONDS = 30;

/** @param {{ id: string, name: string }} dataset */
export function deleteLater({ id, name }) {
  datasets.set({ deleting: [...datasets.state.deleting, id] });
  const notice = `delete-${id}`;
  const undo = () =>
    datasets.set({ deleting: datasets.state.deleting.filter((each) => each !== id) });
  const deleteNow = async () => {
    takeAway(notice);
    try {
      await client.deleteDataset(id);
      datasets.set({
        list: datasets.state.list.filter((each) => each.id !== id),
        total: datasets.state.total - 1,
      });
      notify({ id: notice, tone: "done", text: say("datasets.deleted", { name }) });
      await Promise.all([readQuotas(), readSessions()]);
    } catch (error) {
      showFailure(error, { id: notice, again: () => deleteLater({ id, name }) });
    } finally {
      undo();
    }
  };
  notify({
    id: notice,
    tone: "warning",
    text: html`<${CountDown} name=${name} onOver=${deleteNow} />`,
    actions: [{ label: say("studio.undo"), act: undo }],
    stays: true,
  });
}

/** Counts down while the page is seen, and the pointer is not on the notice: reading takes its time. */
function CountDown({ name, onOver }) {
  const [left, setLeft] = useState(UNDO_SECONDS);
  const [element, setElement] = useState(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden && !element?.closest(".notice").matches(":hover"))
        setLeft((before) => before - 1);
    }, 1_000);
    return () => clearInterval(timer);
  }, [element]);
  useEffect(() => {
    // The focus was in the row, which is gone.
    const undo = /** @type {HTMLElement} */ (element?.closest(".notice").querySelector("button"));
    undo?.focus();
  }, [element]);
  useEffect(() => {
    if (left === 0) onOver();
  }, [left]);
  // The seconds are for the eye: a screen reader would read out each of them.
  return html`<span ref=${setElement}>
    ${say("datasets.deleting", { name })}
    <span class="mute" aria-hidden="true"> ${say("datasets.deletingIn", { count: left })}</span>
  </span>`;
}
