// Says that a page is from an earlier version of the service, if one of its modules is not there any
// more. A classic script, which the page names by itself: it needs nothing that may be missing.

addEventListener(
  "error",
  ({ target }) => {
    if (!(target instanceof HTMLScriptElement)) return;
    const notice = document.getElementById("earlier-version");
    notice.querySelector("button").onclick = () => location.reload();
    notice.hidden = false;
  },
  { capture: true }, // such events do not bubble
);
