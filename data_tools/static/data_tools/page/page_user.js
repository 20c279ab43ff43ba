// Whose page it is. Another tab may sign somebody else in, for the whole browser.

/** The user's id, as the service has written it into the page. */
export const PAGE_USER =
  globalThis.document?.querySelector("[data-user-id]")?.getAttribute("data-user-id") ?? undefined;

/** Where that user signs in and comes back to this page, even while another one is signed in. */
export function signInAddress() {
  const next = location.pathname + location.search;
  return `/accounts/login/?${new URLSearchParams({ next, user: `${PAGE_USER}` })}`;
}
