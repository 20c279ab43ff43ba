// Commands on their way to the service: each is kept on the device until it is answered, is sent in
// order by whichever tab is open, and takes effect once.

import { AwaitedAnswers } from "./client/awaited_answers.js";
import { CommandsInMemory } from "./client/kept_commands.js";
import { leftOutWith } from "./client/leaving_out.js";
import { asleepAgain, canWait, outcomeOf, sendNext } from "./client/queue_sending.js";
import { pauseBeforeNext } from "./client/retrying.js";
import { NoAnswer, newOperationId, StudioError } from "./session_client.js";

export { CommandsInMemory, CommandsOnDevice } from "./client/kept_commands.js";

/**
 * @typedef {import("./client/kept_commands.js").Entry} Entry
 *
 * @typedef {import("./client/queue_sending.js").Held} Held
 *
 * @typedef {object} QueueState
 * @property {Entry[]} waiting in the order in which they were given
 * @property {boolean} isSending
 * @property {boolean} isOffline the last request had no answer
 * @property {boolean} isBusy the service answered that it cannot do it now
 * @property {boolean} isSignedOut
 * @property {boolean} isKept whether all that wait are on the device, and survive a closed page
 * @property {Held | null} held
 */

/** The queue of one user's commands on one dataset. */
export class OfflineQueue {
  #api;
  #options;
  #store;
  #awaited = new AwaitedAnswers();
  #sending = /** @type {Promise<void> | null} */ (null);
  #isAskedAgain = false;
  #tries = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;
  /** @type {QueueState} */
  state = {
    waiting: [],
    isSending: false,
    isOffline: false,
    isBusy: false,
    isSignedOut: false,
    isKept: true,
    held: null,
  };

  /**
   * @param {import("./session_client.js").SessionClient} api
   * @param {object} [options]
   * @param {string} [options.name] the same in all tabs that share the commands
   * @param {any} [options.store] where they are kept: `CommandsOnDevice`
   * @param {any} [options.locks] the browser's `navigator.locks`
   * @param {BroadcastChannel} [options.channel] of that name
   * @param {"stop" | "continue"} [options.onRefusal] whether the rest waits when one is refused
   * @param {number} [options.answerWithinMs] after which there is no answer
   * @param {(state: QueueState) => void} [options.tell] is called after each change of the state
   * @param {(answer: any) => void} [options.sent] is called with the answer to commands that nobody
   *   waits for any more
   * @param {(entry: Entry, error: StudioError) => void} [options.refused] likewise, with `continue`
   */
  constructor(api, options = {}) {
    this.#api = api;
    this.#options = { onRefusal: "stop", answerWithinMs: 50_000, ...options };
    this.#store = options.store ?? new CommandsInMemory();
    if (options.channel)
      options.channel.onmessage = (/** @type {{ data: any }} */ { data }) => this.#hear(data);
  }

  /**
   * Send a command after those that wait.
   *
   * @param {Omit<Entry, "id">} command
   * @returns {Promise<any>} the answer; null if the command waits
   * @throws {StudioError} it was refused, and is forgotten unless others wait behind it
   */
  async add(command) {
    const entry = { id: newOperationId(), ...command };
    const answered = this.#awaited.to(entry.id);
    await this.#store.add(entry);
    await this.look();
    this.#options.channel?.postMessage({});
    this.send();
    return answered;
  }

  /** Send what waits, now; call it when the page is opened and when the network is back. */
  send() {
    this.#isAskedAgain = true; // it may be asked between the last look of a round and its end
    this.#sending ??= this.#sendWhileAsked();
    return this.#sending;
  }

  /** Leave out the command at which the queue stands, with its undo, or all that wait, and go on. */
  async leaveOut({ all = false } = {}) {
    const waiting = await this.#store.list();
    if (waiting.length > 0) {
      for (const { id } of all ? waiting : leftOutWith(waiting)) await this.#store.remove(id);
    }
    return this.goOn();
  }

  /**
   * Go on after the person has decided.
   *
   * @param {{ sessionId?: string }} [into] the session that the commands go to now, whichever they
   *   were given in, and whatever was done in it since
   */
  async goOn({ sessionId } = {}) {
    if (sessionId !== undefined) {
      for (const entry of await this.#store.list()) {
        await this.#store.replace({ ...entry, sessionId, expectedVersion: undefined });
      }
    }
    this.#set({ held: null, isSignedOut: false });
    await this.look();
    return this.send();
  }

  /** A request outside the queue had, or had not, an answer. @param {boolean} isAnswered */
  noteAnswer(isAnswered) {
    if (this.state.waiting.length === 0) this.#set({ isOffline: !isAnswered });
    else if (isAnswered && (this.state.isOffline || this.state.isSignedOut)) this.send();
  }

  async #sendWhileAsked() {
    const { locks, name } = this.#options;
    const work = () => this.#sendAll();
    try {
      while (this.#isAskedAgain) {
        this.#isAskedAgain = false;
        clearTimeout(this.#timer);
        this.#set({ isSending: this.state.waiting.length > 0 && !this.state.held });
        await (locks ? locks.request(`queue ${name}`, work) : work());
      }
    } finally {
      this.#sending = null; // at once: whoever asks from now on begins anew
    }
  }

  async #sendAll() {
    /** @type {import("./client/queue_sending.js").Sender} */
    const sender = {
      api: this.#api,
      isAwaited: (entry) => this.#awaited.has(entry.id),
      stops: this.#options.onRefusal === "stop",
      answerWithinMs: this.#options.answerWithinMs,
      write: (entry) => this.#store.replace(entry),
    };
    let wasWoken = false;
    try {
      for (;;) {
        const waiting = await this.look();
        if (this.state.held) this.#awaited.giveUp();
        if (waiting.length === 0 || this.state.held) break;
        if (!this.state.isSending) this.#set({ isSending: true });
        const sent = await sendNext(waiting, sender);
        const isWoken = sent.outcomes.length === 0 && !sent.held;
        if (isWoken && wasWoken) throw asleepAgain();
        wasWoken = isWoken;
        await this.#take(sent);
        if (!isWoken) this.#tries = 0;
        this.#set({ isOffline: false, isBusy: false, isSignedOut: false });
      }
    } catch (error) {
      this.#wait(error);
    }
    this.#set({ isSending: false });
  }

  /**
   * Take what became of the commands that were sent.
   *
   * @param {import("./client/queue_sending.js").Sent} sent
   */
  async #take({ answer, outcomes, held }) {
    let unawaited = false;
    for (const { entry, error } of outcomes) {
      const isLast = this.state.waiting.at(-1)?.id === entry.id;
      const isAwaited = this.#awaited.has(entry.id);
      const stops = error && this.#options.onRefusal === "stop" && !(isAwaited && isLast);
      if (stops) this.#set({ held: { entry, error, verdict: null } });
      else await this.#remove(entry, error);
      if (error && !stops && !isAwaited) this.#options.refused?.(entry, error);
      unawaited ||= !isAwaited && !error;
      this.#awaited.give(entry.id, error ? { error } : { answer });
      this.#options.channel?.postMessage(outcomeOf(entry.id, answer, error));
    }
    if (held) this.#set({ held });
    await this.look();
    if (unawaited) this.#options.sent?.(answer);
  }

  /** @param {Entry} entry @param {StudioError | null} error with which its undo goes too */
  async #remove(entry, error) {
    const at = this.state.waiting.findIndex(({ id }) => id === entry.id);
    const gone = error && at >= 0 ? leftOutWith(this.state.waiting.slice(at)) : [entry];
    for (const { id } of gone) await this.#store.remove(id);
  }

  /** @param {unknown} error after which what waits is not sent now */
  #wait(error) {
    this.#awaited.giveUp(canWait(error) ? undefined : error);
    if (!(error instanceof StudioError || error instanceof NoAnswer)) throw error;
    if (error instanceof StudioError && !canWait(error)) {
      this.#set({ held: { entry: this.state.waiting[0], error, verdict: null } });
      return;
    }
    const isOffline = error instanceof NoAnswer;
    const isSignedOut = error instanceof StudioError && error.status === 401;
    this.#set({ isOffline, isSignedOut, isBusy: !isOffline && !isSignedOut });
    if (isSignedOut) return;
    this.#timer = setTimeout(() => this.send(), pauseBeforeNext(this.#tries++, error));
  }

  /**
   * Another tab has changed the queue, or sent a command of this one.
   *
   * @param {{ id?: string, answer?: any, error?: { body: any, status: number } }} told
   */
  async #hear({ id, answer, error }) {
    if (id) {
      const refused = error && new StudioError(error.body, error.status);
      this.#awaited.give(id, { answer, error: refused });
    }
    await this.look();
    if (this.state.held && this.state.waiting[0]?.id !== this.state.held.entry.id)
      await this.goOn();
  }

  /** Read what waits, which other tabs or an earlier page may have kept. */
  async look() {
    const waiting = await this.#store.list();
    this.#set({ waiting, isKept: this.#store.keepsAll });
    return waiting;
  }

  /** @param {Partial<QueueState>} fields */
  #set(fields) {
    this.state = { ...this.state, ...fields };
    this.#options.tell?.(this.state);
  }
}
