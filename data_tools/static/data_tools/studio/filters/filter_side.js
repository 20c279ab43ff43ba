// The filter's side: choose a column, make its condition, or see the parts of a group.

import { html, useStore } from "../../page/html.js";
import { panels } from "../state/panels.js";
import { view } from "../state/view.js";
import { ColumnChooser } from "./column_chooser.js";
import { FilterPanel } from "./filter_panel.js";
import { entryAt } from "./filter_tree.js";
import { placeFor } from "./filtering.js";
import { GroupPanel } from "./group_panel.js";

/** @param {{ columns: { name: string, type: string }[] }} props */
export function FilterSide({ columns }) {
  const { filterColumn, filterView, filterPlace } = useStore(panels);
  const filter = useStore(view, (state) => state.filter);
  if (filterView === "group" && entryAt(filter, filterPlace)) {
    return html`<${GroupPanel} index=${filterPlace[0]} columns=${columns} />`;
  }
  const isChosen = filterView === "column";
  const column = isChosen ? columns.find(({ name }) => name === filterColumn) : undefined;
  if (column === undefined)
    return html`<${ColumnChooser} columns=${columns} place=${filterPlace} />`;
  const place = placeFor(filter, column, filterPlace);
  return html`<${FilterPanel} key=${`${column.name} ${place}`} column=${column} place=${place} />`;
}
