// The palette: type what you want to do, choose it with the arrows and Enter.

import { Dialog } from "../../page/dialog.js";
import { html, say, useEffect, useId, useRef, useState, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { closeDialog } from "../state/panels.js";
import { catalogue, readCatalogue } from "./catalogue.js";
import { paletteGroups } from "./palette_entries.js";

const NONE = new Map();

export function CommandPalette() {
  return html`<${Dialog} title=${say("steps.palette")} class="palette" isLight onClose=${closeDialog}>
    <${Palette} />
  <//>`;
}

function Palette() {
  const { operations, error } = useStore(catalogue);
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const id = useId();
  useEffect(() => void readCatalogue(), []);

  const groups = operations || error ? paletteGroups(operations ?? NONE, query) : [];
  const choices = groups.flatMap((group) => group.choices);
  const active = Math.min(at, choices.length - 1);
  useEffect(() => {
    list.current.querySelector("[aria-selected=true]")?.scrollIntoView({ block: "nearest" });
  }, [active, query]);

  const choose = (choice) => {
    closeDialog();
    // When the dialog is gone and focus is back, so that what it does can put focus elsewhere.
    setTimeout(choice.act);
  };
  const onKeyDown = (event) => {
    if (event.key === "Enter" && choices[active]) choose(choices[active]);
    else {
      const to = {
        ArrowDown: active + 1,
        ArrowUp: active - 1,
        PageDown: active + 8,
        PageUp: active - 8,
      }[event.key];
      if (to === undefined || choices.length === 0) return;
      const isStep = event.key.startsWith("Arrow");
      setAt(isStep ? (to + choices.length) % choices.length : clamp(to, choices.length));
    }
    event.preventDefault();
  };

  let index = 0;
  return html`
    <div class="palette-search">
      <${Icon} name="search" />
      <input
        type="text"
        role="combobox"
        aria-label=${say("steps.search")}
        aria-expanded="true"
        aria-controls=${id}
        aria-autocomplete="list"
        aria-activedescendant=${choices.length > 0 ? `${id}-${active}` : undefined}
        placeholder=${say("steps.search")}
        autocomplete="off"
        spellcheck=${false}
        data-focus
        value=${query}
        onInput=${(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown=${onKeyDown}
      />
    </div>
    <div class="palette-list" ref=${list} id=${id} role="listbox" aria-label=${say("steps.palette")} tabindex="-1">
      ${groups.map(
        ({ title, choices: those }, groupAt) => html`<div
          key=${title}
          role="group"
          aria-label=${title || say("steps.add")}
          class="palette-group"
        >
          ${title && html`<p aria-hidden="true">${title}</p>`}
          ${those.map((choice) => {
            const place = index++;
            return html`<${Option}
              key=${`${groupAt} ${choice.id}`}
              id=${`${id}-${place}`}
              choice=${choice}
              isActive=${place === active}
              showsGroup=${title === ""}
              onChoose=${() => choose(choice)}
              onPoint=${() => setAt(place)}
            />`;
          })}
        </div>`,
      )}
    </div>
    <p class="palette-note ${choices.length > 0 && query ? "visually-hidden" : ""}" role="status">
      ${noteOf({ error, query, count: choices.length, isRead: operations !== null })}
    </p>
  `;
}

function noteOf({ error, query, count, isRead }) {
  if (error) return say("steps.noCatalogue");
  if (query && isRead && count === 0) return say("steps.nothingFound", { query });
  return query ? say("steps.found", { count }) : say("steps.searchHint");
}

/** @param {any} props */
function Option({ id, choice, isActive, showsGroup, onChoose, onPoint }) {
  return html`<div
    id=${id}
    role="option"
    aria-selected=${isActive}
    class="palette-option"
    onClick=${onChoose}
    onPointerMove=${isActive ? undefined : onPoint}
  >
    ${choice.icon && html`<${Icon} name=${choice.icon} />`}
    <span class="palette-title">
      ${choice.title} ${choice.about && html`<span class="palette-about">${choice.about}</span>`}
    </span>
    ${showsGroup && html`<span class="palette-of">${choice.group}</span>`}
    ${choice.keys && html`<kbd>${choice.keys}</kbd>`}
  </div>`;
}

function clamp(place, count) {
  return Math.min(Math.max(0, place), count - 1);
}
