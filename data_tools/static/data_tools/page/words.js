// Texts in the reader's language, with the numbers of the browser's locale.

import { MESSAGES } from "./messages.js";

const LANGUAGE = "en"; // of messages.js
const plural = new Intl.PluralRules(LANGUAGE);
const whole = new Intl.NumberFormat();

/**
 * Return the text of `key`, with `{name}` replaced by `values.name`.
 *
 * Numbers are written as the browser's locale does. A message may have forms: `{one, other}`; then
 * `values.count` chooses.
 *
 * @param {string} key of the messages
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function say(key, values = {}) {
  const message = MESSAGES[key];
  if (message === undefined) throw new Error(`There is no message ${key}.`);
  const form =
    typeof message === "string"
      ? message
      : (message[plural.select(Number(values.count))] ?? message.other);
  return form.replace(/\{(\w+)\}/g, (_, name) => {
    const value = values[name];
    return typeof value === "number" ? whole.format(value) : String(value);
  });
}
