// Finding values that are known already, in the order in which the service answers them.

/**
 * @param {{ value: any, count: number }[]} values
 * @param {string} text
 */
export function searchValues(values, text) {
  if (text === "") return values;
  const sought = text.toLowerCase();
  const found = values
    .map((each) => ({ each, at: String(each.value).toLowerCase().indexOf(sought) }))
    .filter(({ at }) => at !== -1);
  const begins = found.filter(({ at }) => at === 0);
  const contains = found.filter(({ at }) => at > 0);
  return [...begins, ...contains].map(({ each }) => each);
}
