// What is shown of a dataset that has no rows yet: how far it is, or why it could not be loaded.

import { wordsOf } from "../../page/error_words.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { UserMenu } from "../../page/user_menu.js";
import { NoAnswer } from "../../session_client.js";
import { client } from "../service.js";

const LOOK_AGAIN_MS = 500;

/** @param {{ datasetId: string, userName: string, onReady: () => void }} props */
export function WaitingForDataset({ datasetId, userName, onReady }) {
  const [dataset, setDataset] = useState(/** @type {any} */ (null));
  const [problem, setProblem] = useState(/** @type {Error | null} */ (null));
  useEffect(() => {
    let timer;
    const look = async () => {
      try {
        const found = await client.dataset(datasetId);
        setProblem(null);
        setDataset(found);
        if (found.revision > 0) onReady();
        else if (found.status !== "ERROR") timer = setTimeout(look, LOOK_AGAIN_MS);
      } catch (error) {
        setProblem(error);
        if (error instanceof NoAnswer) timer = setTimeout(look, LOOK_AGAIN_MS);
      }
    };
    look();
    return () => clearTimeout(timer);
  }, [datasetId]);
  return html`<header class="top">
      <a class="home" href="/">HydroML</a>
      <div class="top-end"><${UserMenu} name=${userName} /></div>
    </header>
    <main class="waiting">
    ${
      problem
        ? html`<p role="alert">
          ${wordsOf(problem)}
        </p>`
        : dataset?.status === "ERROR"
          ? html`<${Failed} dataset=${dataset} />`
          : dataset && html`<${Loading} dataset=${dataset} />`
    }
  </main>`;
}

function Loading({ dataset: { name, progress } }) {
  return html`<h1>${say("waiting.loading", { name })}</h1>
    <progress max="100" value=${progress} aria-label=${say("waiting.loading", { name })}></progress>
    <p class="mute">${say("waiting.opens", { progress })}</p>`;
}

function Failed({ dataset: { id, name, error_reason } }) {
  return html`<h1>${say("waiting.failed", { name })}</h1>
    <p role="alert">${error_reason}</p>
    <p class="waiting-actions">
      <a class="button primary" href="/?new_file=${id}">${say("datasets.uploadAgain")}</a>
      <a class="button" href="/">${say("dataset.all")}</a>
    </p>`;
}
