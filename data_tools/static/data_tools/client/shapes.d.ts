// The shapes of requests and answers, by the names that the API's description gives its operations.

import type { components, operations } from "../api.d.ts";

export type Schemas = components["schemas"];
export type Row = Schemas["Row"];
export type Column = Schemas["Column"];
export type Page = Schemas["Page"];
export type Verdict = Schemas["Verdict"];
export type Dataset = Schemas["Datasource"];
export type ReadingOptions = Partial<Schemas["ReadingOptions"]>;
export type FilePreview = Schemas["FilePreview"];
export type Recipe = Schemas["Recipe"];

type JsonOf<Responses> = {
  [Status in keyof Responses & (200 | 201 | 202)]: Responses[Status] extends {
    content: { "application/json": infer Json };
  }
    ? Json
    : never;
}[keyof Responses & (200 | 201 | 202)];

export type AnswerOf<Name extends keyof operations> = JsonOf<operations[Name]["responses"]>;

export type QueryOf<Name extends keyof operations> = NonNullable<
  operations[Name]["parameters"]["query"]
>;

export type BodyOf<Name extends keyof operations> = operations[Name] extends {
  requestBody?: { content: { "application/json": infer Json } };
}
  ? Json
  : never;

/** One command or many: what is sent along with it. */
export interface CommandOptions {
  /** Under which the command takes effect once, however often it is sent; made up if left out. */
  id?: string;
  /** The version that the person saw; another tab's change is then a conflict. */
  expectedVersion?: number;
  expectedSessionId?: string;
  signal?: AbortSignal;
}

/** A list or an object is sent as JSON; what is null, undefined or empty is left out. */
export type Query = Record<string, unknown>;

export interface CallOptions {
  query?: Query;
  /** It is sent as JSON, or as a form if it is one. */
  body?: unknown;
  signal?: AbortSignal;
  /** Whether sending it twice is safe. */
  tryAgain?: boolean;
}

export interface Progress {
  /** Bytes. */
  done: number;
  /** Bytes; undefined if nobody knows. */
  total?: number;
}
