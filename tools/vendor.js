// Writes the libraries that pages load, from the packages that `npm ci` has checked, or compares
// what is there with them (`--check`). `list.json` says which files, and what is changed in them.

import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const FOLDER = join(ROOT, "data_tools/static/data_tools/vendored");
const LIST = "list.json";
const SOURCE_MAP = /\n?\/\/# sourceMappingURL=.*\n?$/;

/**
 * @typedef {{ package: string, path: string, changes?: [string, string][], sha256?: string }} File
 * @typedef {{ version?: string, licence?: string, integrity?: string }} Package
 * @typedef {object} List
 * @property {string[]} about
 * @property {Record<string, Package>} packages
 * @property {Record<string, File>} files
 * @property {string[]} icons
 */

function main() {
  /** @type {List} */
  const list = JSON.parse(readFileSync(join(FOLDER, LIST), "utf8"));
  const wanted = filesOf(list);
  if (process.argv.includes("--check")) return check(wanted);
  for (const name of filesBelow(FOLDER)) {
    if (!wanted.has(name)) rmSync(join(FOLDER, name));
  }
  for (const [name, text] of wanted) {
    mkdirSync(dirname(join(FOLDER, name)), { recursive: true });
    writeFileSync(join(FOLDER, name), text);
  }
}

/**
 * @param {List} list
 * @returns {Map<string, string>} what the folder has to hold: texts by their names
 */
function filesOf(list) {
  const locked = JSON.parse(readFileSync(join(ROOT, "package-lock.json"), "utf8")).packages;
  /** @type {Map<string, string>} */
  const texts = new Map();
  for (const name of Object.keys(list.packages)) {
    const { version, license, integrity } = locked[`node_modules/${name}`];
    list.packages[name] = { version, licence: license, integrity };
    texts.set(`licences/${name}.txt`, packaged(name, "LICENSE"));
  }
  for (const [name, file] of Object.entries(list.files)) {
    const text = name === "icons.js" ? iconsModule(list, file) : changed(file);
    file.sha256 = createHash("sha256").update(text).digest("hex");
    texts.set(name, text);
    texts.set(name.replace(/js$/, "d.ts"), declarations(name, file));
  }
  list.icons.sort();
  texts.set(LIST, `${JSON.stringify(list, null, 2)}\n`);
  return texts;
}

/** @param {File} file */
function changed(file) {
  let text = packaged(file.package, file.path).replace(SOURCE_MAP, "\n");
  for (const [before, after] of file.changes ?? []) {
    if (!text.includes(before)) throw new Error(`${file.path} does not have ${before}`);
    text = text.replaceAll(before, after);
  }
  return text;
}

/** @param {List} list @param {File} file */
function iconsModule({ icons, packages }, file) {
  const lines = icons.map((name) => {
    const shapes = shapesOf(packaged(file.package, file.path.replace("*", name)));
    return `  ${JSON.stringify(name)}: ${JSON.stringify(shapes)},`;
  });
  const { version, licence } = packages[file.package];
  return `// Icons of ${file.package} ${version} (${licence}), as [element, attributes] lists.
export const ICONS = {
${lines.join("\n")}
};
`;
}

/** @param {string} svg @returns {[string, Record<string, string>][]} */
function shapesOf(svg) {
  return [...svg.matchAll(/<(\w+)((?:\s+[\w-]+="[^"]*")+)\s*\/>/g)].map(([, tag, attributes]) => [
    tag,
    Object.fromEntries(
      [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map((match) => match.slice(1)),
    ),
  ]);
}

/** @param {string} name @param {File} file */
function declarations(name, file) {
  if (name === "icons.js") {
    return "export declare const ICONS: Record<string, [string, Record<string, string>][]>;\n";
  }
  const module = name === "hooks.js" ? "preact/hooks" : file.package;
  const what = name === "htm.js" ? "{ default }" : "*";
  return `export ${what} from "${module}";\n`;
}

/** @param {string} name @param {string} path */
function packaged(name, path) {
  return readFileSync(join(ROOT, "node_modules", name, path), "utf8");
}

/** @param {string} folder @returns {string[]} */
function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(join(folder, entry.name)).map((name) => `${entry.name}/${name}`)
      : [entry.name],
  );
}

/** @param {Map<string, string>} wanted */
function check(wanted) {
  const wrong = filesBelow(FOLDER).filter((name) => !wanted.has(name));
  for (const [name, text] of wanted) {
    const path = join(FOLDER, name);
    if (!existsSync(path) || readFileSync(path, "utf8") !== text) wrong.push(name);
  }
  if (wrong.length === 0) return;
  console.error(`Not as the packages have it: ${wrong.join(", ")}. Run npm run vendor.`);
  process.exitCode = 1;
}

main();
