// Asking for the figures of columns: of those in sight first, in chunks, and again after each step.
// What is there stays shown, muted, until the figures of the new version have come.

import { showFailure } from "../../page/failures.js";
import { useEffect, useStore } from "../../page/html.js";
import { NoAnswer, StudioError } from "../../session_client.js";
import { shownVersion } from "../reading.js";
import { api } from "../service.js";
import { figures, keepFigures } from "../state/figures.js";
import { session } from "../state/session.js";

const CHUNK = 50; // columns of one request
const FIRST_PAUSE_MS = 4_000;
const LONGEST_PAUSE_MS = 60_000;

let askedSession = /** @type {string | null} */ (null);
let askedVersion = -1;
let pause_ms = FIRST_PAUSE_MS;
/** @type {Set<number>} chunks that were asked for, of that version of that session */
let asked = new Set();

/**
 * Return the figures of a column, asked for if need be; undefined until they are there.
 *
 * @param {{ name: string, type: string }} column
 * @returns {(import("../state/figures.js").Measured & { isOlder: boolean }) | undefined}
 */
export function useFigures({ name, type }) {
  const measured = useStore(figures, (state) => state.byName.get(name));
  const isOlder = useStore(session, () => isOfOtherRows(measured));
  const sessionId = useStore(session, (state) => state.sessionId);
  const version = useStore(session, (state) => state.version);
  const columns = useStore(session, (state) => state.columns);
  useEffect(() => {
    if (version > 0) need(name);
  }, [name, sessionId, version, columns]);
  // The figures of another type are those of another column that had this name.
  if (measured?.figures.type !== type) return undefined;
  return { ...measured, isOlder };
}

/** @param {import("../state/figures.js").Measured | undefined} measured */
export function isOfOtherRows(measured) {
  const { at_version: version, session_id: sessionId } = shownVersion();
  return measured?.version !== version || measured?.sessionId !== sessionId;
}

/** Ask for the chunk of a column, once for each version. @param {string} name */
export function need(name) {
  const { sessionId, version, columns } = session.state;
  if (sessionId !== askedSession || version !== askedVersion) {
    askedSession = sessionId;
    askedVersion = version;
    asked = new Set();
  }
  const at = columns.findIndex((column) => column.name === name);
  const chunk = Math.floor(at / CHUNK);
  if (at === -1 || asked.has(chunk)) return;
  asked.add(chunk);
  read(chunk, askedVersion, askedSession);
}

async function read(chunk, version, sessionId) {
  try {
    const answer = await api.get("columns/", {
      offset: chunk * CHUNK,
      limit: CHUNK,
      at_version: version,
      session_id: sessionId,
    });
    pause_ms = FIRST_PAUSE_MS;
    // Those of another version are muted, and those of another session not shown.
    if (sessionId === askedSession) {
      keepFigures(answer.columns, { sessionId, version, totalRows: answer.total_rows });
    }
  } catch (error) {
    const mayComeLater =
      error instanceof NoAnswer || (error instanceof StudioError && error.retryable);
    if (!mayComeLater) {
      showFailure(error, { id: "figures" });
      return;
    }
    figures.set({ isWaiting: true });
    const isWanted = () => version === askedVersion && sessionId === askedSession;
    setTimeout(() => isWanted() && read(chunk, version, sessionId), pause_ms);
    pause_ms = Math.min(2 * pause_ms, LONGEST_PAUSE_MS);
  }
}
