// A button that opens a list of commands below it.

import { html, useId, useLayoutEffect, useRef, useState } from "./html.js";
import { Icon } from "./icon.js";

/**
 * @typedef {object} Command
 * @property {string} label
 * @property {() => unknown} [act]
 * @property {string} [href]
 * @property {keyof typeof import("../vendored/icons.js").ICONS} [icon]
 * @property {boolean} [disabled]
 * @property {boolean} [checked] makes it a command that is on or off
 *
 * @param {{ label: any, title?: string, class?: string, tabIndex?: number, commands: Command[] }} props
 */
export function Menu({ label, title, class: className = "", tabIndex, commands }) {
  const [isOpen, setOpen] = useState(false);
  const root = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();

  // Before the next key is pressed, however slow the machine is.
  useLayoutEffect(() => {
    if (!isOpen) return undefined;
    /** @type {HTMLElement | null} */ (
      root.current.querySelector("[role^=menuitem]:not([aria-disabled=true])")
    )?.focus();
    const closeOutside = (event) => {
      if (!root.current?.contains(event.target)) setOpen(false);
    };
    document.addEventListener("pointerdown", closeOutside);
    return () => document.removeEventListener("pointerdown", closeOutside);
  }, [isOpen]);

  const close = () => {
    setOpen(false);
    root.current.querySelector("button").focus();
  };
  const onKeyDown = (event) => {
    if (!isOpen) return;
    const items = /** @type {HTMLElement[]} */ ([
      ...root.current.querySelectorAll("[role^=menuitem]"),
    ]);
    const at = items.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: items.length - 1 }[event.key];
    if (event.key === "Escape") close();
    else if (event.key === "Tab") setOpen(false);
    else if (to !== undefined) items[(to + items.length) % items.length].focus();
    else return;
    if (event.key !== "Tab") event.preventDefault();
    event.stopPropagation();
  };
  const choose = (command) => {
    if (command.disabled) return;
    close();
    command.act?.();
  };

  return html`<div class="menu ${className}" ref=${root} onKeyDown=${onKeyDown}>
    <button
      type="button"
      tabindex=${tabIndex}
      title=${title}
      aria-label=${title}
      aria-haspopup="menu"
      aria-expanded=${isOpen}
      aria-controls=${isOpen ? id : undefined}
      onClick=${() => setOpen(!isOpen)}
    >
      ${label}
    </button>
    ${
      isOpen &&
      html`<ul id=${id} class="menu-list" role="menu">
      ${commands.map(
        (command) =>
          html`<li role="none">
            <${command.href ? "a" : "button"}
              type=${command.href ? undefined : "button"}
              href=${command.href}
              role=${command.checked === undefined ? "menuitem" : "menuitemcheckbox"}
              aria-checked=${command.checked}
              aria-disabled=${command.disabled ? "true" : undefined}
              tabindex="-1"
              onClick=${() => choose(command)}
            >
              ${command.icon && html`<${Icon} name=${command.icon} />`} ${command.label}
            <//>
          </li>`,
      )}
    </ul>`
    }
  </div>`;
}
