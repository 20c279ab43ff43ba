// Conditions on texts: contains, starts with, ends with, is, is one of, and their opposites.

import { html, say, useId, useStore } from "../../page/html.js";
import { figures } from "../state/figures.js";
import { TEXT_OPS } from "./drafts.js";
import { AlsoMissing } from "./missing_choice.js";

const CHOICES = TEXT_OPS.flatMap((op) => [
  { textOp: op, isNegated: false, key: `filter.op.${op}` },
  { textOp: op, isNegated: true, key: `filter.op.not.${op}` },
]);

/** @param {{ column: { name: string }, draft: import("./drafts.js").Draft, onChange: (fields: any) => void }} props */
export function TextFields({ column, draft, onChange }) {
  const id = useId();
  const missing = useStore(
    figures,
    (state) => state.byName.get(column.name)?.figures.null_count ?? 0,
  );
  const chosen = CHOICES.findIndex(
    ({ textOp, isNegated }) => textOp === draft.textOp && isNegated === draft.isNegated,
  );
  const isList = draft.textOp === "in";
  const Field = isList ? "textarea" : "input";
  return html`
    <div class="field">
      <label for=${`${id}-op`}>${say("filter.op")}</label>
      <select
        id=${`${id}-op`}
        value=${chosen}
        onChange=${({ target }) => {
          const { textOp, isNegated } = CHOICES[Number(target.value)];
          onChange({ textOp, isNegated });
        }}
      >
        ${CHOICES.map(
          ({ key }, at) => html`<option value=${at}>${say(/** @type {any} */ (key))}</option>`,
        )}
      </select>
    </div>
    <div class="field">
      <label for=${`${id}-text`}>${say(isList ? "filter.texts" : "filter.text")}</label>
      <${Field}
        id=${`${id}-text`}
        data-focus
        rows=${isList ? 6 : undefined}
        autocomplete="off"
        spellcheck=${false}
        value=${draft.text}
        onInput=${({ target }) => onChange({ text: target.value })}
      />
    </div>
    <label class="check">
      <input
        type="checkbox"
        checked=${!draft.ignoresCase}
        onChange=${({ target }) => onChange({ ignoresCase: !target.checked })}
      />
      <span>${say("filter.matchCase")}</span>
    </label>
    ${
      !draft.isNegated &&
      html`<${AlsoMissing} draft=${draft} missing=${missing} onChange=${onChange} />`
    }
  `;
}
