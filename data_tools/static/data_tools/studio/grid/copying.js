// Copying the chosen cells, as they are and not as they are shown.

import { copyText } from "../../page/clipboard.js";
import { notify, takeAway } from "../../page/notices.js";
import { say } from "../../page/words.js";
import { rows } from "../state/rows.js";
import { selection } from "../state/selection.js";
import { rangeOf } from "./movement.js";
import { tabSeparated } from "./tab_separated.js";
import { readWholeCell } from "./whole_cell_reading.js";

const NOTICE = "copying";

/**
 * Put the chosen cells on the clipboard, or the chosen columns if the keyboard is at a header.
 *
 * @param {ClipboardEvent} event
 * @param {{ name: string }[]} shown
 * @param {(sentence: string) => void} tell
 */
export async function copyChosen(event, shown, tell) {
  const { columns, places, hasNames } = chosen(shown);
  event.preventDefault();
  const whole = missingTexts(columns, places);
  if (whole.length === 0) {
    event.clipboardData.setData("text/plain", text(columns, places, hasNames, new Map()));
  } else {
    // The page has only the beginning of some texts.
    try {
      const read = await Promise.all(whole.map(({ row, name }) => readWholeCell(row, name)));
      const texts = new Map(whole.map(({ key }, at) => [key, read[at].value]));
      await copyText(text(columns, places, hasNames, texts));
    } catch {
      notify({ id: NOTICE, tone: "warning", text: say("grid.notCopied") });
      return;
    }
  }
  takeAway(NOTICE);
  tell(say("grid.copied", { count: columns.length * places.length }));
}

/** Return which columns and which rows of the page are chosen, and whether names belong to them. */
function chosen(shown) {
  const { top, bottom, left, right } = rangeOf(selection.state);
  const all = rows.state.rows.map((_, at) => at);
  if (bottom >= 0) {
    const columns = shown.slice(left, right + 1).map(({ name }) => name);
    return { columns, places: all.slice(Math.max(0, top), bottom + 1), hasNames: top < 0 };
  }
  const byHeader = selection.state.columns;
  const inOrder = shown.map(({ name }) => name).filter((name) => byHeader.includes(name));
  const columns = inOrder.length > 0 ? inOrder : [shown[left].name];
  return { columns, places: all, hasNames: true };
}

function missingTexts(columns, places) {
  const { shortened, pageNumber, pageSize } = rows.state;
  const first = (pageNumber - 1) * pageSize + 1;
  return shortened
    .map(({ row, column }) => ({ row: row - first, name: column, key: `${row - first} ${column}` }))
    .filter(({ row, name }) => places.includes(row) && columns.includes(name));
}

function text(columns, places, hasNames, whole) {
  const table = places.map((at) =>
    columns.map((name) => whole.get(`${at} ${name}`) ?? rows.state.rows[at][name]),
  );
  return tabSeparated(hasNames ? [columns, ...table] : table);
}
