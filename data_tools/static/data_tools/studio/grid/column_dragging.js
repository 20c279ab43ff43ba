// Headers under the pointer: their edges make columns wider, and they are dragged to other places.

import { clampWidth } from "./column_widths.js";

const DRAG_AFTER_PX = 6; // less is a click

/**
 * Follow the pointer until it is let go. Escape puts back what was.
 *
 * @param {PointerEvent} event
 * @param {{ onMove: (dx: number, event: PointerEvent) => void, onEnd: (isDone: boolean) => void }} of
 */
function follow(event, { onMove, onEnd }) {
  const stop = new AbortController();
  const { signal } = stop;
  const end = (isDone) => {
    stop.abort();
    onEnd(isDone);
  };
  const { clientX, pointerId } = event;
  const isSame = (other) => other.pointerId === pointerId;
  addEventListener(
    "pointermove",
    (moved) => isSame(moved) && onMove(moved.clientX - clientX, moved),
    { signal },
  );
  addEventListener("pointerup", (up) => isSame(up) && end(true), { signal });
  addEventListener("pointercancel", (up) => isSame(up) && end(false), { signal });
  addEventListener(
    "keydown",
    (key) => {
      if (key.key !== "Escape") return;
      key.stopPropagation();
      end(false);
    },
    { signal, capture: true },
  );
}

/**
 * Make a column wider or narrower with the pointer. The table follows at once, and the width is
 * kept when the pointer is let go.
 *
 * @param {PointerEvent} event
 * @param {{ table: HTMLElement, col: HTMLElement, width: number, keep: (width: number) => void }} of
 */
export function dragWidth(event, { table, col, width, keep }) {
  event.preventDefault();
  const tableWidth = table.offsetWidth;
  let now = width;
  const show = (next) => {
    now = next;
    col.style.width = `${now}px`;
    table.style.width = `${tableWidth + now - width}px`;
  };
  table.classList.add("resizing");
  follow(event, {
    onMove: (dx) => show(clampWidth(width + dx)),
    onEnd: (isDone) => {
      table.classList.remove("resizing");
      if (!isDone) show(width);
      else if (now !== width) keep(now);
    },
  });
}

/**
 * Drag a header to another place. A line shows where it would go.
 *
 * @param {PointerEvent} event
 * @param {{ header: HTMLElement, place: (name: string, beside: string, isAfter: boolean) => void }} of
 */
export function dragHeader(event, { header, place }) {
  if (event.pointerType === "touch") return; // there, the pointer scrolls; the menu moves columns
  const row = header.parentElement;
  let target = /** @type {{ element: HTMLElement, isAfter: boolean } | null} */ (null);
  let isDragged = false;
  const mark = (next) => {
    target?.element.classList.remove("drop-before", "drop-after");
    target = next;
    target?.element.classList.add(target.isAfter ? "drop-after" : "drop-before");
  };
  follow(event, {
    onMove: (dx, moved) => {
      if (!isDragged && Math.abs(dx) < DRAG_AFTER_PX) return;
      isDragged = true;
      header.classList.add("dragged");
      mark(targetAt(row, moved.clientX));
    },
    onEnd: (isDone) => {
      header.classList.remove("dragged");
      const at = target;
      mark(null);
      if (!isDragged) return;
      swallowNextClick(); // it is the end of the drag, and no click on the header
      if (isDone && at !== null && at.element !== header) {
        place(header.dataset.name, at.element.dataset.name, at.isAfter);
      }
    },
  });
}

function swallowNextClick() {
  const late = new AbortController();
  const swallow = (click) => click.stopPropagation();
  addEventListener("click", swallow, { capture: true, once: true, signal: late.signal });
  setTimeout(() => late.abort(), 0);
}

/** @returns {HTMLElement[]} */
function headersOf(row) {
  return [...row.querySelectorAll("th.column")];
}

function targetAt(row, x) {
  for (const element of headersOf(row).reverse()) {
    const { left, width } = element.getBoundingClientRect();
    if (x >= left) return { element, isAfter: x > left + width / 2 };
  }
  return null;
}
