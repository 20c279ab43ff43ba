// The left side: the filter that is being made, else the figures of one column, else all columns.

import { html, useEffect, useRef, useStore } from "../../page/html.js";
import { FilterSide } from "../filters/filter_side.js";
import { closeFilter } from "../filters/filtering.js";
import { panels } from "../state/panels.js";
import { rows } from "../state/rows.js";
import { ColumnList } from "./column_list.js";
import { ColumnPanel } from "./column_panel.js";

export function LeftSide() {
  const { columnsOpen, column, filterColumn } = useStore(panels);
  const columns = useStore(rows, (state) => state.columns);
  useLastOne();
  const isPanel = filterColumn !== null || column !== null;
  useFocusAfter(isPanel);
  if (filterColumn !== null) return html`<${FilterSide} columns=${columns} />`;
  const shown = columns.find(({ name }) => name === column);
  if (shown) return html`<${ColumnPanel} key=${column} column=${shown} />`;
  return columnsOpen ? html`<${ColumnList} />` : null;
}

/** Whoever asks for a column's figures while a filter is being made wants to see the figures. */
function useLastOne() {
  useEffect(
    () =>
      panels.watch((state, before) => {
        const isAskedFor = state.column !== null && state.column !== before.column;
        if (isAskedFor && state.filterColumn === before.filterColumn) closeFilter();
      }),
    [],
  );
}

/** When a panel is closed, go back to where the person was when it opened. */
function useFocusAfter(isOpen) {
  const before = useRef(/** @type {Element | null} */ (null));
  if (isOpen && before.current === null) before.current = document.activeElement;
  useEffect(() => {
    if (isOpen || before.current === null) return;
    const element = /** @type {HTMLElement} */ (before.current);
    before.current = null;
    const isLost = document.activeElement === document.body || document.activeElement === null;
    // The column list was taken away meanwhile: it begins at the column that was looked into.
    const current = /** @type {HTMLElement | null} */ (
      document.querySelector('.column-open[tabindex="0"]')
    );
    if (isLost) (element.isConnected ? element : current)?.focus();
  }, [isOpen]);
}
