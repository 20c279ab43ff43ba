// The form of a step, beside the rows that it is about.

import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { closeStep, stepForm } from "../state/step_form.js";
import { catalogue, readCatalogue } from "./catalogue.js";
import { StepFormView } from "./step_form_view.js";
import { titleOf } from "./step_sentences.js";

export function StepPanel() {
  const open = useStore(stepForm, (state) => state.open);
  const { operations, error } = useStore(catalogue);
  const panel = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => void readCatalogue(), []);
  useEffect(() => closingByEscape(), []);
  useEffect(() => givingFocusBack(panel), []);

  const declared = operations?.get(open.operation);
  return html`<aside class="side step-panel" ref=${panel} aria-labelledby="step-title">
    <header class="side-top">
      <h2 id="step-title">${titleOf(open.operation, declared?.title)}</h2>
      <button type="button" class="quiet icon-only" aria-label=${say("page.close")} onClick=${closeStep}>
        <${Icon} name="x" />
      </button>
    </header>
    ${declared && html`<${StepFormView} key=${open.opening} open=${open} declared=${declared} />`}
    ${
      error &&
      html`<p role="alert">
      ${say("steps.noCatalogue")}
      <button type="button" class="link" onClick=${readCatalogue}>${say("page.retry")}</button>
    </p>`
    }
  </aside>`;
}

// Panels, and fields in which Escape puts something back.
const NEARER = ".panel, .page-field, [type=search]:not(:placeholder-shown)";

/** Escape closes it wherever focus is, unless the key is meant for something nearer. */
function closingByEscape() {
  const close = (event) => {
    const isTaken =
      event.defaultPrevented ||
      event.target.closest(NEARER) ||
      document.querySelector("dialog, [popover]");
    if (event.key === "Escape" && !isTaken) closeStep();
  };
  document.addEventListener("keydown", close);
  return () => document.removeEventListener("keydown", close);
}

function givingFocusBack(panel) {
  const before = /** @type {HTMLElement | null} */ (document.activeElement);
  const element = panel.current;
  return () => {
    const hasFocus =
      element.contains(document.activeElement) || document.activeElement === document.body;
    if (hasFocus && before?.isConnected) before.focus();
  };
}
