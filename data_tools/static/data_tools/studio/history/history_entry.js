// One line of the history: a step in words, and what can be done from there.

import { integer, when } from "../../page/formats.js";
import { html, say } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { Menu } from "../../page/menu.js";
import { openDialog } from "../state/panels.js";
import { sentenceOf } from "../steps/step_sentences.js";
import { forkFrom, goOnFrom, lookAtEntry } from "./going_back.js";
import { copyRecipe } from "./recipe_copying.js";

/**
 * @param {{
 *   entry: import("./timeline.js").Entry,
 *   isLookedAt: boolean,
 *   isReached: boolean,
 *   isWaiting: boolean,
 *   onFocus: () => void,
 *   datasetName: string,
 *   startedAt: string | null,
 *   originalRows: number,
 * }} props `isReached`: the Tab key comes to this line
 */
export function HistoryEntry({ entry, isLookedAt, isReached, onFocus, ...shown }) {
  const { kind, number, step, isNow } = entry;
  const words = step ? sentenceOf(step) : shown.datasetName;
  const time = step ? step.applied_at : shown.startedAt;
  const facts = step
    ? [
        say("history.step", { number }),
        kind === "undone" && say("history.undone"),
        cellsOf(step, words),
      ]
    : [say("history.asLoaded", { count: shown.originalRows })];
  const tabIndex = isReached ? 0 : -1;
  return html`<li
    class="history-entry ${kind} ${isLookedAt ? "looked-at" : ""}"
    onFocusIn=${onFocus}
  >
    <button
      type="button"
      class="history-step"
      tabindex=${tabIndex}
      aria-current=${isLookedAt ? "step" : undefined}
      onClick=${() => lookAtEntry(entry)}
    >
      <span class="history-words">${words}</span>
      <span class="history-facts">
        ${isNow && html`<strong class="history-now">${say("history.now")}</strong>`}
        ${facts.filter(Boolean).join(" · ")}
      </span>
      ${time && html`<time class="history-time" datetime=${time}>${when(time)}</time>`}
    </button>
    <${Menu}
      class="history-menu"
      tabIndex=${tabIndex}
      label=${html`<${Icon} name="ellipsis" />`}
      title=${say("history.menuOf", { step: words })}
      commands=${commandsOf(entry, shown.isWaiting)}
    />
  </li>`;
}

/** Say how many cells the step changed, unless its words say it. */
function cellsOf({ cells_changed: count }, words) {
  const isSaid = words.split(/\s/).includes(integer(count));
  return count > 0 && !isSaid && say("history.cells", { count });
}

function commandsOf(entry, isWaiting) {
  const { kind, isNow, isInherited, version } = entry;
  const isUndone = kind === "undone";
  return [
    !isNow && { label: say("history.look"), icon: "eye", act: () => lookAtEntry(entry) },
    !isNow && {
      label: say(isUndone ? "history.redoTo" : "history.goOn"),
      icon: isUndone ? "redo-2" : "rotate-ccw",
      disabled: isWaiting,
      act: () => goOnFrom(entry),
    },
    !isNow &&
      !isInherited && {
        label: say("history.compare"),
        icon: "arrow-up-down",
        act: () => openDialog("compare", { from: version }),
      },
    {
      label: say("history.fork"),
      icon: "git-branch",
      disabled: isWaiting,
      act: () => forkFrom(entry),
    },
    kind !== "file" && {
      label: say("history.copyRecipe"),
      icon: "copy",
      act: () => copyRecipe(entry),
    },
  ].filter(Boolean);
}
