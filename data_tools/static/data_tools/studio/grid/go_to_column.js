// A dialog to find a column by a part of its name, and go to it.

import { Dialog } from "../../page/dialog.js";
import { html, say, useId, useState } from "../../page/html.js";
import { goToColumn } from "../commands.js";
import { closeDialog } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { columnsInOrder, view } from "../state/view.js";

const MOST_FOUND = 10;

/** Names that begin with the text come first. @param {string[]} names @param {string} text */
export function namesWith(names, text) {
  const sought = text.trim().toLocaleLowerCase();
  const placeIn = (name) => name.toLocaleLowerCase().indexOf(sought);
  return [
    ...names.filter((name) => placeIn(name) === 0),
    ...names.filter((name) => placeIn(name) > 0),
  ];
}

export function GoToColumn() {
  const [text, setText] = useState("");
  const [chosen, choose] = useState(0);
  const list = useId();
  const names = columnsInOrder(rows.state.columns, view.state.order).map(({ name }) => name);
  const all = namesWith(names, text);
  const found = all.slice(0, MOST_FOUND);

  const go = (name) => {
    closeDialog();
    // The dialog gives the focus back to where it was when it closes.
    if (name !== undefined) setTimeout(() => goToColumn(name), 0);
  };
  const onKeyDown = (event) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by !== undefined) choose((chosen + by + found.length) % Math.max(1, found.length));
    else if (event.key === "Enter") go(found[chosen]);
    else return;
    event.preventDefault();
  };
  return html`<${Dialog} title=${say("goto.title")} class="go-to-column" isLight onClose=${closeDialog}>
    <div>
      <input
        type="text"
        data-focus
        role="combobox"
        aria-label=${say("goto.name")}
        placeholder=${say("goto.name")}
        aria-expanded=${found.length > 0 ? "true" : "false"}
        aria-controls=${list}
        aria-autocomplete="list"
        aria-activedescendant=${found.length > 0 ? `${list}-${chosen}` : undefined}
        autocomplete="off"
        spellcheck=${false}
        onInput=${(event) => {
          setText(event.target.value);
          choose(0);
        }}
        onKeyDown=${onKeyDown}
      />
      <ul id=${list} role="listbox" aria-label=${say("goto.title")}>
        ${found.map(
          (name, at) =>
            html`<li
              id=${`${list}-${at}`}
              key=${name}
              role="option"
              aria-selected=${at === chosen ? "true" : "false"}
              onClick=${() => go(name)}
            >
              ${name}
            </li>`,
        )}
      </ul>
      <p class="mute" role="status">
        ${found.length === 0 && say("goto.none")}
        ${all.length > found.length && say("columns.more", { count: all.length - found.length })}
      </p>
    </div>
  <//>`;
}
