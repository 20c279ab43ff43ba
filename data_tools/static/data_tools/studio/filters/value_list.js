// A check-list of a column's values, with a search and with counts that follow the other filters.

import { wordsOf } from "../../page/error_words.js";
import { integer } from "../../page/formats.js";
import { html, say, useId, useRef, useState } from "../../page/html.js";
import { useValues } from "./counting.js";
import { shownValue } from "./shown_value.js";
import { searchValues } from "./value_search.js";

/**
 * @param {{
 *   column: { name: string, type: string },
 *   draft: import("./drafts.js").Draft,
 *   others: import("../state/view.js").Filter[],
 *   onChange: (fields: any) => void,
 *   onApply: (fields: any) => void,
 * }} props
 */
export function ValueList({ column, draft, others, onChange, onApply }) {
  const [search, setSearch] = useState("");
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  const { values, hasMore, isPending, error, known } = useValues(column, search, others);
  const ticked = new Set(draft.values);
  const missing = known?.missing_count ?? 0;

  // What is ticked stays in the list, also where the other filters leave none of it. While nothing
  // is known the list is empty, so that it does not move under whoever goes through it.
  const there = new Set(values.map(({ value }) => value));
  const kept = known === null ? [] : draft.values.filter((value) => !there.has(value));
  const gone = searchValues(
    kept.map((value) => ({ value, count: hasMore ? NaN : 0 })),
    search,
  );
  const shown = [...(search === "" ? gone : []), ...values, ...(search === "" ? [] : gone)];
  const choosable = shown.filter((each) => !each.is_shortened).map(({ value }) => value);

  const tick = (value, isTicked) =>
    onChange({
      values: isTicked ? [...draft.values, value] : draft.values.filter((each) => each !== value),
    });
  const tickAll = () => onChange({ values: [...new Set([...draft.values, ...choosable])] });
  const untickAll = () =>
    onChange({ values: draft.values.filter((value) => !choosable.includes(value)) });
  const invert = () =>
    onChange({
      values: [
        ...draft.values.filter((value) => !choosable.includes(value)),
        ...choosable.filter((value) => !ticked.has(value)),
      ],
    });
  const onKeyDown = (event) => {
    const isInSearch = event.target.type === "search";
    const meansFirst = search !== "" && draft.values.length === 0 && choosable.length > 0;
    if (event.key === "Enter" && isInSearch && meansFirst) {
      event.preventDefault();
      onApply({ values: [choosable[0]] });
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const boxes = [...list.current.querySelectorAll("input")];
      const at = boxes.indexOf(/** @type {any} */ (document.activeElement));
      const to = at + (event.key === "ArrowDown" ? 1 : -1);
      event.preventDefault();
      if (to >= 0) boxes[Math.min(to, boxes.length - 1)]?.focus();
      else if (!isInSearch) event.currentTarget.querySelector("input[type=search]")?.focus();
    }
  };

  return html`<div class="values" onKeyDown=${onKeyDown}>
    <div class="values-top">
      <select
        aria-label=${say("filter.keepOrLeave")}
        value=${String(draft.leavesOut)}
        onChange=${({ target }) => onChange({ leavesOut: target.value === "true" })}
      >
        <option value="false">${say("filter.keep")}</option>
        <option value="true">${say("filter.leaveOut")}</option>
      </select>
      ${
        column.type !== "boolean" &&
        html`<input
        type="search"
        data-testid="value-search"
        data-focus
        autocomplete="off"
        value=${search}
        placeholder=${say("filter.searchValues")}
        aria-label=${say("filter.searchValues")}
        aria-controls=${id}
        onInput=${({ target }) => setSearch(target.value)}
      />`
      }
    </div>
    <div class="values-tools">
      <button type="button" class="link" onClick=${tickAll}>${say("filter.all")}</button>
      <button type="button" class="link" onClick=${untickAll}>${say("filter.none")}</button>
      <button type="button" class="link" onClick=${invert}>${say("filter.invert")}</button>
      ${ticked.size > 0 && html`<small>${say("filter.ticked", { count: ticked.size })}</small>`}
    </div>
    ${error && html`<p class="field-error" role="status">${wordsOf(error)}</p>`}
    <ul id=${id} class="value-rows" ref=${list} aria-busy=${String(isPending)} aria-label=${say("filter.mode.values")}>
      ${
        search === "" &&
        (missing > 0 || draft.withMissing) &&
        html`<${Row}
        key="missing"
        label=${html`<em>${say("grid.missing")}</em>`}
        count=${missing}
        isTicked=${draft.withMissing}
        onTick=${(withMissing) => onChange({ withMissing })}
      />`
      }
      ${shown.map(
        ({ value, count, is_shortened }) =>
          html`<${Row}
            key=${`${typeof value} ${value}`}
            label=${shownValue(value, column.type)}
            count=${count}
            isTicked=${ticked.has(value)}
            isDisabled=${is_shortened}
            onTick=${(isTicked) => tick(value, isTicked)}
          />`,
      )}
    </ul>
    ${!isPending && shown.length === 0 && html`<p class="mute none">${say("filter.noValues")}</p>`}
    ${isPending && shown.length === 0 && html`<p class="mute none">${say("filter.counting")}</p>`}
    ${!isPending && hasMore && html`<p class="mute none">${say("filter.moreValues", { count: values.length })}</p>`}
  </div>`;
}

function Row({ label, count, isTicked, isDisabled = false, onTick }) {
  return html`<li data-testid="value">
    <label class="check" title=${isDisabled ? say("filter.tooLongToTick") : undefined}>
      <input
        type="checkbox"
        checked=${isTicked}
        disabled=${isDisabled}
        onChange=${({ target }) => onTick(target.checked)}
      />
      <span class="value">${label}</span>
      <span class="count">${Number.isNaN(count) ? "" : integer(count)}</span>
    </label>
  </li>`;
}
