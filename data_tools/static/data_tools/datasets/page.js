// The page of datasets: the list, or the import screen while files are being looked at.

import { html, useStore } from "../page/html.js";
import { Notices } from "../page/notices.js";
import { UserMenu } from "../page/user_menu.js";
import { DatasetList } from "./dataset_list.js";
import { DropTarget } from "./drop_target.js";
import { ImportScreen } from "./import/import_screen.js";
import { imports } from "./import/state.js";
import { NewFileDialog } from "./new_file_dialog.js";
import { RenameDialog } from "./rename_dialog.js";
import { Uploads } from "./uploads.js";

/** @param {{ userName: string }} props */
export function Page({ userName }) {
  const isImporting = useStore(imports, ({ files }) => files.length > 0);
  return html`<header class="top">
      <a class="home" href="/">HydroML</a>
      <div class="top-end"><${UserMenu} name=${userName} /></div>
    </header>
    <${Notices} />
    <${Uploads} />
    ${isImporting ? html`<${ImportScreen} />` : html`<${DatasetList} />`}
    <${NewFileDialog} />
    <${RenameDialog} />
    <${DropTarget} />`;
}
