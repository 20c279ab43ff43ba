// The headers of the grid.

import { html, say, useRef } from "../../page/html.js";
import { ColumnHeader } from "./column_header.js";
import { useFocusAsked } from "./grid_row.js";

/**
 * @param {{
 *   drawn: import("./column_layout.js").Drawn[],
 *   focusGiven: { current: number },
 *   onMenu: (at: number) => void,
 * }} props
 */
export function GridHead({ drawn, focusGiven, onMenu }) {
  const element = useRef(/** @type {HTMLElement | null} */ (null));
  useFocusAsked(-1, element, focusGiven);
  return html`<thead>
    <tr ref=${element} aria-rowindex="1">
      <th scope="col" class="number" aria-colindex="1">${say("grid.row")}</th>
      ${drawn.map(({ key, column, at, left }) =>
        column === undefined
          ? html`<td key=${key} class="gap" aria-hidden="true"></td>`
          : html`<${ColumnHeader}
              key=${key}
              column=${column}
              at=${at}
              left=${left}
              onMenu=${onMenu}
            />`,
      )}
    </tr>
  </thead>`;
}
