// Why the service refused a step, and what can be done about it at once.

import { exampleOf } from "../../page/date_format_examples.js";
import { html, say } from "../../page/html.js";

/**
 * @param {{
 *   refusal: import("./step_errors.js").Refusal,
 *   onFormat: (format: string) => void,
 *   onMakeMissing: () => void,
 * }} props
 */
export function RefusalView({ refusal, onFormat, onMakeMissing }) {
  const { message, field, formats, mayMakeMissing } = refusal;
  return html`<div class="step-refusal" role="alert">
    <p class=${field ? "visually-hidden" : "field-error"}>${message}</p>
    ${
      formats.length > 0 &&
      html`<p>${say("steps.formatOffers")}</p>
      <ul>
        ${formats.map(
          ({ format, order, fits }) =>
            html`<li key=${format}>
              <button type="button" onClick=${() => onFormat(format)}>
                ${
                  order
                    ? say("steps.useFormat", { example: exampleOf(format), order })
                    : exampleOf(format)
                }
              </button>
              <small>${say("steps.formatFits", { count: fits })}</small>
            </li>`,
        )}
      </ul>`
    }
    ${
      mayMakeMissing &&
      html`<button type="button" onClick=${onMakeMissing}>${say("steps.makeMissing")}</button>`
    }
  </div>`;
}
