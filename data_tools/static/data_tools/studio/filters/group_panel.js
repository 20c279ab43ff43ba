// The parts of a group, of which any or all must hold.

import { html, say, useEffect, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { view } from "../state/view.js";
import { draftOf } from "./drafts.js";
import { columnsOf, entryAt, groupKind, partsOf } from "./filter_tree.js";
import { addFilter, applyEntry, closeFilter, editFilterOf } from "./filtering.js";
import { LiveCount } from "./live_count.js";
import { sentenceOf } from "./sentences.js";

/** @param {{ index: number, columns: { name: string, type: string }[] }} props */
export function GroupPanel({ index, columns }) {
  const filter = useStore(view, (state) => state.filter);
  const entry = entryAt(filter, [index]);
  const kind = groupKind(entry);
  const parts = kind ? partsOf(entry) : [entry];
  const heading = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => heading.current.focus(), [index]);

  const typeOf = (name) => columns.find((column) => column.name === name)?.type;
  const setKind = (to) => applyEntry([index], to === "any" ? { any: parts } : { all: parts });
  const remove = (part) => {
    applyEntry(kind ? [index, part] : [index], null);
    if (parts.length < 2) closeFilter();
    else heading.current.focus();
  };
  return html`<aside
    class="side panel"
    aria-label=${say("filter.group")}
    onKeyDown=${(event) => event.key === "Escape" && closeFilter()}
  >
    <header class="side-top">
      <h2 tabindex="-1" ref=${heading}>${say("filter.group")}</h2>
      <button type="button" class="quiet" onClick=${closeFilter}>
        <${Icon} name="x" /><span class="visually-hidden">${say("page.close")}</span>
      </button>
    </header>
    <div class="panel-body">
      ${
        kind &&
        html`<label class="field">
        <span>${say("filter.group.rows")}</span>
        <select value=${kind} onChange=${({ target }) => setKind(target.value)}>
          <option value="any">${say("filter.group.any")}</option>
          <option value="all">${say("filter.group.all")}</option>
        </select>
      </label>`
      }
      <ul class="group-parts">
        ${parts.map((part, at) => {
          const sentence = sentenceOf(part, typeOf);
          const [name] = columnsOf(part);
          const column = columns.find((each) => each.name === name);
          const canEdit = column && columnsOf(part).length === 1 && draftOf(part, column) !== null;
          const place = kind ? [index, at] : [index];
          return html`<li>
            ${
              canEdit
                ? html`<button type="button" class="link part" onClick=${() => editFilterOf(name, place)}>
                  ${sentence}
                </button>`
                : html`<span class="part">${sentence}</span>`
            }
            <button
              type="button"
              class="quiet"
              aria-label=${say("filter.remove", { sentence })}
              onClick=${() => remove(at)}
            >
              <${Icon} name="x" />
            </button>
          </li>`;
        })}
      </ul>
      ${
        kind &&
        html`<button type="button" onClick=${() => addFilter([index, parts.length])}>
        <${Icon} name="plus" /> ${say("filter.group.add")}
      </button>`
      }
    </div>
    <footer class="side-foot"><${LiveCount} filter=${filter} problem=${null} /></footer>
  </aside>`;
}
