// The import screen: how a file will be read, and the rows that come of it, before it is loaded.

import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { Fault } from "./fault_view.js";
import { ImportedFiles } from "./imported_files.js";
import { closeImport, importFiles, takeRemedy } from "./importing.js";
import { remedyName } from "./option_words.js";
import { OptionsForm } from "./options_form.js";
import { PreviewTable } from "./preview_table.js";
import { canBeLoaded, changeFile, imports, shownFile } from "./state.js";

export function ImportScreen() {
  const { files, target } = useStore(imports);
  const shown = useStore(imports, shownFile);
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  // Whoever reads by ear is told that this is another screen.
  useEffect(() => heading.current.focus(), []);
  const { preview } = shown;
  return html`<main class="import">
    <header class="import-top">
      <h1 ref=${heading} tabindex="-1">
        ${target ? say("import.titleFor", { name: target.name }) : say("import.title")}
      </h1>
      <div class="import-actions">
        <button type="button" onClick=${closeImport}>${say("page.cancel")}</button>
        <${ImportButton}
          class=${files.length > 1 ? "" : "primary"}
          label=${say(target ? "import.useFile" : files.length > 1 ? "import.shown" : "import.one")}
          files=${[shown]}
        />
        ${
          files.length > 1 &&
          html`<${ImportButton}
          class="primary"
          label=${say("import.all", { count: files.filter(canBeLoaded).length })}
          files=${files.filter(canBeLoaded)}
        />`
        }
      </div>
    </header>
    ${target && html`<p class="import-meaning">${say("import.meaning", { name: target.name })}</p>`}
    ${files.length > 1 && html`<${ImportedFiles} files=${files} shown=${shown} />`}
    <div class="import-main">
      <div class="import-options">
        ${
          !target &&
          html`<label class="field">
          ${say("import.name")}
          <input
            value=${shown.name}
            maxlength="255"
            placeholder=${shown.file.name}
            autocomplete="off"
            onInput=${(event) => changeFile(shown.id, { name: event.target.value })}
          />
        </label>`
        }
        ${
          preview &&
          html`<details open=${matchMedia("(min-width: 801px)").matches}>
          <summary>${say("import.options")}</summary>
          <${OptionsForm} key=${shown.id} file=${shown} />
        </details>`
        }
      </div>
      <div class="import-rows" aria-busy=${shown.isReading}>
        <${Fault} file=${shown} />
        <${Told} file=${shown} />
        ${
          preview
            ? html`<${PreviewTable} file=${shown} />`
            : !shown.error && html`<p class="import-waits mute">${say("import.reading")}</p>`
        }
      </div>
    </div>
  </main>`;
}

/** A file that is refused stays on the screen until it is mended, or taken away. */
function ImportButton({ class: className, label, files }) {
  const isPossible = files.length > 0 && files.every(canBeLoaded);
  return html`<button
    type="button"
    class=${className}
    disabled=${!isPossible}
    onClick=${() => importFiles(files)}
  >
    <${Icon} name="upload" /> ${label}
  </button>`;
}

/** Columns that would be numbers if these were read as another country writes them. */
function Numbers({ file: { options, preview } }) {
  const others = preview.ingest_report.columns?.filter(({ suggested_options: suggested = {} }) =>
    Object.entries(suggested).some(([name, value]) => options[name] !== value),
  );
  if (!others?.length) return null;
  const suggested = JSON.stringify(others[0].suggested_options);
  const names = others
    .filter((each) => JSON.stringify(each.suggested_options) === suggested)
    .map(({ name }) => `“${name}”`);
  return html`<p class="import-numbers">
    ${say("import.numbers", { count: names.length, names: names.join(", ") })}${" "}
    <button type="button" onClick=${() => takeRemedy(others[0].suggested_options)}>
      ${remedyName(others[0].suggested_options)}
    </button>
  </p>`;
}

/** What is said above the rows: how many they are, what changed, and what to look at. */
function Told({ file }) {
  const { preview, changed, isReading } = file;
  if (!preview) return null;
  const { rows, rows_read, is_partial, columns, warnings, error } = preview;
  const isAll = !is_partial && rows.length === rows_read;
  const counts = isAll
    ? say("page.rows", { count: rows_read })
    : say(is_partial ? "import.firstRows" : "import.someRows", {
        shown: rows.length,
        count: rows_read,
      });
  return html`<div class="import-told">
    <p role="status">
      ${
        isReading
          ? say("import.reading")
          : columns.length > 0
            ? `${error ? say("import.asRemedied") : ""} ${counts}, ${say("page.columns", { count: columns.length })}.`
            : ""
      }
      ${
        !isReading &&
        changed.size > 0 &&
        html` <mark>${say("import.changed", { count: changed.size })}</mark>`
      }
    </p>
    <${Numbers} file=${file} />
    ${
      warnings.length > 0 &&
      html`<details class="import-warnings">
      <summary>${say("import.warnings", { count: warnings.length })}</summary>
      <ul>
        ${warnings.map((warning) => html`<li>${warning}</li>`)}
      </ul>
    </details>`
    }
  </div>`;
}
