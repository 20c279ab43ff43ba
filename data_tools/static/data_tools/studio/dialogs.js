// The dialogs of the studio, by the name under which `openDialog` opens them. One is open at a time.

import { html, useStore } from "../page/html.js";
import { AboutDialog } from "./comfort/about_dialog.js";
import { KeyboardHelp } from "./comfort/keyboard_help.js";
import { GoToColumn } from "./grid/go_to_column.js";
import { WholeCell } from "./grid/whole_cell.js";
import { CompareDialog } from "./history/compare_dialog.js";
import { EarlierDialog } from "./history/earlier_dialog.js";
import { LogDialog } from "./history/log_dialog.js";
import { RecipeDialog } from "./history/recipe_dialog.js";
import { HeldDialog } from "./recovery/held_dialog.js";
import { RecoveryDialog } from "./recovery/recovery_dialog.js";
import { ExportDialog } from "./saving/export_dialog.js";
import { SaveDialog } from "./saving/save_dialog.js";
import { panels } from "./state/panels.js";
import { CommandPalette } from "./steps/command_palette.js";

/** @type {Record<string, (props: any) => any>} */
const DIALOGS = {
  about: AboutDialog,
  cell: WholeCell,
  compare: CompareDialog,
  earlier: EarlierDialog,
  export: ExportDialog,
  "go-to-column": GoToColumn,
  held: HeldDialog,
  keys: KeyboardHelp,
  log: LogDialog,
  palette: CommandPalette,
  recipe: RecipeDialog,
  recovery: RecoveryDialog,
  save: SaveDialog,
};

export function Dialogs() {
  const open = useStore(panels, (state) => state.dialog);
  return open && html`<${DIALOGS[open.name]} key=${open.opening} ...${open} />`;
}
