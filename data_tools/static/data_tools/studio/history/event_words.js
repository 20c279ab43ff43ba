// The events of a session's log in words: a step as the history tells it.

import { session } from "../state/session.js";
import { catalogue } from "../steps/catalogue.js";
import { firstText } from "../steps/names_in_words.js";
import { sentenceOf, titleOf } from "../steps/step_sentences.js";
import { timelineOf } from "./timeline.js";

/**
 * @typedef {{ sequence: number, type: string, sentence: string }} Event
 *
 * @param {Event} event
 * @param {Event[]} known in which the step may be that it undid
 * @returns {string}
 */
export function wordsOfEvent({ sequence, type, sentence }, known) {
  if (type === "operation.applied") return stepAt(sequence) ?? titled(sentence);
  const words = firstText(`log.${type}`);
  if (!type.startsWith("operation.") || words === null) return words ?? sentence;
  const applied = Number(/\d+$/.exec(sentence));
  const event = known.find((each) => each.sequence === applied);
  const step = stepAt(applied) ?? (event && titled(event.sentence));
  return step ? `${words}: ${step}` : words;
}

function stepAt(sequence) {
  const entries = timelineOf(session.state);
  const entry = entries.find((each) => each.version === sequence && !each.isInherited);
  return entry?.step && sentenceOf(entry.step);
}

/** An applied operation by its title, where no more is known of it. */
function titled(sentence) {
  const [, operation, columns] = /^Applied (\w+)(?: on (.*))?$/.exec(sentence) ?? [];
  if (!operation) return sentence;
  const title = titleOf(operation, catalogue.state.operations?.get(operation)?.title);
  return columns ? `${title}: ${columns}` : title;
}
