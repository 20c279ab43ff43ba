// Why a file cannot be read as it stands: the sentence, the lines it is about, and what mends it.

import { html, say, useEffect, useState } from "../../page/html.js";
import { TraceId } from "../../page/notices.js";
import { StudioError } from "../../session_client.js";
import { faultyLines, lineOf } from "./fault.js";
import { takeRemedy } from "./importing.js";
import { remedyName } from "./option_words.js";
import { previewSoon } from "./previewing.js";

const HEAD_BYTES = 1 << 20;
const MOST_LINES = 5;

/** @param {{ file: import("./state.js").ImportedFile }} props */
export function Fault({ file }) {
  const { preview, error } = file;
  if (error) return html`<${Unanswered} error=${error} id=${file.id} />`;
  if (!preview?.error) return null;
  return html`<div class="fault" role="alert">
    <p><strong>${say("import.refused")}</strong> ${preview.error.reason}</p>
    <${Lines} file=${file} key=${preview.error.reason} />
    ${
      preview.error.remedies.length > 0 &&
      html`<div class="fault-remedies">
      ${preview.error.remedies.map(
        (remedy) =>
          html`<button type="button" onClick=${() => takeRemedy(remedy)}>
            ${remedyName(remedy)}
          </button>`,
      )}
    </div>`
    }
  </div>`;
}

/** The preview itself was refused, or had no answer. */
function Unanswered({ error, id }) {
  const isRefusal = error instanceof StudioError;
  if (!isRefusal && error.name !== "NoAnswer") throw error;
  return html`<div class="fault" role="alert">
    <p>${isRefusal ? error.message : say("page.noAnswer")}</p>
    <div class="fault-remedies">
      <button type="button" onClick=${() => previewSoon(id, { atOnce: true })}>
        ${say("page.retry")}
      </button>
      ${isRefusal && error.traceId && html`<${TraceId} id=${error.traceId} />`}
    </div>
  </div>`;
}

/** The lines of the file that the error names, taken from the file itself if the service gave none. */
function Lines({ file }) {
  const lines = faultyLines(file.preview.error).slice(0, MOST_LINES);
  const [head, setHead] = useState(/** @type {ArrayBuffer | null} */ (null));
  useEffect(() => {
    if (lines.length > 0) file.file.slice(0, HEAD_BYTES).arrayBuffer().then(setHead);
  }, [file.file]);
  if (lines.length === 0) return null;
  const encoding = file.options.encoding ?? file.preview.guesses.encoding?.value;
  return html`<ol class="fault-lines">
    ${lines.map(({ line, text }) => {
      const shown = text ?? (head ? lineOf(head, line, encoding) : undefined);
      return (
        shown !== undefined &&
        html`<li value=${line} key=${line}>
          <span class="mute">${say("import.line", { line })}</span> <code>${shown}</code>
        </li>`
      );
    })}
  </ol>`;
}
