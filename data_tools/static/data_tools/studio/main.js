// Starts the studio on the dataset that the page names.

import { html, render } from "../page/html.js";
import { WaitingForDataset } from "./comfort/waiting_for_dataset.js";
import { after } from "./commands.js";
import { openStudio } from "./opening.js";
import { keepWatch } from "./recovery/keeping_watch.js";
import { connect } from "./service.js";
import { recordView } from "./state/recorded_view.js";
import { session } from "./state/session.js";
import { Studio } from "./studio.js";

const root = document.getElementById("studio");
const { datasetId, datasetName, userName, hasRows } = root.dataset;
session.set({ datasetId, datasetName });
connect(datasetId, userName, after);

async function start() {
  render(html`<${Studio} userName=${userName} />`, root);
  recordView();
  keepWatch(userName);
  await openStudio();
}

if (hasRows === "yes") await start();
else {
  render(
    html`<${WaitingForDataset} datasetId=${datasetId} userName=${userName} onReady=${start} />`,
    root,
  );
}
