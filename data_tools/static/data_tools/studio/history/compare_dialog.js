// What changed between two versions: steps, and columns. No rows are read for it.

import { Dialog } from "../../page/dialog.js";
import { showFailure } from "../../page/failures.js";
import { html, say, useEffect, useId, useMemo, useState, useStore } from "../../page/html.js";
import { api } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { session } from "../state/session.js";
import { sentenceOf } from "../steps/step_sentences.js";
import { FIRST_VERSION, timelineOf } from "./timeline.js";

/** @param {{ from?: number }} props the version to compare with now; the file without it */
export function CompareDialog({ from: given = FIRST_VERSION }) {
  const state = useStore(session);
  const versions = useMemo(() => choices(state), [state]);
  const [from, setFrom] = useState(given);
  const [to, setTo] = useState(versions.find((choice) => choice.isNow).version);
  const [changes, setChanges] = useState(null);

  useEffect(() => {
    let isWanted = true;
    api
      .get("session/changes/", { session_id: state.sessionId, from_version: from, to_version: to })
      .then((answer) => isWanted && setChanges(answer))
      .catch((error) => {
        if (!isWanted) return;
        closeDialog();
        showFailure(error);
      });
    return () => {
      isWanted = false;
    };
  }, [from, to]);

  return html`<${Dialog}
    title=${say("compare.title")}
    class="compare-dialog"
    onClose=${closeDialog}
  >
    <div class="compare-versions">
      <${Version} label=${say("columns.from")} value=${from} choices=${versions} choose=${setFrom} />
      <${Version} label=${say("columns.to")} value=${to} choices=${versions} choose=${setTo} />
    </div>
    <div class="compare-changes" aria-live="polite">
      ${changes && html`<${Changes} changes=${changes} />`}
    </div>
    <form method="dialog" class="dialog-actions">
      <button class="primary" data-focus>${say("page.close")}</button>
    </form>
  <//>`;
}

/** A fork's first versions are those of another session, and can not be compared with this one's. */
function choices(state) {
  return timelineOf(state)
    .filter((entry) => !entry.isInherited || entry.isNow)
    .map((entry) => ({
      version: entry.isNow ? state.version : entry.version,
      isNow: entry.isNow,
      label: labelOf(entry, state.datasetName),
    }));
}

function labelOf({ kind, number, step, isNow }, datasetName) {
  const words =
    kind === "file"
      ? `${datasetName}, ${say("history.asLoadedFacts")}`
      : `${say("history.step", { number })}: ${sentenceOf(step)}`;
  if (isNow) return `${say("history.now")} · ${words}`;
  return kind === "undone" ? `${say("history.undone")} · ${words}` : words;
}

function Version({ label, value, choices, choose }) {
  const id = useId();
  return html`<div class="compare-version">
    <label for=${id}>${label}</label>
    <select id=${id} onChange=${(event) => choose(Number(event.target.value))}>
      ${choices.map(
        (choice) =>
          html`<option value=${choice.version} selected=${choice.version === value}>
            ${choice.label}
          </option>`,
      )}
    </select>
  </div>`;
}

function Changes({ changes: { operations, columns } }) {
  const lists = [
    ["compare.added", operations.added.map(sentenceOf)],
    ["compare.takenBack", operations.taken_back.map(sentenceOf)],
    ["compare.restored", operations.restored.map(sentenceOf)],
    ["compare.columnsAdded", columns.added.map(({ name }) => name)],
    ["compare.columnsDropped", columns.dropped.map(({ name }) => name)],
    ["compare.columnsRenamed", columns.renamed.map((pair) => say("compare.change", pair))],
    ["compare.columnsRetyped", columns.retyped.map((pair) => say("compare.retyped", pair))],
  ].filter(([, items]) => items.length > 0);
  if (lists.length === 0) return html`<p>${say("compare.same")}</p>`;
  return lists.map(
    ([title, items]) =>
      html`<section>
        <h3>${say(title)}</h3>
        <ul>
          ${items.map((item) => html`<li>${item}</li>`)}
        </ul>
      </section>`,
  );
}
