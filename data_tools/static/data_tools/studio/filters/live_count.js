// How many rows the filter that is being made would find.

import { wordsOf } from "../../page/error_words.js";
import { html, say, useRef } from "../../page/html.js";
import { useCount } from "./counting.js";
import { closeFilter, keepOnlyTheseRows } from "./filtering.js";

const LONGEST_IN_ADDRESS = 6_000; // percent-encoded characters; the service reads 8,190 in all

/**
 * @param {{ filter: import("../state/view.js").Filter[] | null, problem: string | null }} props without
 *   a filter the problem is told
 */
export function LiveCount({ filter, problem }) {
  const isTooLong =
    filter !== null && encodeURIComponent(JSON.stringify(filter)).length > LONGEST_IN_ADDRESS;
  const { count, total, error } = useCount(isTooLong ? null : filter);
  const last = useRef(/** @type {number | null} */ (null));
  if (count !== null) last.current = count;

  if (problem !== null) return html`<p class="field-error" role="status">${problem}</p>`;
  if (isTooLong) {
    return html`<p class="field-error" role="status">
      ${say("filter.tooLong")}
      <button
        type="button"
        class="link"
        onClick=${() => {
          keepOnlyTheseRows(filter);
          closeFilter();
        }}
      >
        ${say("filter.keepOnly")}
      </button>
    </p>`;
  }
  if (error) {
    return html`<p class="field-error" role="status">${wordsOf(error)}</p>`;
  }
  if (last.current === null)
    return html`<p class="mute" role="status">${say("filter.counting")}</p>`;
  return html`<p class="live-count ${count === null ? "older" : ""}" role="status">
    ${say("filter.count", { count: last.current, total })}
  </p>`;
}
