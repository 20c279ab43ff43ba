// A column's figures in a line of text and a row of bars, as they stand above the column.

import { percent } from "../../page/formats.js";
import { say } from "../../page/words.js";

const MOST_BARS = 10; // of frequent values
const days = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });

/** @param {import("../state/figures.js").Figures} figures @returns {number[]} */
export function barsOf({ histogram, most_frequent }) {
  return histogram ? histogram.counts : most_frequent.slice(0, MOST_BARS).map(({ count }) => count);
}

/**
 * Return the line below the bars: what tells most, and the missing share where there is one.
 *
 * @param {import("../state/figures.js").Figures} figures
 */
export function captionOf(figures) {
  const share = figures.null_percentage / 100;
  const missing = share > 0 ? say("columns.missingShare", { share: percent(share) }) : "";
  if (figures.distinct_count === 0) {
    return missing ? say("columns.allMissing") : valueCount(figures); // no row, so nothing is missing
  }
  switch (figures.type) {
    case "date":
    case "datetime":
      return joined(spanOf(figures), missing);
    case "integer":
    case "float":
      return missing || valueCount(figures);
    case "boolean":
      return joined(truthShare(figures), missing);
    default:
      return joined(valueCount(figures), missing);
  }
}

/** @param {import("../state/figures.js").Figures} figures */
export function valueCount({ distinct_count }) {
  return say("columns.values", { count: distinct_count });
}

function truthShare({ most_frequent }) {
  const all = most_frequent.reduce((sum, { count }) => sum + count, 0);
  const yes = most_frequent.find(({ value }) => value === true)?.count ?? 0;
  return say("columns.trueShare", { share: percent(yes / all) });
}

/** From the first day to the last, as short as the reader's language has it. */
function spanOf({ min, max }) {
  return days.formatRange(new Date(min.slice(0, 10)), new Date(max.slice(0, 10)));
}

function joined(...parts) {
  return parts.filter(Boolean).join(" · ");
}
