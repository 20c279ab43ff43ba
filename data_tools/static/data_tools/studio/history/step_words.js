// A step in effect, in words: "Renamed tail_num to tailnum".

export { sentenceOf as wordsOf } from "../steps/step_sentences.js";
