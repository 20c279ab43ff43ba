// What differs between keyboards: Apple's have another key for commands.

export const IS_APPLE = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");
