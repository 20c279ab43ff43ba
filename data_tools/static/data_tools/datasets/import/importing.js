// What a person can do on the import screen.

import { newOperationId } from "../../session_client.js";
import { datasets } from "../state.js";
import { upload } from "../uploading.js";
import { forget, previewSoon } from "./previewing.js";
import { changeFile, imports, shownFile } from "./state.js";

const ADDRESS = "#import";

/**
 * Open the import screen on these files.
 *
 * @param {Iterable<File>} files
 * @param {import("./state.js").Target | null} [target] the dataset whose next file it is
 * @param {import("./state.js").Options} [options] with which to begin
 */
export function openImport(files, target = null, options = {}) {
  const earlier = target ? [] : imports.state.files;
  const added = [...files].slice(0, target ? 1 : undefined).map((file) => ({
    id: newOperationId(),
    file,
    name: file.name.replace(/\.[^.]+$/, ""),
    options,
    preview: null,
    changed: new Set(),
    isReading: true,
    error: null,
  }));
  if (added.length === 0) return;
  imports.set({ files: [...earlier, ...added], shown: added[0].id, target });
  if (location.hash !== ADDRESS) history.pushState(null, "", ADDRESS);
  for (const { id } of added) previewSoon(id, { atOnce: true });
}

export function closeImport() {
  for (const { id } of imports.state.files) forget(id);
  imports.set({ files: [], shown: "", target: null });
  if (location.hash === ADDRESS) history.replaceState(null, "", location.pathname);
}

/** The browser's way back leaves the screen, too. */
addEventListener("popstate", () => {
  if (location.hash !== ADDRESS) closeImport();
});

/** @param {string} id */
export function removeFile(id) {
  forget(id);
  const files = imports.state.files.filter((each) => each.id !== id);
  if (files.length === 0) closeImport();
  else imports.set({ files, shown: shownFile({ files, shown: imports.state.shown }).id });
}

/**
 * Change options of the shown file. What is undefined, or an empty object, is left to the service.
 *
 * @param {import("./state.js").Options} changes
 */
export function setOptions(changes) {
  const { id, options } = shownFile(imports.state);
  const all = Object.entries({ ...options, ...changes });
  changeFile(id, { options: Object.fromEntries(all.filter(([, value]) => value !== undefined)) });
  previewSoon(id);
}

/**
 * Carry out a remedy of the service: null stands for an option to leave out.
 *
 * @param {import("./state.js").Options} remedy
 */
export function takeRemedy(remedy) {
  const changes = Object.entries(remedy).map(([name, value]) => [name, value ?? undefined]);
  setOptions(Object.fromEntries(changes));
}

/**
 * Change the options of a column.
 *
 * @param {string} column its name as it is shown, which may be a chosen one
 * @param {Record<string, any>} changes
 */
export function setColumn(column, changes) {
  const { columns = {} } = shownFile(imports.state).options;
  const written = writtenName(columns, column);
  const asked = Object.entries({ ...columns[written], ...changes });
  const kept = Object.fromEntries(asked.filter(([, value]) => value !== undefined && value !== ""));
  const { [written]: _, ...others } = columns;
  const all = Object.keys(kept).length > 0 ? { ...others, [written]: kept } : others;
  setOptions({ columns: Object.keys(all).length > 0 ? all : undefined });
}

/** Return the name that the file gives to a column. */
export function writtenName(columns, shown) {
  const renamed = Object.entries(columns ?? {}).find(([, options]) => options.name === shown);
  return renamed ? renamed[0] : shown;
}

/**
 * Import these files. The others stay on the screen; with none left it is closed.
 *
 * One file alone is opened in the studio, which waits there until its rows are loaded, unless
 * somebody has begun something else meanwhile.
 *
 * @param {import("./state.js").ImportedFile[]} chosen
 */
export async function importFiles(chosen) {
  const { files, target } = imports.state;
  const sending = chosen.map(({ file, name, options }) =>
    upload(file, { options, ...(target ? { datasetId: target.id } : { name: name.trim() }) }),
  );
  const isAlone = files.length === 1 && !target;
  for (const { id } of chosen) removeFile(id);
  const [dataset] = await Promise.all(sending);
  const { uploads, newFileFor } = datasets.state;
  const isIdle = imports.state.files.length === 0 && uploads.length === 0 && !newFileFor;
  if (isAlone && dataset && isIdle) location.assign(`/studio/${dataset.id}/`);
}
