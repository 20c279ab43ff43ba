// The one screen: columns on the left, the rows in the middle, the history on the right.

import { html, useStore } from "../page/html.js";
import { Notices } from "../page/notices.js";
import { preferences } from "../page/preferences.js";
import { ColumnsToggle } from "./columns/columns_toggle.js";
import { LeftSide } from "./columns/left_side.js";
import { Tour } from "./comfort/tour.js";
import { Dialogs } from "./dialogs.js";
import { FilterChips } from "./filters/filter_chips.js";
import { Grid } from "./grid/grid.js";
import { Pager } from "./grid/pager.js";
import { History, HistoryToggle } from "./history/history.js";
import { UndoRedo } from "./history/undo_redo.js";
import { VersionBanner } from "./history/version_banner.js";
import { panels } from "./state/panels.js";
import { stepForm } from "./state/step_form.js";
import { AddStep } from "./steps/add_step.js";
import { StepOutcome } from "./steps/step_outcome.js";
import { StepPanel } from "./steps/step_panel.js";
import { StudioHeader } from "./studio_header.js";

/** @param {{ userName: string }} props */
export function Studio({ userName }) {
  const historyOpen = useStore(panels, (state) => state.historyOpen);
  const isMakingStep = useStore(stepForm, (state) => state.open !== null);
  const written = useStore(preferences, (state) => state.values);
  return html`<div class="studio">
    <${StudioHeader} userName=${userName} />
    <${Notices} />
    <div class="studio-tools">
      <${ColumnsToggle} />
      <${UndoRedo} />
      <${AddStep} />
      <${FilterChips} />
      <${HistoryToggle} />
    </div>
    <main class="studio-main" key=${written}>
      <${LeftSide} />
      <section class="gridbox">
        <${VersionBanner} />
        <${StepOutcome} />
        <${Grid} />
        <${Pager} />
      </section>
      ${isMakingStep ? html`<${StepPanel} />` : historyOpen && html`<${History} />`}
    </main>
    <${Dialogs} />
    <${Tour} />
  </div>`;
}
