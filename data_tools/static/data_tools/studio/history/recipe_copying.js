// The steps as a recipe, to apply to another dataset: copied, or as a file.

import { copyText } from "../../page/clipboard.js";
import { showFailure } from "../../page/failures.js";
import { notify } from "../../page/notices.js";
import { say } from "../../page/words.js";
import { offerJson } from "../saving/file_sinks.js";
import { api } from "../service.js";
import { session } from "../state/session.js";
import { whereIs } from "./going_back.js";

const NOTICE = "recipe";

/** @param {import("./timeline.js").Entry | null} [entry] the last step of the recipe; all without it */
export async function copyRecipe(entry = null) {
  const recipe = await readRecipe(entry);
  if (recipe === null) return;
  try {
    await copyText(JSON.stringify(recipe, null, 2));
    const count = recipe.operations.length;
    notify({ id: NOTICE, tone: "done", text: say("history.recipeCopied", { count }) });
  } catch {
    // Browsers refuse it to pages in the background.
    notify({
      id: NOTICE,
      tone: "warning",
      text: say("history.copyFailed"),
      actions: [{ label: say("history.downloadRecipe"), act: () => offer(recipe) }],
    });
  }
}

export async function downloadRecipe() {
  const recipe = await readRecipe(null);
  if (recipe !== null) offer(recipe);
}

async function readRecipe(entry) {
  try {
    const where = entry && (await whereIs(entry));
    const { recipe } = await api.get("session/recipe/", {
      session_id: where?.sessionId ?? session.state.sessionId,
      at_version: where?.version ?? session.state.version,
    });
    return recipe;
  } catch (error) {
    showFailure(error, { id: NOTICE });
    return null;
  }
}

function offer(recipe) {
  offerJson(recipe, `${session.state.datasetName} recipe.json`);
}
