// What a dataset is made of: its file, its size, how it was read, and what was noticed.

import { valueName } from "../../datasets/import/option_words.js";
import { Dialog } from "../../page/dialog.js";
import { showFailure } from "../../page/failures.js";
import { integer, when } from "../../page/formats.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { client } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { session } from "../state/session.js";

const GUESSES = ["encoding", "delimiter", "header_row", "sheet"];

export function AboutDialog() {
  const [dataset, setDataset] = useState(/** @type {any} */ (null));
  useEffect(() => {
    let isWanted = true;
    client
      .dataset(session.state.datasetId)
      .then(setDataset)
      .catch((error) => {
        if (!isWanted) return;
        closeDialog();
        showFailure(error);
      });
    return () => {
      isWanted = false;
    };
  }, []);
  return (
    dataset &&
    html`<${Dialog} title=${dataset.name} class="about" onClose=${closeDialog}>
      ${dataset.description && html`<p>${dataset.description}</p>`}
      <dl class="facts">
        ${factsOf(dataset).map(
          ([name, value]) =>
            html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
        )}
      </dl>
      <${Columns} report=${dataset.ingest_report} />
      <form method="dialog" class="dialog-actions">
        <a class="button" href="/?new_file=${dataset.id}">${say("datasets.newFile")}</a>
        <button class="primary" data-focus>${say("page.close")}</button>
      </form>
    <//>`
  );
}

function factsOf({
  original_filename,
  row_count,
  column_count,
  created_at,
  revision,
  ingest_report,
}) {
  const { guesses = {} } = ingest_report;
  return [
    [say("about.file"), original_filename],
    [
      say("about.size"),
      `${say("page.rows", { count: row_count })}, ${say("page.columns", { count: column_count })}`,
    ],
    [say("datasets.added"), when(created_at)],
    [say("about.revision"), revision > 1 && integer(revision)],
    ...GUESSES.map((name) => [
      say(`option.${name}`),
      guesses[name] &&
        `${valueName(name, guesses[name].value)} (${say(`certainty.${guesses[name].certainty}`).toLowerCase()})`,
    ]),
  ].filter(([, value]) => value);
}

/** How sure each column's type is, and what became of values that are not stored as written. */
function Columns({ report: { columns = [] } }) {
  const noted = columns.filter(
    ({ certainty, notes, missing_count }) =>
      certainty === "guess" || notes?.length > 0 || missing_count > 0,
  );
  if (noted.length === 0) return null;
  return html`<details class="about-columns">
    <summary>${say("about.columns", { count: noted.length })}</summary>
    <ul>
      ${noted.map(
        ({ name, certainty, why, notes = [], missing_count = 0 }) =>
          html`<li>
            <strong>${name}</strong>${" "}
            ${[
              missing_count > 0 && say("about.missing", { count: missing_count }),
              certainty === "guess" && why,
              ...notes,
            ]
              .filter(Boolean)
              .join(" ")}
          </li>`,
      )}
    </ul>
  </details>`;
}
