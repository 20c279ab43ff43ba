// Another name for a dataset.

import { Dialog } from "../page/dialog.js";
import { wordsOf } from "../page/error_words.js";
import { showFailure } from "../page/failures.js";
import { html, say, useState, useStore } from "../page/html.js";
import { client, readQuotas, readSessions } from "./service.js";
import { datasets, takeDataset } from "./state.js";

const close = () => datasets.set({ renaming: null });

export function RenameDialog() {
  const dataset = useStore(datasets, (state) => state.renaming);
  return dataset && html`<${NameForm} key=${dataset.id} dataset=${dataset} />`;
}

function NameForm({ dataset }) {
  const [name, setName] = useState(dataset.name);
  const [error, setError] = useState(/** @type {any} */ (null));
  const rename = async (event) => {
    event.preventDefault();
    try {
      takeDataset(await client.renameDataset(dataset.id, name));
    } catch (problem) {
      setError(problem);
      return;
    }
    close();
    await Promise.all([readQuotas(), readSessions()]).catch(showFailure); // which name it, too
  };
  return html`<${Dialog} title=${say("rename.title", { name: dataset.name })} onClose=${close}>
    <form onSubmit=${rename}>
      <label class="field">
        ${say("datasets.name")}
        <input
          data-focus
          required
          maxlength="255"
          autocomplete="off"
          value=${name}
          onInput=${({ target }) => setName(target.value)}
        />
      </label>
      ${error && html`<p class="field-error" role="alert">${wordsOf(error)}</p>`}
      <div class="dialog-actions">
        <button type="button" onClick=${close}>${say("page.cancel")}</button>
        <button class="primary">${say("rename.rename")}</button>
      </div>
    </form>
  <//>`;
}
