// Columns chosen by their headers in the grid go into the form, and what the form names is shown
// as chosen in the grid.

import { useEffect, useRef } from "../../page/html.js";
import { selection } from "../state/selection.js";
import { bringIntoSight } from "./bringing_into_sight.js";

/**
 * @param {{
 *   field: import("./form_fields.js").Field | undefined,
 *   values: Record<string, any>,
 *   columns: { name: string, type: string }[],
 *   suiting: string[] | null,
 *   change: (name: string, value: any) => void,
 *   isApplied: () => boolean,
 * }} form `isApplied` is asked when it closes: what was chosen for it is used up then
 */
export function useGridColumns(form) {
  const latest = useRef(form);
  latest.current = form;
  const before = useRef(selection.state.columns);
  const { field, values } = form;
  const chosen = field ? namesIn(field, values[field.name]) : [];
  const key = JSON.stringify(chosen);

  useEffect(() => {
    if (chosen.length > 0) bringIntoSight(chosen[0]);
  }, []);
  useEffect(() => {
    if (field && key !== JSON.stringify(selection.state.columns))
      selection.set({ columns: chosen });
  }, [key]);
  useEffect(() => {
    if (!field) return undefined;
    const stop = selection.watch(({ columns: picked }, before) => {
      if (picked !== before.columns) take(latest.current, picked);
    });
    return () => {
      stop();
      selection.set({ columns: latest.current.isApplied() ? [] : before.current });
    };
  }, []);
}

function take({ field, values, columns, suiting, change }, picked) {
  const held = values[field.name];
  const suits = ({ type }) => suiting === null || suiting.includes(type);
  const fitting = picked.filter((name) =>
    columns.some((each) => each.name === name && suits(each)),
  );
  if (JSON.stringify(fitting) === JSON.stringify(namesIn(field, held))) return;
  if (field.kind === "columns") change(field.name, fitting);
  else if (field.kind === "column") {
    if (fitting.length > 0) change(field.name, fitting.at(-1));
  } else {
    const named = (old) => held.find((each) => each.old === old) ?? { old, name: "" };
    change(field.name, fitting.map(named));
  }
}

function namesIn({ kind }, held) {
  if (kind === "new_names") return held.map(({ old }) => old);
  if (kind === "column") return held === "" ? [] : [held];
  return held;
}
