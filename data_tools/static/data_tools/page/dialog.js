// A modal dialog: the browser's own, so that focus stays in it, Escape closes it and what is behind
// it cannot be reached.

import { html, useId, useLayoutEffect, useRef } from "./html.js";

/**
 * `onClose` is called when the person closed it in any way, and not when it is taken away. Buttons of a `<form method="dialog">` close it.
 * `isLight`: so does a press beside it; it must have no edge of its own that could be pressed.
 *
 * @param {{
 *   title: string,
 *   onClose: (returnValue: string) => void,
 *   isAlert?: boolean,
 *   isLight?: boolean,
 *   class?: string,
 *   children?: any,
 * }} props
 */
export function Dialog({
  title,
  onClose,
  isAlert = false,
  isLight,
  class: className = "",
  children,
}) {
  const element = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const id = useId();
  // Before the next key is pressed, which is meant for it, however slow the machine is.
  useLayoutEffect(() => {
    const dialog = element.current;
    dialog.showModal();
    // `autofocus` is an attribute of the page's beginning: elements that come later are focused here.
    /** @type {HTMLElement | null} */ (dialog.querySelector("[data-focus]"))?.focus();
    return () => dialog.close();
  }, []);
  return html`<dialog
    ref=${element}
    class="dialog ${className}"
    role=${isAlert ? "alertdialog" : undefined}
    aria-labelledby=${id}
    onClick=${isLight && (({ target }) => target === element.current && target.close())}
    onClose=${(event) => element.current && onClose(event.target.returnValue)}
  >
    <h2 id=${id}>${title}</h2>
    ${children}
  </dialog>`;
}
