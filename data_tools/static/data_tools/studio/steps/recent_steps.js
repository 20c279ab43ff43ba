// Which operations this person used last, on this device.

const KEY = "studio-recent-steps";
const MOST = 5;

/** @returns {string[]} names, the last one first */
export function recentSteps() {
  try {
    const names = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(names) ? names : [];
  } catch {
    return []; // the browser forbids it, or somebody wrote something else
  }
}

/** @param {string} operation */
export function rememberStep(operation) {
  const names = [operation, ...recentSteps().filter((each) => each !== operation)].slice(0, MOST);
  try {
    localStorage.setItem(KEY, JSON.stringify(names));
  } catch {
    // The browser forbids it: the list stays empty, and nothing else depends on it.
  }
}
