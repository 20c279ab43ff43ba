// Formats of dates that are met often, and what each reads.

/** In letters of `strptime`, as the service reads them. */
export const DATE_FORMATS = [
  "%Y-%m-%d",
  "%d.%m.%Y",
  "%d/%m/%Y",
  "%m/%d/%Y",
  "%d-%m-%Y",
  "%Y/%m/%d",
  "%Y%m%d",
  "%d %b %Y",
  "%d-%b-%Y",
  "%B %d %Y",
  "%d.%m.%y",
  "%m/%d/%y",
  "%Y-%m-%d %H:%M:%S",
  "%d.%m.%Y %H:%M",
  "%d/%m/%Y %H:%M",
  "%m/%d/%Y %H:%M",
  "%m/%d/%Y %I:%M %p",
];

/** @type {Record<string, string>} */
const PARTS = {
  d: "31",
  m: "01",
  Y: "2013",
  y: "13",
  b: "Jan",
  B: "January",
  H: "17",
  I: "05",
  p: "PM",
  M: "45",
  S: "09",
  f: "250000",
  z: "+0100",
  "%": "%",
};

/** @param {string} format @returns {string} the 31st of January 2013, at a quarter to six, in it */
export function exampleOf(format) {
  return format.replace(/%(.)/g, (written, letter) => PARTS[letter] ?? written);
}
