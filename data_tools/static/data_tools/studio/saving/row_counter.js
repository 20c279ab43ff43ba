// Counts the rows of an exported file while it arrives, in any pieces. Pure.

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

export class RowCounter {
  #isQuoted = false;
  #lines = 0;
  #hasHeader;

  /**
   * Only in files of which a line end is one byte, and that byte stands for nothing else.
   *
   * @param {string} format
   * @param {string} encoding
   */
  static canCount(format, encoding) {
    return format === "jsonl" || (format === "csv" && encoding !== "utf-16");
  }

  /** @param {string} format `csv` or `jsonl` */
  constructor(format) {
    this.#hasHeader = format === "csv";
  }

  /** @param {Uint8Array} piece */
  add(piece) {
    // JSON escapes the line ends of texts; CSV quotes them. A doubled quote ends and begins a text.
    if (!this.#hasHeader) {
      for (let at = piece.indexOf(LINE_FEED); at >= 0; at = piece.indexOf(LINE_FEED, at + 1)) {
        this.#lines++;
      }
      return;
    }
    for (const byte of piece) {
      if (byte === QUOTE) this.#isQuoted = !this.#isQuoted;
      else if (byte === LINE_FEED && !this.#isQuoted) this.#lines++;
    }
  }

  get rows() {
    return Math.max(0, this.#lines - (this.#hasHeader ? 1 : 0));
  }
}
