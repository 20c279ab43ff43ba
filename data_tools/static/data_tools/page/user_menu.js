// The menu of the person who is signed in.

import { html, say, useState } from "./html.js";
import { Icon } from "./icon.js";
import { Menu } from "./menu.js";
import { notify } from "./notices.js";
import { SettingsDialog } from "./settings_dialog.js";

/** @param {{ name: string }} props */
export function UserMenu({ name }) {
  const [isOpen, setOpen] = useState(false);
  const commands = [
    { label: say("settings.title"), icon: "settings", act: () => setOpen(true) },
    { label: say("user.signOut"), icon: "log-out", act: signOut },
  ];
  const label = html`<${Icon} name="user" /><span class="user-name">${name}</span>
    <${Icon} name="chevron-down" />`;
  return html`<${Menu} class="user-menu" label=${label} commands=${commands} />
    ${isOpen && html`<${SettingsDialog} onClose=${() => setOpen(false)} />`}`;
}

/** The page's own form does it, which has the token that a form of this site must have. */
function signOut() {
  if (!navigator.onLine) {
    // The browser's own page about the missing network would take the place of this one.
    notify({ id: "sign-out", tone: "warning", text: say("user.signOutOffline") });
    return;
  }
  const form = /** @type {HTMLFormElement} */ (document.getElementById("sign-out"));
  form.requestSubmit();
}
