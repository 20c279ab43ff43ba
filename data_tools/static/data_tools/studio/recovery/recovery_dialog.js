// The question how a session goes on: what comes back, what does not and why, and the choices.

import { Dialog } from "../../page/dialog.js";
import { showFailure } from "../../page/failures.js";
import { dayOf } from "../../page/formats.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { session } from "../state/session.js";
import { hasNewFile, isDamaged, lastReadable } from "./asking.js";
import { downloadRecipe, rowsAddress } from "./downloads.js";
import { differenceOf, stepsOf } from "./what_returns.js";

const MOST_NAMED = 8;

/**
 * @param {{ verdict: any, choose: (option: any) => void }} props `choose` closes the dialog, null is
 *   to decide later
 */
export function RecoveryDialog({ verdict, choose }) {
  const steps = useAnswer(() => stepsOf(verdict));
  const isOnNewFile = hasNewFile(verdict);
  const difference = useAnswer(async () => (isOnNewFile ? differenceOf(verdict) : null));
  const [fits, lost] = isOnNewFile
    ? ["recovery.fitsNew", "recovery.lostNew"]
    : ["recovery.fits", "recovery.lost"];
  return html`<${Dialog}
    title=${titleOf(verdict)}
    isAlert
    class="recovery-dialog"
    onClose=${() => choose(null)}
  >
    <p>${verdict.reasons.map((reason) => reason.sentence).join(" ")}</p>
    ${difference && html`<${Difference} ...${difference} />`}
    ${
      steps &&
      html`<div class="returns">
      <${Named} title=${say(fits, { count: steps.back.length })} names=${steps.back} />
      ${
        steps.lost.length > 0 &&
        html`<${Named} title=${say(lost, { count: steps.lost.length })} names=${steps.lost} />`
      }
    </div>`
    }
    <${Downloads} verdict=${verdict} />
    ${
      isOnNewFile &&
      html`<p class="mute">${say("recovery.keptFor", { day: dayOf(verdict.kept_until) })}</p>`
    }
    <form method="dialog" class="dialog-actions">
      <button data-focus=${verdict.recovery_options.length === 0 || undefined}>
        ${say("recovery.decideLater")}
      </button>
      ${choicesOf(verdict, steps).map(
        ({ option, label, isSafe }) =>
          html`<button
            type="button"
            class=${isSafe ? "primary" : ""}
            data-focus=${isSafe || undefined}
            onClick=${() => choose(option)}
          >
            ${label}
          </button>`,
      )}
    </form>
  <//>`;
}

/** Return the choices, the safe one last, where the eye and the focus are. */
function choicesOf(verdict, steps) {
  const options = verdict.recovery_options;
  const safe =
    options.find(({ strategy }) => hasNewFile(verdict) && strategy === "replay") ?? options[0];
  const choices = options.map((option) => ({
    option,
    label: labelOf(option, verdict, steps),
    isSafe: option === safe,
  }));
  return choices.sort((one, other) => Number(one.isSafe) - Number(other.isSafe));
}

function labelOf({ strategy, operations_back: count }, verdict, steps) {
  const all = count + (steps?.lost.length ?? 0);
  if (strategy === "start_new") {
    if (!verdict.kept_until || hasNewFile(verdict)) return say("recovery.fresh");
    return say("recovery.freshKeep", { day: dayOf(verdict.kept_until) });
  }
  if (hasNewFile(verdict)) {
    if (strategy === "replay") return say("recovery.stay");
    return all > count ? say("recovery.useNewSome", { count, all }) : say("recovery.useNew");
  }
  if (isDamaged(verdict)) {
    return all > count
      ? say("recovery.restoreSome", { count, all })
      : say("recovery.restore", { count });
  }
  return say("recovery.bringBack");
}

function titleOf(verdict) {
  const name = session.state.datasetName;
  const codes = new Set(verdict.reasons.map(({ code }) => code));
  if (isDamaged(verdict)) return say("recovery.damaged");
  if (codes.has("cleared")) return say("recovery.cleared");
  if (codes.has("saved")) return say("recovery.saved");
  if (hasNewFile(verdict)) return say("recovery.newFile", { name });
  if (codes.has("source_deleted")) return say("recovery.deleted", { name });
  if (codes.has("source_failed")) return say("recovery.failed", { name });
  return say("recovery.other");
}

function Named({ title, names }) {
  const more = names.length - MOST_NAMED;
  return html`<section>
    <h3>${title}</h3>
    <ul>
      ${names.slice(0, MOST_NAMED).map((name) => html`<li>${name}</li>`)}
      ${more > 0 && html`<li>${say("recovery.more", { count: more })}</li>`}
      ${names.length === 0 && html`<li>${say("recovery.nothing")}</li>`}
    </ul>
  </section>`;
}

function Difference({ rowsBefore, rowsNow, more, less, retyped }) {
  const lines = [
    rowsBefore !== rowsNow && say("recovery.fileRows", { before: rowsBefore, after: rowsNow }),
    more.length > 0 && say("recovery.fileMore", { names: named(more) }),
    less.length > 0 && say("recovery.fileLess", { names: named(less) }),
    retyped.length > 0 && say("recovery.fileRetyped", { names: named(retyped) }),
  ].filter(Boolean);
  return html`<ul class="difference">
    ${(lines.length > 0 ? lines : [say("recovery.fileValues")]).map((line) => html`<li>${line}</li>`)}
  </ul>`;
}

function named(names) {
  const more = names.length - MOST_NAMED;
  const shown = names.slice(0, MOST_NAMED).join(", ");
  return more > 0 ? `${shown} ${say("recovery.more", { count: more })}` : shown;
}

function Downloads({ verdict }) {
  const of = { sessionId: verdict.session_id, version: lastReadable(verdict) };
  if (!of.sessionId || of.version === 0) return null;
  const recipe = () =>
    downloadRecipe({ ...of, version: isDamaged(verdict) ? of.version : null }).catch(showFailure);
  return html`<p class="downloads">
    ${say("recovery.download")}
    <button type="button" class="link" onClick=${recipe}>${say("recovery.recipe")}</button>
    ${
      of.version !== null &&
      html`<a class="link" href=${rowsAddress(of)} download>${say("recovery.rows")}</a>`
    }
  </p>`;
}

/** What was asked for, null until it is there; without an answer the choices are there all the same. */
function useAnswer(ask) {
  const [answer, setAnswer] = useState(/** @type {any} */ (null));
  useEffect(() => {
    ask().then(setAnswer, () => {});
  }, []);
  return answer;
}
