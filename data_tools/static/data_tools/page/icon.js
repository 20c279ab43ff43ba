// An icon stands beside its word, so that screen readers pass over it.

import { ICONS } from "../vendored/icons.js";
import { h } from "../vendored/preact.js";

/** @param {{ name: keyof typeof ICONS }} props */
export function Icon({ name }) {
  const shapes = ICONS[name].map(([tag, attributes]) => h(tag, attributes));
  return h("svg", { class: "icon", viewBox: "0 0 24 24", "aria-hidden": "true" }, shapes);
}
