// A button that asks for files.

import { html, useRef } from "../page/html.js";
import { Icon } from "../page/icon.js";

/**
 * @param {{
 *   label: string,
 *   onFiles: (files: File[]) => void,
 *   class?: string,
 *   one?: boolean,
 *   focused?: boolean,
 * }} props
 */
export function FileButton({
  label,
  onFiles,
  class: className = "",
  one = false,
  focused = false,
}) {
  const input = useRef(/** @type {HTMLInputElement | null} */ (null));
  const take = ({ target }) => {
    const files = [...target.files];
    target.value = ""; // so that the same file can be chosen again
    onFiles(files);
  };
  return html`<button
      type="button"
      class=${className}
      data-focus=${focused ? "" : undefined}
      onClick=${() => input.current.click()}
    >
      <${Icon} name="upload" /> ${label}
    </button>
    <input type="file" hidden multiple=${!one} aria-label=${label} ref=${input} onChange=${take} />`;
}
