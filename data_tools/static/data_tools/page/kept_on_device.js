// Small things that are kept on this device, where the browser allows it and has room. Nothing but
// convenience depends on them.

/**
 * @param {string} key
 * @param {"localStorage" | "sessionStorage"} [where] for good, or for this tab
 * @returns {string | null}
 */
export function keptOnDevice(key, where = "localStorage") {
  try {
    return globalThis[where]?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} key
 * @param {string | null} value null to keep nothing
 * @param {"localStorage" | "sessionStorage"} [where]
 */
export function keepOnDevice(key, value, where = "localStorage") {
  try {
    if (value === null) globalThis[where]?.removeItem(key);
    else globalThis[where]?.setItem(key, value);
  } catch {
    // It counts as long as this page is open.
  }
}
