// Files can be dropped anywhere on the page.

import { html, say, useEffect, useState } from "../page/html.js";
import { Icon } from "../page/icon.js";
import { openImport } from "./import/importing.js";

const hasFiles = (event) => event.dataTransfer?.types.includes("Files");

export function DropTarget() {
  const [isOver, setOver] = useState(false);
  useEffect(() => {
    const over = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault(); // or the browser would open the file
      setOver(true);
    };
    const leave = (event) => {
      if (event.relatedTarget === null) setOver(false);
    };
    const drop = (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      setOver(false);
      openImport(event.dataTransfer.files);
    };
    const listeners = { dragover: over, dragleave: leave, drop };
    for (const [name, listener] of Object.entries(listeners)) addEventListener(name, listener);
    return () => {
      for (const [name, listener] of Object.entries(listeners)) removeEventListener(name, listener);
    };
  }, []);
  return (
    isOver &&
    html`<div class="drop-target">
      <p><${Icon} name="file-up" /> ${say("datasets.dropNow")}</p>
    </div>`
  );
}
