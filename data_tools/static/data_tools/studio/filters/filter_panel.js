// Making the filter of one column, from its type and its figures.

import { html, say, useId, useLayoutEffect, useRef, useState, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { TypeMark } from "../columns/type_mark.js";
import { rows } from "../state/rows.js";
import { view } from "../state/view.js";
import { draftOf, emptyDraft, entryOf, modesFor } from "./drafts.js";
import { columnsOf, entryAt, othersThan, withMade } from "./filter_tree.js";
import { applyEntry, closeFilter, editGroup } from "./filtering.js";
import { LiveCount } from "./live_count.js";
import { MissingChoice } from "./missing_choice.js";
import { RangeFields } from "./range_fields.js";
import { sentenceOf, shownColumn } from "./sentences.js";
import { TextFields } from "./text_fields.js";
import { ValueList } from "./value_list.js";

const FIELDS = { values: ValueList, range: RangeFields, text: TextFields, missing: MissingChoice };

/** @param {{ column: { name: string, type: string }, place: import("./filter_tree.js").Path }} props */
export function FilterPanel({ column, place }) {
  const filter = useStore(view, (state) => state.filter);
  const columns = useStore(rows, (state) => state.columns);
  const before = entryAt(filter, place);
  const [draft, setDraft] = useState(() => draftOf(before, column) ?? emptyDraft(column.type));
  const [problem, setProblem] = useState(/** @type {string | null} */ (null));
  const [alternativeTo, setAlternativeTo] = useState(/** @type {number | null} */ (null));
  const form = useRef(/** @type {HTMLFormElement | null} */ (null));
  const id = useId();

  const change = (fields) => setDraft((current) => ({ ...current, ...fields }));
  const names = new Set(columns.map(({ name }) => name));
  const isThere = (entry) => columnsOf(entry).every((name) => names.has(name));
  const others = othersThan(filter, place).filter(
    (_, at) => at !== indexOfOther(place, alternativeTo),
  );
  const entry = problem === null ? entryOf(draft, column) : null;
  const whole = withMade(filter, place, entry, alternativeTo).filter(isThere);

  // As in every panel: what is typed next is meant for it.
  useLayoutEffect(() => {
    const fields = form.current.querySelector(".panel-body");
    const first = fields.querySelector("[data-focus]") ?? fields.querySelector("input, select");
    /** @type {HTMLElement | null} */ (first)?.focus();
  }, [draft.mode]);

  const turnTo = (mode) => {
    setProblem(null);
    change({ mode });
  };
  const leave = () => (place.length === 2 ? editGroup(place[0]) : closeFilter());
  const apply = (made) => {
    applyEntry(place, made, alternativeTo);
    leave();
  };
  const onSubmit = (event) => {
    event.preventDefault();
    if (problem === null) apply(entry);
  };
  const onKeyDown = (event) => {
    const clearsSearch = event.target.type === "search" && event.target.value !== "";
    if (event.key === "Escape" && !clearsSearch) leave();
  };

  const modes = modesFor(column.type);
  const Fields = FIELDS[draft.mode];
  return html`<aside class="side panel" aria-labelledby=${id}>
    <form class="filter-form" ref=${form} onSubmit=${onSubmit} onKeyDown=${onKeyDown}>
      <header class="side-top">
        <h2 id=${id}>
          <span class="mute">${say("filter.open")}</span> <${TypeMark} type=${column.type} />
          <span class="column-text">${shownColumn(column.name)}</span>
        </h2>
        <button type="button" class="quiet" onClick=${leave}>
          <${Icon} name="x" /><span class="visually-hidden">${say("page.close")}</span>
        </button>
      </header>
      ${
        modes.length > 1 &&
        html`<fieldset class="modes">
        <legend class="visually-hidden">${say("filter.by")}</legend>
        ${modes.map(
          (mode) =>
            html`<label>
              <input
                type="radio"
                name=${`${id}-mode`}
                checked=${draft.mode === mode}
                onChange=${() => turnTo(mode)}
              />
              <span>${say(/** @type {any} */ (`filter.mode.${mode}`))}</span>
            </label>`,
        )}
      </fieldset>`
      }
      <div class="panel-body">
        <${Fields}
          column=${column}
          draft=${draft}
          others=${others.filter(isThere)}
          onChange=${change}
          onProblem=${setProblem}
          onApply=${(fields) => apply(entryOf({ ...draft, ...fields }, column))}
        />
      </div>
      <footer class="side-foot filter-foot">
        ${
          place.length === 1 &&
          html`<${Together} filter=${filter} place=${place} chosen=${alternativeTo} onChoose=${setAlternativeTo} />`
        }
        <${LiveCount} filter=${problem === null ? whole : null} problem=${problem} />
        <div class="filter-buttons">
          <button type="submit" class="primary" disabled=${problem !== null}>
            ${say("filter.apply")}
          </button>
          ${
            before !== undefined &&
            html`<button type="button" onClick=${() => apply(null)}>${say("filter.clear")}</button>`
          }
          <button type="button" onClick=${leave}>${say("page.cancel")}</button>
        </div>
      </footer>
    </form>
  </aside>`;
}

/** Whether the rows must satisfy this filter as well as the others, or may satisfy it instead of one. */
function Together({ filter, place, chosen, onChoose }) {
  const typeOf = useTypes();
  const others = filter
    .map((entry, index) => ({ entry, index }))
    .filter(({ index }) => index !== place[0]);
  if (others.length === 0) return null;
  return html`<label class="field together">
    <span>${say("filter.together")}</span>
    <select
      value=${chosen ?? ""}
      onChange=${({ target }) => onChoose(target.value === "" ? null : Number(target.value))}
    >
      <option value="">${say("filter.together.all")}</option>
      ${others.map(
        ({ entry, index }) =>
          html`<option value=${index}>
            ${say("filter.together.or", { sentence: sentenceOf(entry, typeOf) })}
          </option>`,
      )}
    </select>
  </label>`;
}

/** Return a function from a column's name to its type. */
export function useTypes() {
  const columns = useStore(rows, (state) => state.columns);
  return (name) => columns.find((column) => column.name === name)?.type;
}

/**
 * Return the index among the others of the entry at `index` of the filter.
 *
 * @param {import("./filter_tree.js").Path} place that is left out
 * @param {number | null} index
 */
function indexOfOther([own], index) {
  if (index === null) return -1;
  return index > own ? index - 1 : index;
}
