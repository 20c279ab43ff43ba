// Another file for a dataset: what that means, before it is chosen.

import { Dialog } from "../page/dialog.js";
import { showFailure } from "../page/failures.js";
import { html, say, useStore } from "../page/html.js";
import { FileButton } from "./file_button.js";
import { openImport } from "./import/importing.js";
import { client } from "./service.js";
import { datasets } from "./state.js";

export function NewFileDialog() {
  const dataset = useStore(datasets, (state) => state.newFileFor);
  if (!dataset) return null;
  const close = () => datasets.set({ newFileFor: null });
  const take = async (files) => {
    close();
    try {
      const { id, name, reading_options } = await client.dataset(dataset.id);
      openImport(files, { id, name }, reading_options);
    } catch (error) {
      showFailure(error);
    }
  };
  const meaning = dataset.revision > 0 ? ["rows", "open", "failure"] : ["first"];
  return html`<${Dialog} title=${say("import.titleFor", { name: dataset.name })} onClose=${close}>
    <ul class="meaning">
      ${meaning.map((each) => html`<li>${say(`newFile.${each}`)}</li>`)}
    </ul>
    <div class="dialog-actions">
      <button type="button" onClick=${close}>${say("page.cancel")}</button>
      <${FileButton} one focused class="primary" label=${say("newFile.choose")} onFiles=${take} />
    </div>
  <//>`;
}
