// Numbers that people type, with all their digits.

/**
 * Read a number. A whole number that no double holds is the text of its digits, as the service sends
 * it and takes it back.
 *
 * @param {string} text
 * @returns {number | string} NaN if it is no number
 */
export function numberOf(text) {
  const number = Number(text);
  if (Math.abs(number) >= 2 ** 64 || !/^\s*[+-]?\d+\s*$/.test(text)) return number;
  const digits = String(BigInt(text));
  return digits === String(number) ? number : digits;
}
