// Somebody else's front end, in TypeScript.

import { NoAnswer, StudioClient, StudioError } from "hydroml-session-client";
import { OfflineQueue } from "hydroml-session-client/offline_queue.js";
import { openSession } from "hydroml-session-client/recovery.js";

const client = new StudioClient({ origin: "https://studio.example.com", token: "hydroml_1" });
const api = client.session("0b0b0b0b-0000-4000-8000-000000000000");

export async function carriers(): Promise<string[]> {
  await openSession(api, { ask: async (verdict) => verdict.recovery_options[0] ?? null });
  const page = await api.page({ page_size: 50, sort: "-delay" });
  const version: number | null = page.version;
  const names: string[] = page.columns.map((column) => column.name);
  return version === null ? [] : names;
}

export function said(error: unknown): string {
  if (error instanceof StudioError)
    return `${error.code}: ${error.actions.map((one) => one.label)}`;
  return error instanceof NoAnswer ? error.message : "";
}

export const queue = new OfflineQueue(api);

// @ts-expect-error a page's query has no such field
api.page({ page_size: "fifty" });
