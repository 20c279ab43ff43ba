// The datasets as the service has them: reading the list, and following files while they load.

import { PAGE_USER } from "../page/page_user.js";
import { StudioClient, StudioError } from "../session_client.js";
import { datasets, isLoading, takeDataset } from "./state.js";

const PAGE_SIZE = 100;
const LOOK_AGAIN_MS = 700;
const RECENT = 20; // sessions, of which several may be on one dataset

export const client = new StudioClient({ userId: PAGE_USER });

/** Read the next page of the list, or the first one. @param {boolean} [fromTheStart] */
export async function readDatasets(fromTheStart = false) {
  const before = fromTheStart ? [] : datasets.state.list;
  const { datasources, pagination } = await client.datasets({
    page: Math.floor(before.length / PAGE_SIZE) + 1,
    size: PAGE_SIZE,
  });
  const known = new Set(before.map((each) => each.id));
  datasets.set({
    list: [...before, ...datasources.filter((each) => !known.has(each.id))],
    total: pagination.total_rows,
  });
  followLoading();
}

/** Read whatever of the list was not read yet, so that a search looks through all of it. */
export async function readAllDatasets() {
  while (!(datasets.state.list.length >= datasets.state.total)) {
    const { length } = datasets.state.list;
    await readDatasets();
    if (datasets.state.list.length === length) return; // the service counts others than it lists
  }
}

export async function readSessions() {
  try {
    const { sessions } = await client.get("/api/sessions/", { query: { limit: RECENT } });
    datasets.set({ sessions });
  } catch (error) {
    if (!(error instanceof StudioError)) throw error; // the page is of use without them
  }
}

export async function readQuotas() {
  const { quotas } = await client.get("/api/account/usage/");
  datasets.set({ quotas });
}

let isFollowing = false;

/** Show how far the files have come, until all are loaded. */
export async function followLoading() {
  if (isFollowing) return;
  isFollowing = true;
  try {
    for (;;) {
      const loading = datasets.state.list.filter(isLoading);
      if (loading.length === 0) return;
      for (const { id } of loading) takeDataset(await client.dataset(id));
      await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    setTimeout(followLoading, 10 * LOOK_AGAIN_MS); // the service is away, or the dataset is gone
  } finally {
    isFollowing = false;
  }
}
