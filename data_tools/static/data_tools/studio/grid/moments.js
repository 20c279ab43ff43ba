// Dates and times as a table shows them: as they are written, in no other time zone, in the reader's
// form.

const day = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeZone: "UTC" });
const minutes = new Intl.DateTimeFormat(undefined, { timeStyle: "short", timeZone: "UTC" });
const seconds = new Intl.DateTimeFormat(undefined, { timeStyle: "medium", timeZone: "UTC" });

const DATE = /^(\d{4})-(\d\d)-(\d\d)/;
const TIME = /^[T ](\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?$/;

/**
 * Return a date in ISO 8601, with its time if it has one. A second of zero is left out.
 *
 * @param {string} written
 * @returns {{ text: string, offset?: string }} `offset` from UTC; what is no date is left as it is
 */
export function momentText(written) {
  const date = DATE.exec(written);
  if (date === null) return { text: written };
  const [year, month, dayOfMonth] = date.slice(1).map(Number);
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, dayOfMonth); // unlike Date.UTC, it takes 99 for the year 99
  if (written.length === date[0].length) return { text: day.format(moment) };

  const time = TIME.exec(written.slice(date[0].length));
  if (time === null) return { text: written };
  const [, hour, minute, second = "00", fraction = "", offset] = time;
  moment.setUTCHours(Number(hour), Number(minute), Number(second));
  const isWhole = /^\.?0*$/.test(fraction);
  if (isWhole && second === "00") return { text: together(moment, minutes.format(moment)), offset };
  const shown = seconds.format(moment);
  return { text: together(moment, isWhole ? shown : withFraction(shown, fraction)), offset };
}

function together(moment, time) {
  return `${day.format(moment)}, ${time}`;
}

// The seconds are the last digits of a time, whatever stands behind them.
function withFraction(time, fraction) {
  return time.replace(/\d+(?!.*\d)/, (last) => last + fraction.replace(/0+$/, ""));
}
