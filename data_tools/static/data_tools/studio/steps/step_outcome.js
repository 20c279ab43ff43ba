// The line that says what the last step did, with Undo in it.

import { exactNumber } from "../../page/formats.js";
import { html, say, useEffect, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { undo } from "../commands.js";
import { outcome } from "../state/outcome.js";
import { rows } from "../state/rows.js";
import { isNow, session } from "../state/session.js";
import { columnsInWords, valueInWords } from "./names_in_words.js";
import { clearTints, forgetOutcome } from "./showing_outcome.js";
import { sentenceOf } from "./step_sentences.js";

export function StepOutcome() {
  const last = useStore(outcome, (state) => state.last);
  const changed = useStore(rows, (state) => state.changed);
  const { version, canUndo, lookedAt, hasEnded } = useStore(session);
  useEffect(() => {
    if (changed.size === 0) return undefined;
    document.addEventListener("click", clearTints);
    return () => document.removeEventListener("click", clearTints);
  }, [changed]);
  const isLast = last !== null && last.version === version && isNow({ lookedAt, hasEnded });

  return html`<div role="status" class="outcome-place">
    ${
      isLast &&
      html`<div class="outcome">
      <${Icon} name="circle-check" />
      <p><strong>${sentenceOfOutcome(last)}</strong>${factsOf(last).map((fact) => ` · ${fact}`)}</p>
      <div class="notice-actions">
        ${
          canUndo &&
          html`<button type="button" class="link" onClick=${undo}>${say("studio.undo")}</button>`
        }
        <button
          type="button"
          class="quiet icon-only"
          aria-label=${say("page.dismiss")}
          onClick=${forgetOutcome}
        >
          <${Icon} name="x" />
        </button>
      </div>
    </div>`
    }
  </div>`;
}

function sentenceOfOutcome({ operation, parameters, cellsChanged, filledWith }) {
  const sentence = sentenceOf({ operation, parameters, cells_changed: cellsChanged });
  const isLearned = ["mean", "median", "mode"].includes(
    parameters.strategy ?? learnedBy(operation),
  );
  const isOne = parameters.columns?.length === 1;
  return isLearned && isOne && filledWith !== null
    ? `${sentence}, ${learnedValue(filledWith)}`
    : sentence;
}

function learnedBy(operation) {
  return operation.startsWith("missing_data_imputation_") ? operation.split("_").at(-1) : "";
}

function learnedValue(value) {
  return typeof value === "number" ? exactNumber(value) : valueInWords(value);
}

/** @param {import("../state/outcome.js").Outcome} outcome @returns {string[]} */
function factsOf({ operation, parameters, newColumns, changedNothing, ...counts }) {
  const { cellsChanged, rowsRemoved, rowsLeft } = counts;
  const facts = changedNothing ? [say("steps.nothingChanged")] : [];
  if (cellsChanged > 0 && !countsCells(operation)) {
    facts.push(say("steps.cellsChanged", { count: cellsChanged }));
  }
  if (rowsRemoved > 0) {
    facts.push(say("steps.rowsRemoved", { count: rowsRemoved }));
    facts.push(say("steps.rowsLeft", { count: rowsLeft }));
  }
  const added = newColumns.filter((name) => name !== parameters.new_name);
  if (added.length > 0) {
    facts.push(say("steps.columnsAdded", { columns: columnsInWords(added) }));
  }
  return facts;
}

/** Whether the sentence of an operation has the count of cells in it. */
function countsCells(operation) {
  return operation === "fill_missing_values" || operation.startsWith("missing_data_imputation_");
}
