// Values of numbers, dates and times as places on a line, for sliders and histograms.

import { numberOf } from "../../page/exact_numbers.js";

const DAY_MS = 86_400_000;
const MOST_STEPS = 1_000;

/** @param {any} value @param {string} type @returns {number} */
export function placeOf(value, type) {
  if (type === "date") return Date.parse(`${value}T00:00:00Z`) / DAY_MS;
  if (type === "datetime") return Date.parse(hasOffset(value) ? value : `${value}Z`);
  return Number(value);
}

/**
 * Return the value at a place, as the service reads it. Times have no offset, which means UTC.
 *
 * @param {number} place
 * @param {string} type
 */
export function valueAt(place, type) {
  if (type === "date") return new Date(place * DAY_MS).toISOString().slice(0, 10);
  if (type === "datetime") return new Date(place).toISOString().slice(0, 19);
  return type === "integer" ? Math.round(place) : Number(place.toPrecision(12));
}

/**
 * Return how far one step of a slider goes: small enough to reach every part, and a round number.
 *
 * @param {number} low
 * @param {number} high
 * @param {string} type
 */
export function stepBetween(low, high, type) {
  const least = { integer: 1, date: 1, datetime: 1_000 }[type] ?? 0;
  const exact = (high - low) / MOST_STEPS;
  const power = exact > 0 ? 10 ** Math.floor(Math.log10(exact)) : 1;
  const round = power * ([1, 2, 5].find((times) => times * power >= exact) ?? 10);
  return Math.max(least, type === "datetime" ? Math.ceil(exact / 1_000) * 1_000 : round);
}

/** Whether a line can be drawn between them: a double cannot tell large integers apart. */
export function canBePlaced(low, high) {
  return [low, high].every(
    (value) =>
      value !== null &&
      value !== undefined &&
      (typeof value !== "number" || (Number.isFinite(value) && Math.abs(value) < 2 ** 53)) &&
      !(typeof value === "string" && /^-?\d+$/.test(value)),
  );
}

/**
 * Read what a person typed into a number field. An integer that a double cannot hold stays a text,
 * as the service sends it.
 *
 * @param {string} text
 * @param {string} type
 * @returns {number | string | null | undefined} null for nothing, undefined for what is no number
 */
export function numberFrom(text, type) {
  const typed = text.trim().replaceAll("−", "-");
  if (typed === "") return null;
  const number = type === "integer" ? numberOf(typed) : Number(typed);
  return Number.isFinite(Number(number)) ? number : undefined;
}

function hasOffset(value) {
  return /(Z|[+-]\d{2}(:?\d{2})?)$/.test(value.slice(10));
}
