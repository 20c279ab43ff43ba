// Who waits for the answers to their commands. An answer is given once, to the tab that asked.

export class AwaitedAnswers {
  /** @type {Map<string, { resolve: (answer: any) => void, reject: (error: unknown) => void }>} */
  #callers = new Map();

  /**
   * Wait for what becomes of a command.
   *
   * @param {string} id
   * @returns {Promise<any>}
   */
  to(id) {
    const answered = new Promise((resolve, reject) => {
      this.#callers.set(id, { resolve, reject });
    });
    answered.catch(() => {}); // it is thrown to whoever waits, which they may do later
    return answered;
  }

  /** Whether somebody waits for the answer to that command. @param {string} id */
  has(id) {
    return this.#callers.has(id);
  }

  /** @param {string} id @param {{ answer?: any, error?: unknown }} outcome */
  give(id, { answer, error }) {
    const caller = this.#callers.get(id);
    this.#callers.delete(id);
    if (error) caller?.reject(error);
    else caller?.resolve(answer);
  }

  /** Tell all who wait that their command waits, or the error. @param {unknown} [error] */
  giveUp(error) {
    for (const id of [...this.#callers.keys()]) this.give(id, { answer: null, error });
  }
}
