// Where help is found.

import { html, say } from "../../page/html.js";
import { Icon } from "../../page/icon.js";
import { Menu } from "../../page/menu.js";
import { openDialog } from "../state/panels.js";
import { useHelpKey } from "./keyboard_help.js";
import { startTour } from "./tour.js";

export function HelpMenu() {
  useHelpKey();
  return html`<${Menu}
    class="help-menu"
    title=${say("help.title")}
    label=${html`<${Icon} name="circle-help" />`}
    commands=${[
      { label: say("keys.title"), icon: "keyboard", act: () => openDialog("keys") },
      { label: say("tour.take"), icon: "play", act: startTour },
      { label: say("help.api"), icon: "link", href: "/api/docs/" },
    ]}
  />`;
}
