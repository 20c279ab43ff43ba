// A histogram with its axis. With `onChoose` it is a list of bars to choose from: one tab stop, arrows,
// Enter.

import { shortNumber } from "../../page/formats.js";
import { html, say, useId, useState } from "../../page/html.js";
import { shownValue } from "../filters/shown_value.js";

const HEIGHT = 72;

/**
 * @param {{
 *   edges: any[],
 *   counts: number[],
 *   max: any,
 *   type: string,
 *   isChosen?: (bucket: number) => boolean,
 *   onChoose?: (bucket: number) => void,
 *   label: string,
 * }} props `max` is where the values end: of whole numbers and days, the last edge lies beyond it
 */
export function Histogram({ edges, counts, max, type, isChosen, onChoose, label }) {
  const [at, setAt] = useState(0);
  const id = useId();
  const most = Math.max(1, ...counts);
  const current = Math.min(at, counts.length - 1);
  const heightOf = (count) => (count === 0 ? 0 : Math.max(1, (count / most) * HEIGHT));
  const choose = (bucket) => {
    setAt(bucket);
    onChoose(bucket);
  };
  const bars = counts.map((count, bucket) => {
    const text = bucketText({ edges, counts, max }, bucket, type);
    return html`<div
      key=${bucket}
      id=${`${id}-${bucket}`}
      class="bar ${isChosen && !isChosen(bucket) ? "outside" : ""} ${onChoose && bucket === current ? "current" : ""}"
      role=${onChoose ? "option" : undefined}
      aria-selected=${onChoose ? String(isChosen?.(bucket) ?? false) : undefined}
      aria-label=${onChoose ? text : undefined}
      title=${text}
      onClick=${onChoose && (() => choose(bucket))}
    >
      <i style=${{ height: `${heightOf(count)}px` }} />
    </div>`;
  });
  const onKeyDown = (event) => {
    const to = {
      ArrowRight: current + 1,
      ArrowLeft: current - 1,
      Home: 0,
      End: counts.length - 1,
    }[event.key];
    if (to !== undefined) setAt(Math.max(0, Math.min(counts.length - 1, to)));
    else if (event.key === "Enter" || event.key === " ") choose(current);
    else return;
    event.preventDefault();
  };
  const box = onChoose
    ? html`<div
        class="bars"
        role="listbox"
        tabindex="0"
        aria-label=${label}
        aria-orientation="horizontal"
        aria-activedescendant=${`${id}-${current}`}
        onKeyDown=${onKeyDown}
      >
        ${bars}
      </div>`
    : html`<div class="bars" aria-hidden="true">${bars}</div>`;
  return html`<div class="histogram">
    ${box}
    <div class="axis" aria-hidden="true">
      <span>${axisValue(edges[0], type)}</span>
      <span>${axisValue(max, type)}</span>
    </div>
  </div>`;
}

/** "60 to below 128: 1,234 rows" */
function bucketText({ edges, counts, max }, bucket, type) {
  const isLast = bucket === counts.length - 1;
  return say(isLast ? "columns.lastBucket" : "columns.bucket", {
    from: shownValue(edges[bucket], type),
    to: shownValue(isLast ? max : edges[bucket + 1], type),
    rows: say("page.rows", { count: counts[bucket] }),
  });
}

function axisValue(value, type) {
  if (type === "date" || type === "datetime") return shownValue(value.slice(0, 10), "date");
  return type === "float" ? shortNumber(value) : shownValue(value, type);
}

/**
 * Return the condition that finds the rows of a bucket, exactly.
 *
 * @param {{ edges: any[], counts: number[], max: any }} histogram with what the last bar ends at
 * @param {number} bucket
 * @param {string} column
 * @returns {import("../state/view.js").Filter}
 */
export function bucketEntry({ edges, counts, max }, bucket, column) {
  const low = edges[bucket];
  if (bucket === counts.length - 1) return { column, op: "between", value: [low, max] };
  return {
    all: [
      { column, op: "gte", value: low },
      { column, op: "lt", value: edges[bucket + 1] },
    ],
  };
}
