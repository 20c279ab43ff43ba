// The menu of a column, opened from its header. It lies above everything, where the table cannot cut
// it off.

import { html, say, useLayoutEffect, useRef } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { arrange, sortBy } from "../commands.js";
import { editFilterOf } from "../filters/filtering.js";
import { panels } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { session } from "../state/session.js";
import { orderWithMoved, view } from "../state/view.js";
import { stepsForColumn } from "../steps/column_steps.js";

/** Move a column before another one, or behind all. @param {string} name @param {string | null} before */
export function moveColumn(name, before) {
  arrange({ order: orderWithMoved(rows.state.columns, view.state.order, name, before) });
}

/** @param {string} name */
export function hideColumn(name) {
  arrange({ hidden: [...view.state.hidden, name] });
}

/** @param {string} name @param {number | null} width null for the one that it has by itself */
export function setWidth(name, width) {
  const { [name]: _, ...others } = view.state.widths;
  arrange({ widths: width === null ? others : { ...others, [name]: width } });
}

/** @returns {(import("../../page/menu.js").Command | null)[]} null between groups of commands */
function commandsFor(column, at, shown, fit) {
  const { name } = column;
  const { sort, frozen, widths } = view.state;
  const now = sort.find((order) => order.column === name);
  const isLast = at === shown.length - 1;
  const sorted = (descending) => sortBy([{ ...now, column: name, descending }]);
  return [
    { label: say("grid.ascending"), icon: "arrow-up", act: () => sorted(false) },
    { label: say("grid.descending"), icon: "arrow-down", act: () => sorted(true) },
    {
      label: say("grid.notSorted"),
      disabled: now === undefined,
      act: () => sortBy(sort.filter((order) => order !== now)),
    },
    null,
    { label: say("grid.filter"), icon: "filter", act: () => editFilterOf(name) },
    { label: say("grid.figures"), icon: "info", act: () => panels.set({ column: name }) },
    null,
    ...(session.state.lookedAt === null ? [...stepsForColumn(column), null] : []),
    frozen === at + 1
      ? { label: say("grid.unfreeze"), icon: "pin-off", act: () => arrange({ frozen: 0 }) }
      : { label: say("grid.freeze"), icon: "pin", act: () => arrange({ frozen: at + 1 }) },
    { label: say("grid.hide"), icon: "eye-off", act: () => hideColumn(name) },
    null,
    {
      label: say("grid.moveLeft"),
      icon: "chevron-left",
      disabled: at === 0,
      act: () => moveColumn(name, shown[at - 1].name),
    },
    {
      label: say("grid.moveRight"),
      icon: "chevron-right",
      disabled: isLast,
      act: () => moveColumn(name, shown[at + 2]?.name ?? null),
    },
    {
      label: say("grid.moveFirst"),
      icon: "arrow-left-to-line",
      disabled: at === 0,
      act: () => moveColumn(name, shown[0].name),
    },
    {
      label: say("grid.moveLast"),
      icon: "arrow-right-to-line",
      disabled: isLast,
      act: () => moveColumn(name, null),
    },
    null,
    { label: say("grid.fit"), act: () => fit(name) },
    {
      label: say("grid.resetWidth"),
      disabled: !Object.hasOwn(widths, name),
      act: () => setWidth(name, null),
    },
  ];
}

/**
 * @param {{
 *   column: { name: string, type: string },
 *   near: { left: number, right: number, bottom: number },
 *   shown: { name: string }[],
 *   fit: (name: string) => void,
 *   onClose: () => void,
 * }} props `near` is where it opens, in the window
 */
export function ColumnMenu({ column, near, shown, fit, onClose }) {
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const at = shown.findIndex(({ name }) => name === column.name);

  useLayoutEffect(() => {
    const element = list.current;
    element.showPopover();
    const { width, height } = element.getBoundingClientRect();
    element.style.left = `${Math.max(4, Math.min(near.left, innerWidth - width - 4))}px`;
    element.style.top = `${Math.max(4, Math.min(near.bottom + 2, innerHeight - height - 4))}px`;
    items(element)[0].focus();
    const close = () => element.hidePopover();
    addEventListener("resize", close); // it stays where it was, and that may be out of sight
    return () => removeEventListener("resize", close);
  }, []);

  const choose = (command) => {
    if (command.disabled) return;
    list.current.hidePopover();
    command.act();
  };
  const onKeyDown = (event) => {
    const all = items(list.current);
    const from = all.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const to = { ArrowDown: from + 1, ArrowUp: from - 1, Home: 0, End: all.length - 1 }[event.key];
    if (to !== undefined) all[(to + all.length) % all.length].focus();
    else if (event.key === "Tab") list.current.hidePopover();
    else return;
    event.preventDefault();
  };

  return html`<ul
    ref=${list}
    class="menu-list column-menu"
    role="menu"
    aria-label=${say("grid.columnMenu", { name: column.name })}
    popover="auto"
    onKeyDown=${onKeyDown}
    onToggle=${(event) => event.newState === "closed" && onClose()}
  >
    ${commandsFor(column, at, shown, fit).map((command) =>
      command === null
        ? html`<li role="separator"></li>`
        : html`<li role="none">
            <button
              type="button"
              role="menuitem"
              tabindex="-1"
              aria-disabled=${command.disabled ? "true" : undefined}
              onClick=${() => choose(command)}
            >
              ${command.icon ? html`<${Icon} name=${command.icon} />` : html`<span class="icon"></span>`}
              ${command.label}
            </button>
          </li>`,
    )}
  </ul>`;
}

/** @returns {HTMLElement[]} */
function items(list) {
  return [...list.querySelectorAll("[role=menuitem]")];
}
