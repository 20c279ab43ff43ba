// The files that are about to be imported: one is looked at, each says how it stands.

import { bytes } from "../../page/formats.js";
import { html, say } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { removeFile } from "./importing.js";
import { imports } from "./state.js";

/** @param {{ files: import("./state.js").ImportedFile[], shown: any }} props */
export function ImportedFiles({ files, shown }) {
  return html`<ul class="import-files">
    ${files.map(
      (each) =>
        html`<li key=${each.id} class=${each.id === shown.id ? "shown" : ""}>
          <button
            type="button"
            class="quiet"
            aria-current=${each.id === shown.id ? "true" : undefined}
            onClick=${() => imports.set({ shown: each.id })}
          >
            <${State} file=${each} />
            ${each.file.name}
            <small>${bytes(each.file.size)}</small>
          </button>
          <button
            type="button"
            class="quiet"
            aria-label=${say("import.remove", { file: each.file.name })}
            onClick=${() => removeFile(each.id)}
          >
            <${Icon} name="x" />
          </button>
        </li>`,
    )}
  </ul>`;
}

function State({ file: { preview, error, isReading } }) {
  const [icon, word] =
    error || preview?.error
      ? ["circle-alert", say("import.state.refused")]
      : isReading || !preview
        ? ["ellipsis", say("import.state.reading")]
        : ["check", say("import.state.ready")];
  return html`<span class="import-state ${icon}">
    <${Icon} name=${icon} /><span class="visually-hidden">${word}</span>
  </span>`;
}
