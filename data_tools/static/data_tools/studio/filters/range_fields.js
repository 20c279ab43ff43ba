// A range of numbers, dates or times: two handles over the histogram, and fields for exact values.

import { html, say, useEffect, useId, useState } from "../../page/html.js";
import { useFigures } from "../columns/figures_reading.js";
import { Histogram } from "../columns/histogram.js";
import { useBuckets } from "./counting.js";
import { AlsoMissing } from "./missing_choice.js";
import { canBePlaced, numberFrom, placeOf } from "./places.js";
import { RangeSlider } from "./range_slider.js";

/**
 * @param {{
 *   column: { name: string, type: string },
 *   draft: import("./drafts.js").Draft,
 *   others: import("../state/view.js").Filter[],
 *   onChange: (fields: any) => void,
 *   onProblem: (problem: string | null) => void,
 * }} props
 */
export function RangeFields({ column, draft, others, onChange, onProblem }) {
  const { type } = column;
  const measured = useFigures(column);
  const { histogram, within, missing } = useBuckets(column, others);
  const { min = null, max = null } = measured?.figures ?? {};
  const hasLine = canBePlaced(min, max) && placeOf(min, type) < placeOf(max, type);
  const { low, high } = draft;
  const isCrossed = low !== null && high !== null && placeOf(low, type) > placeOf(high, type);
  const isUnreadable = low === undefined || high === undefined;
  useEffect(() => {
    if (isUnreadable) onProblem(say("filter.noNumber"));
    else onProblem(isCrossed ? say("filter.crossed") : null);
  }, [isUnreadable, isCrossed]);

  const isInside = (bucket) => {
    const { edges } = histogram;
    const [from, to] = [placeOf(edges[bucket], type), placeOf(edges[bucket + 1], type)];
    const isLast = bucket === edges.length - 2;
    return (
      (low === null || (isLast ? to >= placeOf(low, type) : to > placeOf(low, type))) &&
      (high === null || from <= placeOf(high, type))
    );
  };
  return html`
    ${
      hasLine &&
      histogram &&
      html`<${Histogram}
      edges=${histogram.edges}
      counts=${within ?? histogram.counts}
      max=${max}
      type=${type}
      isChosen=${isInside}
      label=""
    />`
    }
    ${hasLine && html`<${RangeSlider} type=${type} min=${min} max=${max} draft=${draft} onChange=${onChange} />`}
    <div class="bounds">
      <${Bound}
        side="low"
        ops=${["gte", "gt"]}
        type=${type}
        draft=${draft}
        placeholder=${min}
        onChange=${onChange}
      />
      <${Bound}
        side="high"
        ops=${["lte", "lt"]}
        type=${type}
        draft=${draft}
        placeholder=${max}
        onChange=${onChange}
      />
    </div>
    ${type === "datetime" && html`<p class="mute">${say("filter.utc")}</p>`}
    <${AlsoMissing} draft=${draft} missing=${missing ?? 0} onChange=${onChange} />
  `;
}

/** One end of the range: at least or more than, and the value. */
function Bound({ side, ops, type, draft, placeholder, onChange }) {
  const id = useId();
  const value = draft[side];
  const opField = `${side}Op`;
  const isTime = type === "date" || type === "datetime";
  const [text, setText] = useState(() => textOf(value, type));
  // A slider or a bar may have changed it meanwhile.
  useEffect(() => {
    if (value !== undefined && readText(text, type) !== value) setText(textOf(value, type));
  }, [value]);
  const onInput = ({ target }) => {
    setText(target.value);
    onChange({ [side]: readText(target.value, type) });
  };
  const prefix = isTime ? "filter.bound.time" : "filter.bound";
  return html`<div class="bound ${type}">
    <select
      aria-label=${say(`filter.bound.${side}`)}
      value=${draft[opField]}
      onChange=${({ target }) => onChange({ [opField]: target.value })}
    >
      ${ops.map(
        (op) => html`<option value=${op}>${say(/** @type {any} */ (`${prefix}.${op}`))}</option>`,
      )}
    </select>
    <input
      id=${id}
      aria-label=${say(`filter.value.${side}`)}
      data-focus=${side === "low" ? true : undefined}
      type=${{ date: "date", datetime: "datetime-local" }[type] ?? "text"}
      inputmode=${isTime ? undefined : "decimal"}
      step=${type === "datetime" ? "1" : undefined}
      autocomplete="off"
      aria-invalid=${value === undefined ? "true" : undefined}
      placeholder=${isTime || placeholder === null ? undefined : String(placeholder)}
      value=${text}
      onInput=${onInput}
    />
  </div>`;
}

function textOf(value, type) {
  if (value === null || value === undefined) return "";
  // The browser's field knows no offsets, and milliseconds at most.
  return type === "datetime" ? value.slice(0, 19).replace(" ", "T") : String(value);
}

function readText(text, type) {
  if (type === "date") return text === "" ? null : text;
  if (type === "datetime") return text === "" ? null : text.length === 16 ? `${text}:00` : text;
  return numberFrom(text, type);
}
