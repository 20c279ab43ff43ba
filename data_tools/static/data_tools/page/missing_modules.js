// Says that a page is from an earlier version of the service, if one of its modules is not there any
// more. A classic script, which the page names by itself: it needs nothing that may be missing.

addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const { content } = /** @type {HTMLTemplateElement} */ (
      document.getElementById("earlier-version")
    );
    const button = content.querySelector("button");
    if (button === null) return; // it is said already
    button.onclick = () => location.reload();
    document.body.prepend(content);
  },
  { capture: true }, // such events do not bubble
);
