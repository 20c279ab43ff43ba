// Writes the types of the API's requests and answers from its OpenAPI description, or compares the
// ones that are there with it (`--check`).

import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import openapiTS, { astToString } from "openapi-typescript";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const DESCRIPTION = join(ROOT, "tests/golden/openapi.json");
const TYPES = join(ROOT, "data_tools/static/data_tools/api.d.ts");

/**
 * Return the description without what makes its types ten times as long: recorded examples, and the
 * refusals of each operation, which all have the shape of `ErrorAnswer`.
 *
 * @param {any} part
 * @returns {any}
 */
function withoutExamplesAndRefusals(part) {
  if (typeof part !== "object" || part === null) return part;
  if (Array.isArray(part)) return part.map(withoutExamplesAndRefusals);
  const isLeftOut = (/** @type {string} */ name) =>
    /^[45]\d\d$/.test(name) || name === "example" || name === "examples";
  return Object.fromEntries(
    Object.entries(part)
      .filter(([name]) => !isLeftOut(name))
      .map(([name, value]) => [name, withoutExamplesAndRefusals(value)]),
  );
}

const description = withoutExamplesAndRefusals(JSON.parse(readFileSync(DESCRIPTION, "utf8")));
const tree = await openapiTS(description, { alphabetize: true, emptyObjectsUnknown: true });
const types = `// Made from the API's OpenAPI description by \`npm run api-types\`.\n\n${astToString(tree)}`;
if (!process.argv.includes("--check")) {
  writeFileSync(TYPES, types);
} else if (readFileSync(TYPES, "utf8") !== types) {
  console.error("api.d.ts is not what the API's description says. Run npm run api-types.");
  process.exitCode = 1;
}
