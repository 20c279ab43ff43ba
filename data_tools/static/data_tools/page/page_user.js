// Whose page it is. Another tab may sign somebody else in, for the whole browser.

/** The user's id, as the service has written it into the page. */
export const PAGE_USER =
  globalThis.document?.querySelector("[data-user-id]")?.getAttribute("data-user-id") ?? undefined;
