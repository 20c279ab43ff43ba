// Makes the list that the service has written alive.

import { showFailure } from "../page/failures.js";
import { html, render } from "../page/html.js";
import { Page } from "./page.js";
import { client, readDatasets, readQuotas, readSessions } from "./service.js";
import { datasets } from "./state.js";

const root = document.getElementById("datasets");
const { userName } = root.dataset;

async function start() {
  try {
    await Promise.all([readDatasets(true), readSessions(), readQuotas()]);
  } catch (error) {
    showFailure(error, { again: start });
  }
}

// What the service has written stays until there is something to take its place.
await start();
root.replaceChildren();
render(html`<${Page} userName=${userName} />`, root);

// The studio sends people here for another file of a dataset.
const wanted = new URLSearchParams(location.search).get("new_file");
if (wanted) {
  history.replaceState(null, "", "/");
  try {
    datasets.set({ newFileFor: await client.dataset(wanted) });
  } catch (error) {
    showFailure(error);
  }
}
