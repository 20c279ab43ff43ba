// The sign of a column's type, with its word for those who do not see it.

import { html, say } from "../../page/html.js";
import { Icon } from "../../page/icon.js";

export const TYPE_ICONS = {
  integer: "hash",
  float: "hash",
  text: "type",
  boolean: "toggle-left",
  date: "calendar",
  datetime: "clock",
};

/** @param {{ type: string }} props */
export function TypeMark({ type }) {
  const word = say(/** @type {any} */ (`grid.type.${type}`));
  return html`<span class="type-mark" title=${word}>
    <${Icon} name=${TYPE_ICONS[type]} /><span class="visually-hidden">${word}</span>
  </span>`;
}
