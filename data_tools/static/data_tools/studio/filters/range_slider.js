// Two handles on one line. A handle at its end means no bound.

import { html, say } from "../../page/html.js";
import { placeOf, stepBetween, valueAt } from "./places.js";
import { shownValue } from "./shown_value.js";

/**
 * @param {{
 *   type: string,
 *   min: any,
 *   max: any,
 *   draft: import("./drafts.js").Draft,
 *   onChange: (fields: any) => void,
 * }} props
 */
export function RangeSlider({ type, min, max, draft, onChange }) {
  const [from, to] = [placeOf(min, type), placeOf(max, type)];
  const step = stepBetween(from, to, type);
  const base = Math.floor(from / step) * step; // so that the stops are round numbers
  const last = Math.ceil((to - base) / step);
  const stopOf = (value, unbounded) => {
    if (value === null || value === undefined) return unbounded;
    return Math.max(0, Math.min(last, Math.round((placeOf(value, type) - base) / step)));
  };
  const valueOfStop = (stop) => valueAt(base + stop * step, type);
  const [low, high] = [stopOf(draft.low, 0), stopOf(draft.high, last)];

  const moveLow = ({ target }) => {
    const stop = Math.min(Number(target.value), high);
    target.value = String(stop);
    onChange({ low: stop === 0 ? null : valueOfStop(stop) });
  };
  const moveHigh = ({ target }) => {
    const stop = Math.max(Number(target.value), low);
    target.value = String(stop);
    onChange({ high: stop === last ? null : valueOfStop(stop) });
  };
  // The middle of a handle stays half its width away from the ends.
  const share = (stop) =>
    `calc(var(--half-handle) + (100% - 2 * var(--half-handle)) * ${stop / last})`;
  return html`<div class="slider">
    <div class="track" style=${{ left: share(low), right: share(last - high) }} />
    ${[
      ["low", low, moveLow, draft.low ?? min],
      ["high", high, moveHigh, draft.high ?? max],
    ].map(
      ([side, stop, move, value]) =>
        html`<input
          key=${side}
          type="range"
          class=${side === "low" && low > last / 2 ? "above" : ""}
          min="0"
          max=${last}
          step="1"
          value=${stop}
          aria-label=${say(`filter.handle.${side}`)}
          aria-valuetext=${shownValue(value ?? null, type)}
          onInput=${move}
        />`,
    )}
  </div>`;
}
