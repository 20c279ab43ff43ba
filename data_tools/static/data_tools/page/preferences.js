// What a person chose about how pages look and how values are written. It is kept on this device.

import { keepOnDevice, keptOnDevice } from "./kept_on_device.js";
import { Store } from "./store.js";

/** The first of each is what counts until somebody chooses. */
export const CHOICES = {
  theme: ["system", "light", "dark"],
  motion: ["system", "reduced"],
  values: ["locale", "plain"], // as the browser's locale writes them, or as they are stored
};

/** @typedef {keyof typeof CHOICES} Preference */

export const preferences = new Store({
  theme: kept("theme"),
  motion: kept("motion"),
  values: kept("values"),
});

/** @param {Preference} name @param {string} choice */
export function choose(name, choice) {
  const isUsual = choice === CHOICES[name][0];
  keepOnDevice(keyOf(name), isUsual ? null : choice);
  if (name !== "values") {
    // See theme.js, which does the same before the first paint.
    if (isUsual) delete document.documentElement.dataset[name];
    else document.documentElement.dataset[name] = choice;
  }
  preferences.set({ [name]: choice });
}

function kept(name) {
  const choice = keptOnDevice(keyOf(name)) ?? "";
  return CHOICES[name].includes(choice) ? choice : CHOICES[name][0];
}

function keyOf(name) {
  return `studio-${name}`;
}
