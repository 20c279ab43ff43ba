// The menu at the dataset's name: what it is, another file for it, and the other datasets.

import { html, say, useEffect, useState, useStore } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { Menu } from "../../page/menu.js";
import { client } from "../service.js";
import { openDialog } from "../state/panels.js";
import { session } from "../state/session.js";

const OTHERS = 6;

export function DatasetMenu() {
  const name = useStore(session, (state) => state.datasetName);
  const id = useStore(session, (state) => state.datasetId);
  const [others, setOthers] = useState(/** @type {{ id: string, name: string }[]} */ ([]));
  useEffect(() => {
    // The page is of use without them, so a failure is left to whatever comes next.
    client
      .datasets({ size: OTHERS + 1 })
      .then(({ datasources }) => setOthers(datasources.filter((each) => each.id !== id)))
      .catch(() => {});
  }, [id]);
  const commands = [
    { label: say("dataset.about"), icon: "info", act: () => openDialog("about") },
    { label: say("datasets.newFile"), icon: "file-up", href: `/?new_file=${id}` },
    ...others.slice(0, OTHERS).map((each) => ({
      label: each.name,
      icon: "database",
      href: `/studio/${each.id}/`,
    })),
    { label: say("dataset.all"), icon: "list", href: "/" },
  ];
  return html`<h1 class="dataset-name">
    <${Menu}
      class="dataset-menu"
      label=${html`<span>${name}</span><${Icon} name="chevron-down" />`}
      commands=${commands}
    />
  </h1>`;
}
