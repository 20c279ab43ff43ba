// One dataset in the list.

import { integer, when } from "../page/formats.js";
import { html, say } from "../page/html.js";
import { Icon } from "../page/icon.js";
import { Menu } from "../page/menu.js";
import { deleteLater } from "./deleting.js";
import { datasets, isLoading } from "./state.js";

/** @param {{ dataset: import("./state.js").Dataset }} props */
export function DatasetRow({ dataset }) {
  const { id, name, original_filename, revision, row_count, column_count, created_at } = dataset;
  const hasRows = revision > 0;
  const chooseFile = () => datasets.set({ newFileFor: dataset });
  const commands = [
    ...(hasRows ? [{ label: say("datasets.open"), icon: "play", href: `/studio/${id}/` }] : []),
    {
      label: say("datasets.newFile"),
      icon: "file-up",
      act: chooseFile,
      disabled: isLoading(dataset),
    },
    {
      label: say("datasets.rename"),
      icon: "pencil",
      act: () => datasets.set({ renaming: dataset }),
    },
    { label: say("datasets.delete"), icon: "trash-2", act: () => deleteLater(dataset) },
  ];
  return html`<tr>
    <th scope="row">
      ${
        hasRows || isLoading(dataset)
          ? html`<a href="/studio/${id}/">${name}</a>`
          : html`<span>${name}</span>`
      }
      ${
        original_filename &&
        !original_filename.startsWith(`${name}.`) &&
        html` <small class="file-name">${original_filename}</small>`
      }
      <${State} dataset=${dataset} onNewFile=${chooseFile} />
    </th>
    <${Figure} isThere=${hasRows} count=${row_count} words="page.rows" />
    <${Figure} isThere=${hasRows} count=${column_count} words="page.columns" />
    <td class="when"><time datetime=${created_at}>${when(created_at)}</time></td>
    <td class="row-menu">
      <${Menu}
        title=${say("datasets.actionsOf", { name })}
        label=${html`<${Icon} name="ellipsis" />`}
        commands=${commands}
      />
    </td>
  </tr>`;
}

/** A figure below its column's head, or where there is no room for columns, with its word. */
function Figure({ isThere, count, words }) {
  if (!isThere) return html`<td class="number"></td>`;
  return html`<td class="number">
    <span class="in-column">${integer(count)}</span>
    <span class="in-words">${say(words, { count })}</span>
  </td>`;
}

/** How far a file has come, or why it was not loaded. */
function State({ dataset, onNewFile }) {
  const { status, progress, error_reason, reupload_failure, revision } = dataset;
  if (isLoading(dataset)) {
    const text = say(revision > 0 ? "datasets.loadingNewFile" : "datasets.loading", { progress });
    return html`<div class="dataset-state">
      <progress max="100" value=${progress} aria-label=${text}></progress> <small>${text}</small>
    </div>`;
  }
  const [said, reason] =
    status === "ERROR"
      ? [say("datasets.failed"), error_reason]
      : [say("datasets.newFileFailed"), reupload_failure?.reason];
  return (
    reason &&
    html`<div class="dataset-state failed">
      <p><${Icon} name="circle-alert" /> <strong>${said}</strong> ${reason}</p>
      <button type="button" class="link" onClick=${onNewFile}>${say("datasets.uploadAgain")}</button>
    </div>`
  );
}
