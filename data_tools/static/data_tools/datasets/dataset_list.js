// The list of datasets: found by name as one types, newest first.

import { showFailure } from "../page/failures.js";
import { html, say, useStore } from "../page/html.js";
import { Icon } from "../page/icon.js";
import { DatasetRow } from "./dataset_row.js";
import { EmptyList } from "./empty_list.js";
import { FileButton } from "./file_button.js";
import { openImport } from "./import/importing.js";
import { Quotas } from "./quotas.js";
import { RecentSessions } from "./recent_sessions.js";
import { readAllDatasets, readDatasets } from "./service.js";
import { datasets, found, latestOfEach } from "./state.js";

export function DatasetList() {
  const state = useStore(datasets);
  const { list, total, search } = state;
  const shown = found(state);
  const isEmpty = total === 0 && search === "";
  const look = async ({ target }) => {
    datasets.set({ search: target.value });
    await readAllDatasets().catch((error) => showFailure(error));
  };
  return html`<main class="reading datasets">
    <header class="datasets-top">
      <h1>${say("datasets.title")}</h1>
      ${
        !isEmpty &&
        html`<label class="search">
          <${Icon} name="search" />
          <span class="visually-hidden">${say("datasets.search")}</span>
          <input
            type="search"
            placeholder=${say("datasets.search")}
            value=${search}
            autocomplete="off"
            onInput=${look}
          />
        </label>
        <${FileButton} class="primary" label=${say("datasets.upload")} onFiles=${openImport} />`
      }
    </header>
    <${Quotas} />
    <${RecentSessions} />
    ${
      isEmpty
        ? html`<${EmptyList} />`
        : html`<table class="dataset-table">
            <thead>
              <tr>
                <th scope="col">${say("datasets.name")}</th>
                <th scope="col" class="number">${say("datasets.rows")}</th>
                <th scope="col" class="number">${say("datasets.columns")}</th>
                <th scope="col">${say("datasets.added")}</th>
                <th scope="col"><span class="visually-hidden">${say("datasets.actions")}</span></th>
              </tr>
            </thead>
            <tbody>
              ${shown.map((dataset) => html`<${DatasetRow} key=${dataset.id} dataset=${dataset} />`)}
            </tbody>
          </table>
          <p class="mute datasets-count" role="status">
            ${
              search &&
              (shown.length === 0
                ? say("datasets.noneFound", { text: search })
                : say("datasets.found", { count: shown.length }))
            }
          </p>
          ${
            search &&
            shown.length === 0 &&
            html`<button type="button" onClick=${() => datasets.set({ search: "" })}>
            ${say("datasets.clearSearch")}
          </button>`
          }
          ${
            !search &&
            list.length < total &&
            html`<button type="button" onClick=${() => readDatasets().catch(showFailure)}>
            ${say("datasets.more", { count: total - list.length })}
          </button>`
          }
          ${!search && html`<${Hint} />`}`
    }
  </main>`;
}

/** What else can be done here, for those who have not begun yet. */
function Hint() {
  const { list, sessions } = useStore(datasets);
  const flights = list.find(({ name, revision }) => name === "flights" && revision > 0);
  return html`<p class="mute datasets-hint">
    ${say("datasets.dropHint")}${" "}
    ${
      flights &&
      latestOfEach(sessions).length === 0 &&
      html`<a href="/studio/${flights.id}/">${say("datasets.tryFlights")}</a>`
    }
  </p>`;
}
