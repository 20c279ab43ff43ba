// Where commands are kept until the service has answered them: on the device, or in memory alone.

/**
 * @typedef {object} Entry a command on its way to the service
 * @property {string} id the client operation id, under which it takes effect once
 * @property {"operation" | "undo" | "redo"} kind
 * @property {string} [operation]
 * @property {any} [parameters]
 * @property {string | null} [sessionId] the session that it was given in
 * @property {number} [expectedVersion] what the person saw; without it, what came before it in the queue
 * @property {number} [order] given by the device
 */

const DATABASE = "data-studio";
const COMMANDS = "commands";

/** Commands in this page's memory: they are gone with the page. */
export class CommandsInMemory {
  #entries = /** @type {Entry[]} */ ([]);
  keepsAll = false;

  async list() {
    return [...this.#entries];
  }

  /** @param {Entry} entry */
  async add(entry) {
    this.#entries.push(entry);
  }

  /** @param {Entry} entry */
  async replace(entry) {
    this.#entries = this.#entries.map((each) => (each.id === entry.id ? entry : each));
  }

  /** @param {string} id */
  async remove(id) {
    this.#entries = this.#entries.filter((each) => each.id !== id);
  }
}

/**
 * Commands in the browser's IndexedDB, for one owner. What it does not take stays in memory: new
 * commands, and what has become of those that it holds.
 */
export class CommandsOnDevice {
  #owner;
  /** @type {Promise<IDBDatabase> | null} */
  #opened = null;
  #others = new CommandsInMemory();
  #kept = /** @type {Entry[]} */ ([]); // as the device held them last
  /** @type {Map<string, Entry | null>} by id; null for one that is answered */
  #notWritten = new Map();
  /** Whether every command is on the device. */
  keepsAll = true;

  /** @param {string} owner the user and the dataset */
  constructor(owner) {
    this.#owner = owner;
  }

  /** @returns {Promise<Entry[]>} in the order in which they were given, in whichever tab */
  async list() {
    try {
      this.#kept = await this.#run("readonly", (commands) =>
        commands.index("owner").getAll(this.#owner),
      );
    } catch {
      // What was kept before the browser closed its storage still waits.
    }
    const kept = this.#kept.map((entry) => this.#notWritten.get(entry.id) ?? entry);
    const waiting = kept.filter(({ id }) => this.#notWritten.get(id) !== null);
    return [...waiting, ...(await this.#others.list())];
  }

  /** @param {Entry} entry */
  async add(entry) {
    const owned = { ...entry, owner: this.#owner };
    try {
      const order = await this.#run("readwrite", (commands) => commands.add(owned));
      this.#kept = [...this.#kept, { ...owned, order }];
    } catch {
      await this.#others.add(entry);
      this.keepsAll = false;
    }
  }

  /** @param {Entry} entry as it was listed, with other fields */
  async replace(entry) {
    if (entry.order === undefined) return this.#others.replace(entry);
    return this.#run("readwrite", (commands) => commands.put(entry)).catch(() => {
      this.#notWritten.set(entry.id, entry);
    });
  }

  /** @param {string} id */
  async remove(id) {
    await this.#others.remove(id);
    this.keepsAll = (await this.#others.list()).length === 0;
    try {
      const order = await this.#run("readonly", (commands) => commands.index("id").getKey(id));
      if (order !== undefined) await this.#run("readwrite", (commands) => commands.delete(order));
    } catch {
      this.#notWritten.set(id, null);
    }
  }

  /**
   * @param {IDBTransactionMode} mode
   * @param {(commands: IDBObjectStore) => IDBRequest} ask
   * @returns {Promise<any>} after the commit, which is on the disk
   */
  async #run(mode, ask) {
    this.#opened ??= this.#open();
    const database = await this.#opened;
    const transaction = database.transaction(COMMANDS, mode, { durability: "strict" });
    const request = ask(transaction.objectStore(COMMANDS));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }

  /** Open the database, and anew when it is asked for after the browser or a later page closed it. */
  #open() {
    const forget = () => {
      this.#opened = null;
    };
    const opened = openDatabase(forget);
    opened.catch(forget);
    return opened;
  }
}

/** @param {() => void} onClosed @returns {Promise<IDBDatabase>} */
function openDatabase(onClosed) {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => {
      const options = { keyPath: "order", autoIncrement: true };
      const commands = request.result.createObjectStore(COMMANDS, options);
      commands.createIndex("owner", "owner");
      commands.createIndex("id", "id", { unique: true });
    };
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = onClosed;
      // A later version of this page may want another form: it need not wait for this tab.
      database.onversionchange = () => {
        database.close();
        onClosed();
      };
      resolve(database);
    };
    request.onerror = () => reject(request.error);
  });
}
