// A store holds one plain object, which is replaced and never changed; whoever looks at it is told.

import { useLayoutEffect, useRef, useState } from "../vendored/hooks.js";

/**
 * @template {object} State
 */
export class Store {
  #state;
  #watchers = new Set();

  /** @param {State} state */
  constructor(state) {
    this.#state = state;
  }

  /** @returns {State} */
  get state() {
    return this.#state;
  }

  /**
   * Replace some of the fields. Nobody is told if all of them are what they were.
   *
   * @param {Partial<State>} fields
   */
  set(fields) {
    const before = this.#state;
    if (Object.keys(fields).every((name) => Object.is(before[name], fields[name]))) return;
    this.#state = Object.assign({}, before, fields);
    for (const watcher of [...this.#watchers]) watcher(this.#state, before);
  }

  /**
   * Call `watcher(state, before)` after each change, until the function that is returned is called.
   *
   * @param {(state: State, before: State) => void} watcher
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => this.#watchers.delete(watcher);
  }
}

/**
 * Return what `select` takes from the store, and show the view again when that is another value.
 *
 * `select` must return the same value for the same state: no new list or object.
 *
 * @template {object} State
 * @template Value
 * @param {Store<State>} store
 * @param {(state: State) => Value} [select]
 * @returns {Value}
 */
export function useStore(store, select = (state) => /** @type {any} */ (state)) {
  const [, show] = useState(0);
  const selected = select(store.state);
  // What the view selects by may change with each showing.
  const shown = useRef({ select, selected });
  shown.current = { select, selected };
  useLayoutEffect(() => {
    const look = () => {
      const last = shown.current;
      if (!Object.is(last.select(store.state), last.selected)) show((count) => count + 1);
    };
    look(); // it may have changed between being shown and being watched
    return store.watch(look);
  }, [store]);
  return selected;
}
