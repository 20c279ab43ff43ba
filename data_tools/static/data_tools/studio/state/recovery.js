// What the person has yet to decide about the session; until then it is shown, and not changed.

import { Store } from "../../page/store.js";

export const recovery = new Store({
  undecided: /** @type {any} */ (null), // the verdict of `validate`
});
