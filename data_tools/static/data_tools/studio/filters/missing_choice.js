// Only the rows without a value, or only those with one.

import { html, say, useId, useStore } from "../../page/html.js";
import { figures } from "../state/figures.js";

/** @param {{ column: { name: string }, draft: import("./drafts.js").Draft, onChange: (fields: any) => void }} props */
export function MissingChoice({ column, draft, onChange }) {
  const id = useId();
  const measured = useStore(figures, (state) => state.byName.get(column.name)?.figures);
  const choices = [
    [true, "filter.onlyMissing"],
    [false, "filter.onlyPresent"],
  ];
  return html`<div class="radio-list">
    ${choices.map(
      ([isMissing, key]) =>
        html`<label>
          <input
            type="radio"
            name=${id}
            checked=${draft.isMissing === isMissing}
            onChange=${() => onChange({ isMissing })}
          />
          ${say(/** @type {any} */ (key))}
        </label>`,
    )}
    ${measured?.null_count === 0 && html`<p class="mute">${say("filter.noneMissing")}</p>`}
  </div>`;
}

/** A check for the rows without a value, beside a range or a text. */
export function AlsoMissing({ draft, missing, onChange }) {
  if (missing === 0) return null;
  return html`<label class="check">
    <input
      type="checkbox"
      checked=${draft.withMissing}
      onChange=${({ target }) => onChange({ withMissing: target.checked })}
    />
    <span>${say("filter.alsoMissing")}</span>
    ${missing > 0 && html`<span class="count">${missing.toLocaleString()}</span>`}
  </label>`;
}
