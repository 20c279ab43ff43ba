// Says that a part of the page is missing, if one of its modules could not be loaded: the network may
// be away, or the page be from an earlier version of the service, whose modules are not there any
// more. A classic script, which the page names by itself: it needs nothing that may be missing.

addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const { content } = /** @type {HTMLTemplateElement} */ (
      document.getElementById("missing-part")
    );
    const button = content.querySelector("button");
    if (button === null) return; // it is said already
    button.onclick = () => location.reload();
    document.body.prepend(content);
  },
  { capture: true }, // such events do not bubble
);
