// Opening a session: what can be recovered comes back by itself, and nothing is given up unasked.

/**
 * @typedef {import("./client/shapes.js").Verdict} Verdict
 * @typedef {Verdict["recovery_options"][number]} RecoveryOption
 *
 * @typedef {object} Opened
 * @property {Verdict} verdict of `validate`
 * @property {RecoveryOption | null} chosen the recovery option that was carried out; null if there was nothing to
 *   recover, or if it was decided to decide later
 * @property {boolean} isAsked whether the person chose
 * @property {any} answer of `recover`, which has the whole session; null if it is not open
 */

/**
 * Open the session, as the service's verdict says.
 *
 * Without an answer, the verdict tells why: it is to be tried again later, or nobody has decided.
 *
 * @param {import("./session_client.js").SessionClient} api
 * @param {object} options
 * @param {number | string} [options.knownVersion] the version that the page saw last
 * @param {string} [options.sessionId] an earlier session that is to be opened again
 * @param {(verdict: Verdict) => Promise<RecoveryOption | null>} options.ask returns one of the verdict's recovery options,
 *   or null to decide later
 * @returns {Promise<Opened>}
 */
export async function openSession(api, { knownVersion, sessionId, ask }) {
  const verdict = await api.get("session/validate/", {
    known_version: knownVersion,
    session_id: sessionId,
  });
  let chosen = null;
  let isAsked = false;
  switch (verdict.suggested_action) {
    case "initialize":
      await api.post("session/initialize/");
      break;
    case "continue":
    case "reload":
      break;
    case "resume":
    case "recover":
      [chosen] = verdict.recovery_options;
      break;
    case "retry_later":
      return { verdict, chosen, isAsked, answer: null };
    default:
      chosen = await ask(verdict);
      isAsked = true;
      if (chosen === null) return { verdict, chosen, isAsked, answer: null };
  }
  const answer = chosen
    ? await api.send(chosen.request)
    : await api.post("session/recover/", { strategy: "auto" }, { tryAgain: true });
  return { verdict, chosen, isAsked, answer };
}
