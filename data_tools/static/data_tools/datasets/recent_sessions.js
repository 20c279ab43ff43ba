// Work that was begun, also that which has ended: opening its dataset brings it back.

import { when } from "../page/formats.js";
import { html, say, useStore } from "../page/html.js";
import { datasets, latestOfEach } from "./state.js";

const SHOWN = 4;

export function RecentSessions() {
  const { sessions, deleting } = useStore(datasets);
  const shown = latestOfEach(sessions)
    .filter((each) => !deleting.includes(each.datasource_id))
    .slice(0, SHOWN);
  if (shown.length === 0) return null;
  return html`<section class="recent" aria-labelledby="recent-title">
    <h2 id="recent-title">${say("recent.title")}</h2>
    <ul>
      ${shown.map(
        (each) =>
          html`<li key=${each.session_id}>
            <a href="/studio/${each.datasource_id}/">${each.datasource_name}</a>
            <p class="mute">${stateOf(each)}</p>
          </li>`,
      )}
    </ul>
  </section>`;
}

/** @param {import("./state.js").RecentSession} session */
function stateOf({ is_open, operations_count, last_activity, recoverable_until }) {
  const steps =
    operations_count === null
      ? say("recent.work")
      : say("recovery.steps", { count: operations_count });
  const time = when(last_activity);
  if (is_open) return say("recent.open", { steps, time });
  if (recoverable_until === null) return say("recent.ended", { steps, time });
  return say("recent.recoverable", { steps, time, until: when(recoverable_until) });
}
