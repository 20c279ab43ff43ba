// The filters and the order that are in force, each as a sentence that can be changed or taken away.

import { html, say, useRef, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { StudioError } from "../../session_client.js";
import { sortBy } from "../commands.js";
import { rows } from "../state/rows.js";
import { isNow, session } from "../state/session.js";
import { view } from "../state/view.js";
import { draftOf } from "./drafts.js";
import { columnsOf } from "./filter_tree.js";
import {
  addFilter,
  applyEntry,
  clearFilters,
  editFilterOf,
  editGroup,
  keepOnlyTheseRows,
  removeSort,
} from "./filtering.js";
import { sentenceOf, shownColumn } from "./sentences.js";

export function FilterChips() {
  const { filter, sort } = useStore(view);
  const columns = useStore(rows, (state) => state.columns);
  const refusedColumn = useStore(rows, (state) => columnNotThere(state.error));
  const isLookingBack = useStore(session, (state) => !isNow(state));
  const add = useRef(/** @type {HTMLButtonElement | null} */ (null));
  const byName = new Map(columns.map((column) => [column.name, column]));
  const typeOf = (name) => byName.get(name)?.type;
  // What was pressed is gone: the keyboard goes on where another filter can be made.
  const thenAdd = (act) => () => {
    act();
    add.current.focus();
  };

  const edit = (entry, index) => {
    const [name, ...more] = columnsOf(entry);
    const column = byName.get(name);
    const isOne = column && more.length === 0 && draftOf(entry, column) !== null;
    return isOne ? editFilterOf(name, [index]) : editGroup(index);
  };
  const turnRound = (order) =>
    sortBy(sort.map((each) => (each === order ? { ...each, descending: !each.descending } : each)));

  return html`<section class="filters" aria-label=${say("filter.chips")}>
    ${
      filter.length + sort.length > 0 &&
      html`<ul class="chips">
      ${filter.map((entry, index) => {
        const sentence = sentenceOf(entry, typeOf);
        const isGone = columnsOf(entry).some(
          (name) => name === refusedColumn || (columns.length > 0 && !byName.has(name)),
        );
        return html`<${Chip}
          key=${JSON.stringify(entry)}
          text=${isGone ? say("filter.columnGone", { sentence }) : sentence}
          isBroken=${isGone}
          title=${say("filter.change")}
          removeLabel=${say("filter.remove", { sentence })}
          onEdit=${() => edit(entry, index)}
          onRemove=${thenAdd(() => applyEntry([index], null))}
        />`;
      })}
      ${sort.map((order) => {
        const column = shownColumn(order.column);
        const text = say(order.descending ? "sort.descending" : "sort.ascending", { column });
        return html`<${Chip}
          key=${`sort ${order.column}`}
          text=${text}
          icon=${order.descending ? "arrow-down" : "arrow-up"}
          title=${say("sort.turnRound")}
          removeLabel=${say("sort.remove", { column })}
          onEdit=${() => turnRound(order)}
          onRemove=${thenAdd(() => removeSort(order.column))}
        />`;
      })}
    </ul>`
    }
    <button type="button" class="link" ref=${add} onClick=${() => addFilter()}>
      ${filter.length === 0 && html`<${Icon} name="filter" />`} ${say("filter.add")}
    </button>
    ${
      filter.length > 0 &&
      html`<button type="button" class="link" onClick=${thenAdd(clearFilters)}>
        ${say("filter.clearAll")}
      </button>
      ${
        !isLookingBack &&
        html`<button
        type="button"
        class="link"
        title=${say("filter.keepOnlyTitle")}
        onClick=${() => keepOnlyTheseRows()}
      >
        ${say("filter.keepOnly")}
      </button>`
      }
      <small class="mute">${say("filter.figures")}</small>`
    }
  </section>`;
}

/** The column that a filter names and the rows no longer have, if the service said so. */
function columnNotThere(error) {
  const isRefused = error instanceof StudioError && error.code === "INVALID_FILTER";
  return isRefused && error.details.path?.endsWith(".column") ? error.details.column : null;
}

function Chip({ text, icon, isBroken = false, title, removeLabel, onEdit, onRemove }) {
  return html`<li class="chip ${isBroken ? "broken" : ""}">
    <button type="button" class="chip-text" title=${`${text}. ${title}`} onClick=${onEdit}>
      ${icon && html`<${Icon} name=${icon} />`}<span>${text}</span>
    </button>
    <button type="button" class="chip-remove" aria-label=${removeLabel} title=${removeLabel} onClick=${onRemove}>
      <${Icon} name="x" />
    </button>
  </li>`;
}
