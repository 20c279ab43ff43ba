// How pages look and how values are written: a choice counts at once, and there is nothing to save.

import { Dialog } from "./dialog.js";
import { dateText, exactNumber } from "./formats.js";
import { html, say, useStore } from "./html.js";
import { CHOICES, choose, preferences } from "./preferences.js";

/** @typedef {import("./preferences.js").Preference} Preference */

/** @param {{ onClose: () => void }} props */
export function SettingsDialog({ onClose }) {
  const chosen = useStore(preferences);
  return html`<${Dialog} title=${say("settings.title")} class="settings" onClose=${onClose}>
    <form method="dialog">
      ${Object.entries(CHOICES).map(
        ([name, choices], index) =>
          html`<fieldset class="setting" key=${name}>
            <legend>${say(`settings.${name}`)}</legend>
            ${choices.map(
              (choice, at) =>
                html`<label>
                  <input
                    type="radio"
                    name=${name}
                    value=${choice}
                    data-focus=${index === 0 && at === choices.indexOf(chosen[name]) ? "" : undefined}
                    checked=${chosen[name] === choice}
                    onChange=${() => choose(/** @type {Preference} */ (name), choice)}
                  />
                  ${say(`settings.${name}.${choice}`)}
                </label>`,
            )}
          </fieldset>`,
      )}
      <p class="mute">
        ${say("settings.example", {
          number: exactNumber(1234567.5),
          date: dateText("2013-01-31"),
        })}
      </p>
      <div class="dialog-actions"><button class="primary">${say("page.close")}</button></div>
    </form>
  <//>`;
}
