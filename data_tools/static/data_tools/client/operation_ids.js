// Ids under which commands take effect once.

/** Return a new id for a command. */
export function newOperationId() {
  // Pages that came over plain HTTP from another machine have no `crypto.randomUUID`.
  const digits = crypto.getRandomValues(new Uint8Array(16));
  digits[6] = (digits[6] & 0x0f) | 0x40;
  digits[8] = (digits[8] & 0x3f) | 0x80;
  const text = [...digits].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return text.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}
