// What browsers have, and Node 18 does not have by itself.

import { webcrypto } from "node:crypto";

globalThis.crypto ??= /** @type {Crypto} */ (webcrypto);
