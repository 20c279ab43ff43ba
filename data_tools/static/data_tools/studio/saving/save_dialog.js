// Saving the session as a dataset of its own.

import { Dialog } from "../../page/dialog.js";
import { html, say, useRef, useState, useStore } from "../../page/html.js";
import { newOperationId } from "../../session_client.js";
import { Refusal } from "../refusal.js";
import { closeDialog } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { view } from "../state/view.js";
import { saveAs } from "./save_progress.js";

const MOST_NAME_CHARACTERS = 255;

export function SaveDialog() {
  const datasetName = useStore(session, (state) => state.datasetName);
  const isFiltered = useStore(view, ({ filter }) => filter.length > 0);
  const count = useStore(rows, ({ totalRows }) => totalRows);
  const [name, setName] = useState(() => say("save.suggestedName", { name: datasetName }));
  const [description, setDescription] = useState("");
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(null);
  // The same id for a second try: the first one may have taken effect without an answer.
  const attempt = useRef({ id: newOperationId(), of: "" });

  const save = async (event) => {
    event.preventDefault();
    const what = { name: name.trim(), description };
    const written = JSON.stringify(what);
    if (attempt.current.of !== written) attempt.current = { id: newOperationId(), of: written };
    setBusy(true);
    setProblem(null);
    try {
      await saveAs(what, attempt.current.id);
      closeDialog();
    } catch (error) {
      setProblem(error);
      setBusy(false);
    }
  };

  return html`<${Dialog} title=${say("save.title")} onClose=${closeDialog}>
    <form onSubmit=${save}>
      <p>${say("save.intro", { count, name: datasetName })} ${say("save.ends")}</p>
      ${isFiltered && html`<p class="save-filtered">${say("save.filtered")}</p>`}
      <label class="field">
        <span>${say("datasets.name")}</span>
        <input
          data-focus
          required
          pattern=".*\\S.*"
          title=${say("save.noName")}
          maxlength=${MOST_NAME_CHARACTERS}
          value=${name}
          onInput=${(event) => setName(event.target.value)}
          onFocus=${(event) => event.target.select()}
        />
      </label>
      <label class="field">
        <span>${say("save.description")}</span>
        <textarea
          rows="2"
          maxlength="10000"
          value=${description}
          onInput=${(event) => setDescription(event.target.value)}
        ></textarea>
      </label>
      <${Refusal} error=${problem} />
      <div class="dialog-actions">
        <button type="button" onClick=${closeDialog}>${say("page.cancel")}</button>
        <button class="primary" disabled=${isBusy}>
          ${say(isBusy ? "saving.saving" : "save.save")}
        </button>
      </div>
    </form>
  <//>`;
}
