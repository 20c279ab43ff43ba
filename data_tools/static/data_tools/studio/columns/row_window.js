// Drawing only the rows of a long list that are in sight.

import { useCallback, useLayoutEffect, useRef, useState } from "../../page/html.js";

const BEYOND_SIGHT = 8; // rows drawn above and below

/**
 * Return which of `count` rows to draw, each `height` px high, and the props of the element that
 * scrolls. `reveal(row)` scrolls until that row is in sight.
 *
 * @param {number} count
 * @param {number} height
 */
export function useRowWindow(count, height) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  const [range, setRange] = useState({ from: 0, to: 40 });

  const look = useCallback(() => {
    if (element.current === null) return; // a scroll that was told after the list had gone
    const { scrollTop, clientHeight } = element.current;
    const from = Math.max(0, Math.floor(scrollTop / height) - BEYOND_SIGHT);
    const to = Math.ceil((scrollTop + clientHeight) / height) + BEYOND_SIGHT;
    setRange((before) => (before.from === from && before.to === to ? before : { from, to }));
  }, [height]);

  useLayoutEffect(() => {
    look();
    const watch = new ResizeObserver(look);
    watch.observe(element.current);
    return () => watch.disconnect();
  }, [look, count]);

  const reveal = useCallback(
    (row) => {
      const { scrollTop, clientHeight } = element.current;
      if (row * height < scrollTop) element.current.scrollTop = row * height;
      else if ((row + 1) * height > scrollTop + clientHeight) {
        element.current.scrollTop = (row + 1) * height - clientHeight;
      }
      look();
    },
    [height, look],
  );

  const from = Math.min(range.from, Math.max(0, count - 1));
  return {
    from,
    to: Math.min(range.to, count),
    reveal,
    scroller: { ref: element, onScroll: look },
  };
}
