// The top line: where one is, whether the work is safe, and what can be done with all of it.

import { html, say, useStore } from "../page/html.js";
import { UserMenu } from "../page/user_menu.js";
import { DatasetMenu } from "./comfort/dataset_menu.js";
import { HelpMenu } from "./comfort/help_menu.js";
import { TourOffer } from "./comfort/tour.js";
import { ExportButton, SaveButton } from "./saving/save_buttons.js";
import { SavingStatus } from "./saving/saving_status.js";
import { rows } from "./state/rows.js";

/** @param {{ userName: string }} props */
export function StudioHeader({ userName }) {
  const totalRows = useStore(rows, (state) => state.totalRows);
  const columns = useStore(rows, (state) => state.columns);
  return html`<header class="top studio-top">
    <a class="home" href="/" title=${say("dataset.all")}>HydroML</a>
    <${DatasetMenu} />
    ${
      columns.length > 0 &&
      html`<p class="mute dataset-size">
      ${say("page.rows", { count: totalRows })} · ${say("page.columns", { count: columns.length })}
    </p>`
    }
    <div class="top-end">
      <${SavingStatus} />
      <${TourOffer} />
      <${ExportButton} />
      <${SaveButton} />
      <${HelpMenu} />
      <${UserMenu} name=${userName} />
    </div>
  </header>`;
}
