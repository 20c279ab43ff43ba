// What is nearly full, with what takes up the most of it. Nothing is said while there is room.

import { bytes, integer } from "../page/formats.js";
import { html, say, useStore } from "../page/html.js";
import { datasets } from "./state.js";

const NEAR = 0.8;
const NAMED = 3;
const MADE_AGAIN = "lists_bytes"; // the service makes room in it by itself

export function Quotas() {
  const quotas = useStore(datasets, (state) => state.quotas);
  const near = quotas.filter(
    ({ quota, used, limit }) => quota !== MADE_AGAIN && limit > 0 && used / limit >= NEAR,
  );
  return near.map(({ quota, unit, used, limit, largest }) => {
    const amount = unit === "bytes" ? bytes : integer;
    const text = say(`quota.${quota}`, { used: amount(used), limit: amount(limit) });
    const names = largest.slice(0, NAMED).map((each) => `${each.name} (${amount(each.amount)})`);
    return html`<div class="quota" key=${quota}>
      <meter min="0" max=${limit} high=${limit * NEAR} value=${used} aria-label=${text}></meter>
      <p>
        ${text} ${names.length > 0 && html`<span>${say("quota.largest", { names: names.join(", ") })}</span>`}
      </p>
    </div>`;
  });
}
