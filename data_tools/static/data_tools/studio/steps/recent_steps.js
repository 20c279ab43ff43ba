// Which operations this person used last, on this device.

import { keepOnDevice, keptOnDevice } from "../../page/kept_on_device.js";

const KEY = "studio-recent-steps";
const MOST = 5;

/** @returns {string[]} names, the last one first */
export function recentSteps() {
  try {
    const names = JSON.parse(keptOnDevice(KEY) ?? "[]");
    return Array.isArray(names) ? names : [];
  } catch {
    return []; // somebody wrote something else
  }
}

/** @param {string} operation */
export function rememberStep(operation) {
  const names = [operation, ...recentSteps().filter((each) => each !== operation)].slice(0, MOST);
  keepOnDevice(KEY, JSON.stringify(names));
}
