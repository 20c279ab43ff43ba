// Pages of rows that were read before or ahead, so that turning to one of them needs no answer.

/** Keeps the pages that were used last: so many, and no more than so many cells. */
export class PageCache {
  #pages = new Map(); // the longest unused one comes first
  #mostPages;
  #mostCells;
  #cells = 0;

  /** @param {{ pages?: number, cells?: number }} [most] */
  constructor({ pages = 50, cells = 150_000 } = {}) {
    this.#mostPages = pages;
    this.#mostCells = cells;
  }

  /** Whether a page of so many cells and both of its neighbours can be kept. @param {number} cells */
  hasRoomForNeighbours(cells) {
    return 3 * cells <= this.#mostCells;
  }

  /** @param {string} key @returns {any} the page, undefined if it is not here */
  get(key) {
    const kept = this.#pages.get(key);
    if (kept === undefined) return undefined;
    this.#pages.delete(key);
    this.#pages.set(key, kept);
    return kept.page;
  }

  /** @param {string} key */
  has(key) {
    return this.#pages.has(key);
  }

  /**
   * Keep a page, and let go of those that have not been used for longest.
   *
   * @param {string} key
   * @param {{ data: any[], columns: any[] }} page
   */
  keep(key, page) {
    this.#drop(key);
    const cells = page.data.length * page.columns.length;
    if (cells > this.#mostCells) return;
    this.#pages.set(key, { page, cells });
    this.#cells += cells;
    for (const oldest of this.#pages.keys()) {
      if (this.#cells <= this.#mostCells && this.#pages.size <= this.#mostPages) break;
      this.#drop(oldest);
    }
  }

  get size() {
    return this.#pages.size;
  }

  #drop(key) {
    this.#cells -= this.#pages.get(key)?.cells ?? 0;
    this.#pages.delete(key);
  }
}
