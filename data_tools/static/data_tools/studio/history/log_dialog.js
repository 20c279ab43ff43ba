// The session's log, for those who want to know everything that happened in it, and who did it.

import { useCopying } from "../../page/clipboard.js";
import { Dialog } from "../../page/dialog.js";
import { html, say, useEffect, useState } from "../../page/html.js";
import { lookAt } from "../commands.js";
import { Refusal } from "../refusal.js";
import { api } from "../service.js";
import { closeDialog } from "../state/panels.js";
import { readCatalogue } from "../steps/catalogue.js";
import { wordsOfEvent } from "./event_words.js";

const moment = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });

/** @param {{ sessionId: string }} props whose log it is */
export function LogDialog({ sessionId }) {
  const [events, setEvents] = useState([]);
  const [cursor, setCursor] = useState(/** @type {string | null | undefined} */ (undefined));
  const [error, setError] = useState(null);
  const [copied, copy] = useCopying();

  const readMore = async () => {
    setError(null);
    try {
      const [answer] = await Promise.all([
        api.get("session/events/", { session_id: sessionId, cursor, limit: 50 }),
        readCatalogue(), // which has the titles of steps
      ]);
      setEvents((before) => withWords([...before, ...answer.events]));
      setCursor(answer.next_cursor);
    } catch (problem) {
      setError(problem);
    }
  };
  useEffect(() => {
    readMore();
  }, []);

  return html`<${Dialog} title=${say("log.title")} class="log-dialog" onClose=${closeDialog}>
    <p class="mute">${say("log.intro")}</p>
    <div class="log-lines" tabindex="0" role="region" aria-label=${say("log.title")}>
      <table>
        <thead>
          <tr>
            <th scope="col">${say("log.when")}</th>
            <th scope="col">${say("log.what")}</th>
            <th scope="col">${say("log.who")}</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          ${events.map((event) => html`<${Line} key=${event.sequence} event=${event} copy=${copy} />`)}
        </tbody>
      </table>
      ${cursor === null && html`<p class="mute">${say("log.end")}</p>`}
    </div>
    <${Refusal} error=${error} />
    <form method="dialog" class="dialog-actions">
      <p class="log-copied mute" role="status">${copied}</p>
      ${cursor && html`<button type="button" onClick=${readMore}>${say("log.older")}</button>`}
      <button type="button" onClick=${() => copy(events.map(lineOf).join("\n"))}>
        ${say("log.copy")}
      </button>
      <button class="primary" data-focus>${say("page.close")}</button>
    </form>
  <//>`;
}

/** What an event undid may come with an older page of the log. */
function withWords(events) {
  return events.map((event) => ({ ...event, words: wordsOfEvent(event, events) }));
}

function Line({ event, copy }) {
  const { words: sentence, version } = event;
  const look = () => {
    closeDialog();
    return lookAt(version, { time: event.recorded_at });
  };
  return html`<tr>
    <td><time datetime=${event.recorded_at}>${timeOf(event)}</time></td>
    <td>${sentence}</td>
    <td>${whoOf(event)}</td>
    <td class="log-actions">
      <button
        type="button"
        class="link"
        aria-label=${say("log.lookAt", { sentence })}
        onClick=${look}
      >
        ${say("log.look")}
      </button>
      <button
        type="button"
        class="link"
        aria-label=${say("log.traceOf", { sentence })}
        title=${event.trace_id}
        onClick=${() => copy(event.trace_id)}
      >
        ${say("log.trace")}
      </button>
    </td>
  </tr>`;
}

const timeOf = ({ recorded_at: time }) => moment.format(new Date(time));
const whoOf = ({ actor }) => actor ?? say("log.noOne");

function lineOf(event) {
  return [event.recorded_at, event.words, whoOf(event), event.trace_id].join("\t");
}
