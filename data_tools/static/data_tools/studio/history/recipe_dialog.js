// Applying a recipe: first it is tried, so that everyone sees what fits and why the rest does not.

import { Dialog } from "../../page/dialog.js";
import { wordsOf } from "../../page/error_words.js";
import { html, say, useState } from "../../page/html.js";
import { notify } from "../../page/notices.js";
import { newOperationId, StudioError } from "../../session_client.js";
import { after } from "../commands.js";
import { Refusal } from "../refusal.js";
import { api } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { session } from "../state/session.js";
import { sentenceOf, titleOf } from "../steps/step_sentences.js";

export function RecipeDialog() {
  const [text, setText] = useState("");
  const [trial, setTrial] = useState(null);
  const [isBusy, setBusy] = useState(false);
  const [problem, setProblem] = useState(/** @type {any} */ (null));

  const busy = async (act) => {
    setBusy(true);
    setProblem(null);
    try {
      await act();
    } catch (error) {
      setProblem(error);
    }
    setBusy(false);
  };
  const check = (event) => {
    event.preventDefault();
    return busy(async () => {
      const recipe = parsed(text);
      const { report } = await send(recipe, { dry_run: true });
      setTrial({ recipe, report });
    });
  };
  const apply = (event) => {
    event.preventDefault();
    return busy(async () => {
      const answer = await send(trial.recipe, {
        client_operation_id: newOperationId(),
        expected_version: session.state.version,
      });
      closeDialog();
      await after(answer);
      const count = answer.applied;
      notify({ id: "recipe", tone: "done", text: say("recipe.applied", { count }) });
    });
  };

  return html`<${Dialog} title=${say("recipe.title")} class="recipe-dialog" onClose=${closeDialog}>
    ${
      trial
        ? html`<${Report}
          trial=${trial}
          isBusy=${isBusy}
          problem=${problem}
          apply=${apply}
          back=${() => setTrial(null)}
        />`
        : html`<${Source}
          text=${text}
          setText=${setText}
          isBusy=${isBusy}
          problem=${problem}
          check=${check}
        />`
    }
  <//>`;
}

function send(recipe, options) {
  const { sessionId } = session.state;
  return api.post("session/apply-recipe/", { recipe, expected_session_id: sessionId, ...options });
}

class NotJson extends Error {}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new NotJson(say("recipe.notJson", { reason: error.message }));
  }
}

function Source({ text, setText, isBusy, problem, check }) {
  const takeFile = async (event) => setText(await event.target.files[0].text());
  return html`<form onSubmit=${check}>
    <p>${say("recipe.intro")}</p>
    <label class="field">
      <span>${say("recipe.text")}</span>
      <textarea
        data-focus
        rows="8"
        spellcheck="false"
        value=${text}
        required
        aria-describedby=${problem ? "recipe-problem" : undefined}
        onInput=${(event) => setText(event.target.value)}
      ></textarea>
    </label>
    <label class="field">
      <span>${say("recipe.file")}</span>
      <input type="file" accept=".json,application/json" onChange=${takeFile} />
    </label>
    <${Refusal} id="recipe-problem" error=${problem} />
    <div class="dialog-actions">
      <button type="button" onClick=${closeDialog}>${say("page.cancel")}</button>
      <button class="primary" disabled=${isBusy || text.trim() === ""}>
        ${say(isBusy ? "recipe.checking" : "recipe.check")}
      </button>
    </div>
  </form>`;
}

// A step that does not fit may have parameters of any shape, which no sentence is made for.
function Report({ trial: { recipe, report }, isBusy, problem, apply, back }) {
  const fits = report.filter((line) => line.fits).length;
  return html`<form onSubmit=${apply}>
    <p role="status">
      ${
        fits === 0 ? say("recipe.nothingFits") : say("recipe.fits", { fits, count: report.length })
      }${" "}
      ${fits > 0 && fits < report.length && say("recipe.leftOut")}
    </p>
    <ol class="recipe-report">
      ${report.map((line) => {
        const step = recipe.operations[line.step - 1];
        return html`<li class=${line.fits ? "fits" : "does-not-fit"}>
            <span>${line.fits ? sentenceOf(step) : titleOf(step.operation)}</span>
            <strong>${say(line.fits ? "recipe.stepFits" : "recipe.stepDoesNot")}</strong>
            <small>${line.fits ? factsOf(line) : wordsOf(new StudioError(line.error, 400))}</small>
          </li>`;
      })}
    </ol>
    <${Refusal} id="recipe-problem" error=${problem} />
    <div class="dialog-actions">
      <button type="button" onClick=${back}>${say("recipe.other")}</button>
      ${
        fits > 0 &&
        html`<button class="primary" disabled=${isBusy}>
        ${say("recipe.apply", { count: fits })}
      </button>`
      }
    </div>
  </form>`;
}

function factsOf({ cells_changed: count }) {
  return count > 0 ? say("history.cells", { count }) : "";
}
