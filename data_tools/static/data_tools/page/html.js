// What every view is made of: elements, hooks, stores and texts. `html` makes Preact's elements from a
// template, and escapes what is put into it.

import htm from "../vendored/htm.js";
import { h } from "../vendored/preact.js";

export {
  useCallback,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "../vendored/hooks.js";
export { Fragment, render } from "../vendored/preact.js";
export { useStore } from "./store.js";
export { say } from "./words.js";

export const html = htm.bind(h);
