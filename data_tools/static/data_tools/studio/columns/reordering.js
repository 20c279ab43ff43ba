// Dragging a row of the column list to another place.

import { useRef, useState } from "../../page/html.js";

const EDGE = 24; // px from the end of the list, where dragging scrolls it
const SCROLL = 12; // px at once

/**
 * Return where the dragged row would come to stand, and the props of a row's handle.
 *
 * @param {object} options
 * @param {number} options.count of rows
 * @param {number} options.height of a row in px
 * @param {{ current: HTMLElement | null }} options.list the element that scrolls
 * @param {(from: number, to: number) => void} options.onMove
 */
export function useReordering({ count, height, list, onMove }) {
  const [drag, setDrag] = useState(/** @type {{ from: number, to: number } | null} */ (null));
  const current = useRef(drag);
  const show = (next) => {
    current.current = next;
    setDrag(next);
  };

  const follow = (event) => {
    if (current.current === null) return;
    const box = list.current.getBoundingClientRect();
    if (event.clientY < box.top + EDGE) list.current.scrollTop -= SCROLL;
    if (event.clientY > box.bottom - EDGE) list.current.scrollTop += SCROLL;
    const row = Math.floor((event.clientY - box.top + list.current.scrollTop) / height);
    const to = Math.max(0, Math.min(count - 1, row));
    if (to !== current.current.to) show({ ...current.current, to });
  };
  const drop = () => {
    const dropped = current.current;
    show(null);
    if (dropped && dropped.to !== dropped.from) onMove(dropped.from, dropped.to);
  };

  /** @param {number} row */
  const handle = (row) => ({
    onPointerDown: (event) => {
      event.preventDefault();
      event.currentTarget.setPointerCapture(event.pointerId);
      show({ from: row, to: row });
    },
    onPointerMove: follow,
    onPointerUp: drop,
    onPointerCancel: () => show(null),
  });
  return { drag, handle };
}
