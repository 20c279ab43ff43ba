// The strip above a column: what it holds at a glance. As high without figures as with them.

import { html, say } from "../../page/html.js";
import { barsOf, captionOf } from "./captions.js";
import { useFigures } from "./figures_reading.js";

const HEIGHT = 20;
const LEAST_HEIGHT = 1; // of a bar that counts anything

/** @param {{ column: { name: string, type: string } }} props */
export function ColumnStrip({ column }) {
  const measured = useFigures(column);
  const caption = measured && captionOf(measured.figures);
  const title = measured?.isOlder ? say("columns.older") : caption;
  return html`<div class="strip ${measured?.isOlder ? "older" : ""}" title=${title}>
    ${measured ? html`<${Bars} counts=${barsOf(measured.figures)} />` : html`<svg class="spark" aria-hidden="true" />`}
    <small>${caption ?? " "}</small>
  </div>`;
}

/** @param {{ counts: number[] }} props */
function Bars({ counts }) {
  const most = Math.max(1, ...counts);
  return html`<svg
    class="spark"
    viewBox="0 0 ${Math.max(1, counts.length) * 4 - 1} ${HEIGHT}"
    preserveAspectRatio="none"
    aria-hidden="true"
  >
    ${counts.map((count, at) => {
      const height = count === 0 ? 0 : Math.max(LEAST_HEIGHT, (count / most) * (HEIGHT - 2));
      return html`<rect x=${at * 4} y=${HEIGHT - height} width="3" height=${height} />`;
    })}
  </svg>`;
}
