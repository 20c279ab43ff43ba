// How values are shown to readers: in the browser's locale, or as they are stored if somebody chose
// so. What is stored is never changed by it.

import { preferences } from "./preferences.js";

const wholeNumber = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
// A double has at most 17 significant digits: none of them is left out.
const anyNumber = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 17 });
const roundNumber = new Intl.NumberFormat(undefined, { maximumSignificantDigits: 4 });
const shareOf = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const timeOfDay = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const dayWithYear = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "long" });

/** @param {number | string | bigint} value an integer; beyond 2^53 the text of its digits */
export function integer(value) {
  return wholeNumber.format(typeof value === "string" ? BigInt(value) : value);
}

/** @param {number | string} value with all its digits */
export function exactNumber(value) {
  if (isPlain()) return String(value);
  return typeof value === "string" ? integer(value) : anyNumber.format(value);
}

/** @param {number} value for a figure that is looked at, and not copied */
export function shortNumber(value) {
  return roundNumber.format(value);
}

/** Whether values are to be written as they are stored. */
export function isPlain() {
  return preferences.state.values === "plain";
}

/** @param {string} value a day as it is stored, such as 2013-01-31 */
export function dateText(value) {
  return isPlain() ? value : dayWithYear.format(new Date(`${value}T00:00:00Z`));
}

/** @param {number} share from 0 to 1 */
export function percent(share) {
  return share > 0 && share < 0.001 ? `< ${shareOf.format(0.001)}` : shareOf.format(share);
}

/** @param {string | Date} moment */
export function clockTime(moment) {
  return timeOfDay.format(new Date(moment));
}

/** @param {string | Date} moment the time if it is of today, else the day as well */
export function when(moment) {
  const date = new Date(moment);
  const isToday = date.toDateString() === new Date().toDateString();
  return isToday ? clockTime(date) : `${day.format(date)}, ${clockTime(date)}`;
}

/** @param {string | Date} moment */
export function dayOf(moment) {
  return day.format(new Date(moment));
}

/** @type {[number, string][]} */
const BYTES = [
  [1 << 30, "gigabyte"],
  [1 << 20, "megabyte"],
  [1 << 10, "kilobyte"],
];

/** @param {number} count */
export function bytes(count) {
  const [size, unit] = BYTES.find(([size]) => count >= size) ?? [1, "byte"];
  return new Intl.NumberFormat(undefined, {
    style: "unit",
    unit,
    unitDisplay: unit === "byte" ? "long" : "short",
    maximumFractionDigits: unit === "byte" ? 0 : 1,
  }).format(count / size);
}
