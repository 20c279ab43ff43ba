// What was done, newest first, down to the file: each step can be looked at and gone back to.

import { html, say, useEffect, useRef, useState, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { Menu } from "../../page/menu.js";
import { openDialog, panels } from "../state/panels.js";
import { saving } from "../state/saving.js";
import { session } from "../state/session.js";
import { HistoryEntry } from "./history_entry.js";
import { copyRecipe, downloadRecipe } from "./recipe_copying.js";
import { lookedAtEntry, timelineOf } from "./timeline.js";

export function History() {
  const state = useStore(session);
  const isWaiting = useStore(saving, ({ waiting }) => waiting.length > 0);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [reached, setReached] = useState(0);
  const entries = timelineOf(state);
  const lookedAt = lookedAtEntry(entries, state);

  // The keyboard comes to what is looked at first, also after a step was added above it.
  useEffect(() => {
    setReached(lookedAt === null ? 0 : entries.indexOf(lookedAt));
  }, [state.lookedAt, state.steps, state.undone]);

  if (state.sessionId === null) return null;
  const move = (event) => {
    if (!event.target.classList.contains("history-step")) return;
    const to = {
      ArrowDown: reached + 1,
      ArrowUp: reached - 1,
      Home: 0,
      End: entries.length - 1,
    }[event.key];
    if (to === undefined || entries[to] === undefined) return;
    event.preventDefault();
    /** @type {HTMLElement} */ (list.current.querySelectorAll(".history-step")[to]).focus();
  };
  return html`<aside class="side history" aria-labelledby="history-title">
    <header class="side-top history-head">
      <h2 id="history-title">${say("history.title")}</h2>
      <${Menu}
        label=${html`<${Icon} name="ellipsis" />`}
        title=${say("history.more")}
        commands=${[
          {
            label: say("history.downloadRecipe"),
            icon: "download",
            disabled: state.steps.length === 0,
            act: downloadRecipe,
          },
          { label: say("history.applyRecipe"), icon: "play", act: () => openDialog("recipe") },
          { label: say("history.earlier"), icon: "clock", act: () => openDialog("earlier") },
          {
            label: say("history.log"),
            icon: "list",
            act: () => openDialog("log", { sessionId: state.sessionId }),
          },
        ]}
      />
      <button
        type="button"
        class="quiet"
        aria-label=${say("history.hide")}
        title=${say("history.hide")}
        onClick=${() => panels.set({ historyOpen: false })}
      >
        <${Icon} name="x" />
      </button>
    </header>
    <ol class="history-list" aria-label=${say("history.list")} ref=${list} onKeyDown=${move}>
      ${entries.map(
        (entry, at) =>
          html`<${HistoryEntry}
            key=${`${entry.version} ${entry.step?.applied_at}`}
            entry=${entry}
            isLookedAt=${entry === lookedAt}
            isReached=${at === Math.min(reached, entries.length - 1)}
            isWaiting=${isWaiting}
            onFocus=${() => setReached(at)}
            datasetName=${state.datasetName}
            startedAt=${state.startedAt}
            originalRows=${state.originalRows}
          />`,
      )}
    </ol>
    ${state.steps.length === 0 && html`<p class="history-empty mute">${say("history.empty")}</p>`}
    <footer class="history-foot">
      <button
        type="button"
        class="link"
        disabled=${state.steps.length === 0}
        onClick=${() => copyRecipe()}
      >
        ${say("history.copyAll")}
      </button>
      <button
        type="button"
        class="link"
        disabled=${entries.length < 2}
        onClick=${() => openDialog("compare", {})}
      >
        ${say("history.compareVersions")}
      </button>
    </footer>
  </aside>`;
}

/** Shows and hides the history. */
export function HistoryToggle() {
  const isOpen = useStore(panels, (state) => state.historyOpen);
  return html`<button
    type="button"
    class="history-toggle"
    aria-expanded=${isOpen}
    title=${say(isOpen ? "history.hide" : "history.show")}
    onClick=${() => panels.set({ historyOpen: !isOpen })}
  >
    <${Icon} name="history" /> <span class="tool-word">${say("history.title")}</span>
  </button>`;
}
