// Choosing columns: what is chosen, a search, and the list of those that suit.

import { html, say, useId, useState } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { useFigures } from "../columns/figures_reading.js";
import { TYPE_ICONS } from "../columns/type_mark.js";

const MOST_SHOWN = 100;

/**
 * @param {{
 *   columns: { name: string, type: string }[],
 *   suiting: string[] | null,
 *   chosen: string[],
 *   onChoose: (names: string[]) => void,
 *   showsMissing?: boolean,
 *   describedBy?: string,
 *   isInvalid?: boolean,
 * }} props
 */
export function ColumnPicker({ columns, suiting, chosen, onChoose, ...more }) {
  const { showsMissing, describedBy, isInvalid } = more;
  const id = useId();
  const [query, setQuery] = useState("");
  const [showsAll, setShowsAll] = useState(false);
  const suit = columns.filter(({ type }) => suiting === null || suiting.includes(type));
  const offered = showsAll ? columns : suit;
  const sought = query.trim().toLowerCase();
  const found = offered.filter(({ name }) => name.toLowerCase().includes(sought));
  const shown = found.slice(0, MOST_SHOWN);

  const toggle = (name) =>
    onChoose(chosen.includes(name) ? chosen.filter((each) => each !== name) : [...chosen, name]);
  const onKeyDown = (event) => {
    if (event.key !== "Enter" || sought === "" || found.length === 0) return;
    event.preventDefault(); // it chooses, and does not apply the step yet
    toggle(found[0].name);
    setQuery("");
  };

  return html`<div class="picker">
    <${Chosen} names=${chosen} onTakeOut=${toggle} />
    <input
      type="search"
      aria-label=${say("columns.find")}
      aria-describedby=${describedBy}
      aria-invalid=${isInvalid ? "true" : undefined}
      placeholder=${say("columns.find")}
      autocomplete="off"
      value=${query}
      onInput=${(event) => setQuery(event.target.value)}
      onKeyDown=${onKeyDown}
    />
    <ul class="picker-list">
      ${shown.map(
        (column, at) =>
          html`<li key=${column.name}>
            <label>
              <input
                type="checkbox"
                checked=${chosen.includes(column.name)}
                aria-describedby=${showsMissing ? `${id}-${at}` : undefined}
                onChange=${() => toggle(column.name)}
              />
              <${Icon} name=${TYPE_ICONS[column.type]} />
              <span class="picker-name" title=${column.name}>${column.name || say("steps.unnamed")}</span>
            </label>
            ${showsMissing && html`<${Missing} column=${column} id=${`${id}-${at}`} />`}
          </li>`,
      )}
      ${
        found.length > shown.length &&
        html`<li class="mute">${say("steps.moreColumns", { count: found.length - shown.length })}</li>`
      }
      ${
        found.length === 0 &&
        html`<li class="mute">${say(sought ? "steps.noColumnFound" : "steps.noneSuits")}</li>`
      }
    </ul>
    <p class="picker-foot">
      <small>${say("steps.chosen", { chosen: chosen.length, total: columns.length })}</small>
      <button type="button" class="link" onClick=${() => onChoose(suit.map(({ name }) => name))}>
        ${say("filter.all")}
      </button>
      <button type="button" class="link" onClick=${() => onChoose([])}>
        ${say("filter.none")}
      </button>
      ${
        suit.length < columns.length &&
        html`<button type="button" class="link" onClick=${() => setShowsAll(!showsAll)}>
        ${say(showsAll ? "steps.showSuiting" : "grid.showAll")}
      </button>`
      }
    </p>
  </div>`;
}

/** How many values a column lacks, once that is known. @param {any} props */
function Missing({ column, id }) {
  const measured = useFigures(column);
  const count = measured?.isOlder ? 0 : (measured?.figures.null_count ?? 0);
  return count > 0 && html`${" "}<small id=${id}>${say("steps.missing", { count })}</small>`;
}

/** In the order in which they were chosen, which some steps go by. @param {any} props */
function Chosen({ names, onTakeOut }) {
  if (names.length === 0) return null;
  return html`<ul class="picker-chosen">
    ${names.map(
      (name) =>
        html`<li key=${name}>
          <span class="picker-name">${name || say("steps.unnamed")}</span>
          <button
            type="button"
            class="quiet icon-only"
            aria-label=${say("steps.takeOut", { column: name })}
            onClick=${() => onTakeOut(name)}
          >
            <${Icon} name="x" />
          </button>
        </li>`,
    )}
  </ul>`;
}
