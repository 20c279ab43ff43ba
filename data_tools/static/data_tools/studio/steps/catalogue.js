// The operations of the service, read once.

import { Store } from "../../page/store.js";
import { api } from "../service.js";
import { firstText } from "./names_in_words.js";
import { titleOf } from "./step_sentences.js";
import { COMMON, SYNONYMS } from "./step_synonyms.js";

export const catalogue = new Store({
  operations: /** @type {Map<string, import("./form_fields.js").Declared> | null} */ (null),
  error: /** @type {Error | null} */ (null),
});

let reading = /** @type {Promise<void> | null} */ (null);

/** Read the operations, unless they are known. An error is kept in the store; a next call tries again. */
export function readCatalogue() {
  reading ??= read();
  return reading;
}

async function read() {
  catalogue.set({ error: null });
  try {
    const { operations } = await api.get("operations/");
    catalogue.set({ operations: new Map(operations.map((each) => [each.operation, each])) });
  } catch (error) {
    reading = null;
    catalogue.set({ error: /** @type {Error} */ (error) });
  }
}

/**
 * @param {Map<string, import("./form_fields.js").Declared>} operations
 * @returns {import("./palette_search.js").Entry[]}
 */
export function entriesOf(operations) {
  return [...operations.values()].map(({ operation, title, group, description }) => ({
    id: operation,
    title: titleOf(operation, title),
    group: firstText(`steps.group.${group}`) ?? group ?? "",
    phrases: SYNONYMS[operation] ?? [],
    description,
    rank: COMMON.includes(operation) ? 1 : 0,
  }));
}
