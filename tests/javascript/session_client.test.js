import assert from "node:assert/strict";
import { describe, test } from "node:test";
import {
  NoAnswer,
  newOperationId,
  StudioClient,
  StudioError,
} from "../../data_tools/static/data_tools/session_client.js";
import {
  brokenAnswer,
  brokenConnection,
  html,
  json,
  refusal,
  serve,
  silence,
} from "./misbehaving_server.js";

const FINE = json({ success: true, version: 3 });
const DATASET = "0b0b0b0b-0000-4000-8000-000000000000";

describe("what is sent", { concurrency: true }, () => {
  test("names the capabilities, and the token or the page's user if there is one", async (t) => {
    const { origin, requests } = await serve(t, [FINE]);

    await new StudioClient({ origin, token: "hydroml_1" }).get("/api/datasources/");
    await new StudioClient({ origin, userId: "7" }).get("/api/datasources/");

    const [first, second] = requests;
    assert.equal(first.headers["x-studio-user"], undefined);
    assert.equal(second.headers["x-studio-user"], "7");
    assert.equal(
      first.headers["x-studio-capabilities"],
      "structured-errors, exact-integers, row-numbers",
    );
    assert.equal(first.headers.authorization, "Token hydroml_1");
    assert.equal(second.headers.authorization, undefined);
  });

  test("has lists and objects of a query as JSON, and leaves out what is not given", async (t) => {
    const { origin, requests } = await serve(t, [FINE]);
    const filter = [{ column: "dest & origin", op: "eq", value: "BOS" }];

    await new StudioClient({ origin }).session(DATASET).page({
      page_number: 2,
      filter: /** @type {any} */ (filter),
      sort: "",
      at_version: undefined,
    });

    const address = new URL(requests[0].url, origin);
    assert.equal(address.pathname, `/api/studio/${DATASET}/data/`);
    assert.deepEqual(Object.fromEntries(address.searchParams), {
      page_number: "2",
      filter: JSON.stringify(filter),
    });
  });

  test("is a command under an id of its own, with the version that was seen", async (t) => {
    const { origin, requests } = await serve(t, [FINE]);
    const api = new StudioClient({ origin }).session(DATASET);

    await api.perform("rename_column", { old_name: "a", new_name: "b" }, { expectedVersion: 3 });
    await api.undo();
    await api.redo({ id: "given" });

    const [rename, undo, redo] = requests.map(({ text }) => JSON.parse(text));
    assert.match(
      rename.client_operation_id,
      /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/,
    );
    assert.equal(rename.expected_version, 3);
    assert.deepEqual(rename.parameters, { old_name: "a", new_name: "b" });
    assert.notEqual(undo.client_operation_id, rename.client_operation_id);
    assert.deepEqual(redo, { client_operation_id: "given" });
  });

  test("is a form for a file, with the reading options as JSON", async (t) => {
    const { origin, requests } = await serve(t, [json({ datasource: { id: "1" } }, 201)]);

    const dataset = await new StudioClient({ origin }).upload(new Blob(["a,b\n1,2\n"]), {
      fileName: "small.csv",
      name: "Small",
      options: { delimiter: "," },
    });

    assert.deepEqual(dataset, { id: "1" });
    const [{ headers, text }] = requests;
    assert.match(String(headers["content-type"]), /^multipart\/form-data; boundary=/);
    assert.match(text, /name="file"; filename="small.csv"/);
    assert.match(text, /name="options"\r\n\r\n\{"delimiter":","\}\r\n/);
    assert.match(text, /name="name"\r\n\r\nSmall\r\n/);
  });
});

describe("a refusal", { concurrency: true }, () => {
  test("is an error with all that the service says", async (t) => {
    const action = { action: "undo", label: "Undo", method: "POST", href: "/undo/" };
    const { origin } = await serve(t, [
      refusal("TABLE_TOO_LARGE", 400, { recovery_actions: [action], details: { rows: 5 } }),
    ]);

    const error = await failure(new StudioClient({ origin }).get("/"));

    assert.ok(error instanceof StudioError);
    assert.equal(error.message, "Not now: TABLE_TOO_LARGE.");
    assert.deepEqual(
      { ...error, actions: error.actions },
      {
        name: "StudioError",
        code: "TABLE_TOO_LARGE",
        actions: [action],
        retryable: false,
        details: { rows: 5 },
        traceId: "trace-1",
        status: 400,
        retryAfterSeconds: undefined,
      },
    );
  });

  test("that is final is not asked for again", async (t) => {
    const { origin, requests } = await serve(t, [refusal("NOT_FOUND", 404), FINE]);

    await failure(new StudioClient({ origin }).get("/"));

    assert.equal(requests.length, 1);
  });

  test("of something on the way is final, unless it may be better later", async (t) => {
    const { origin, requests } = await serve(t, [html("<h1>Too large</h1>", 413), FINE]);

    const error = await failure(new StudioClient({ origin }).get("/"));

    assert.ok(error instanceof StudioError);
    assert.equal(error.code, "REFUSED_ON_THE_WAY");
    assert.equal(requests.length, 1);
  });
});

describe("reading goes on", { concurrency: true }, () => {
  for (const [what, answer] of /** @type {[string, any][]} */ ([
    ["a broken connection", brokenConnection],
    ["an answer that ends in the middle", brokenAnswer],
    ["a gateway's page", html("<h1>Bad gateway</h1>", 502)],
    ["a page in place of an answer", html("<h1>Sign in to the network</h1>", 200)],
    ["an error that may pass", refusal("DATABASE_UNAVAILABLE", 503, { retryable: true })],
  ])) {
    test(`after ${what}`, async (t) => {
      const { origin, requests } = await serve(t, [answer, answer, FINE]);

      const read = await new StudioClient({ origin }).get("/");

      assert.equal(read.version, 3);
      assert.equal(requests.length, 3);
    });
  }

  test("after the time that the service asks for, whoever says so", async (t) => {
    const later = { "Retry-After": "1" };
    const { origin, requests } = await serve(t, [
      refusal("THROTTLED", 429, { retryable: true }, later),
      html("Slow down", 429, later),
      FINE,
    ]);

    await new StudioClient({ origin }).get("/");

    const [first, second, third] = requests.map(({ at }) => at);
    assert.ok(second - first >= 1_000, String(second - first));
    assert.ok(third - second >= 1_000, String(third - second));
  });

  test("only so often", async (t) => {
    const { origin, requests } = await serve(t, [brokenConnection]);

    const error = await failure(new StudioClient({ origin, tries: 2 }).get("/"));

    assert.ok(error instanceof NoAnswer);
    assert.equal(requests.length, 2);
  });

  test("not when the wait would be long, or a dataset is being loaded", async (t) => {
    const throttled = refusal("THROTTLED", 429, { retryable: true }, { "Retry-After": "3600" });
    const loading = refusal("DATASOURCE_NOT_READY", 409, { retryable: true });
    const { origin, requests } = await serve(t, [throttled, loading, FINE]);
    const client = new StudioClient({ origin });

    assert.equal((await failure(client.get("/"))).retryAfterSeconds, 3600);
    assert.equal((await failure(client.get("/"))).code, "DATASOURCE_NOT_READY");
    assert.equal(requests.length, 2);
  });
});

describe("a command", { concurrency: true }, () => {
  test("with an id is sent again, under the same id", async (t) => {
    const { origin, requests } = await serve(t, [brokenConnection, FINE]);

    await new StudioClient({ origin }).session(DATASET).undo();

    const ids = requests.map(({ text }) => JSON.parse(text).client_operation_id);
    assert.equal(ids.length, 2);
    assert.equal(ids[0], ids[1]);
  });

  test("without one is sent once", async (t) => {
    const { origin, requests } = await serve(t, [brokenConnection, FINE]);

    const error = await failure(new StudioClient({ origin }).post("/"));

    assert.ok(error instanceof NoAnswer);
    assert.equal(requests.length, 1);
  });
});

describe("a request that takes too long", { concurrency: true }, () => {
  test("has no answer", async (t) => {
    const { origin } = await serve(t, [silence]);
    const client = new StudioClient({ origin, tries: 1, timeoutSeconds: 0.05 });

    assert.ok((await failure(client.get("/"))) instanceof NoAnswer);
  });

  test("is given up when it is aborted, with the reason, and not tried again", async (t) => {
    const { origin, requests } = await serve(t, [silence]);
    const controller = new AbortController();
    const reason = new Error("another page is wanted");

    const reading = failure(new StudioClient({ origin }).get("/", { signal: controller.signal }));
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    controller.abort(reason);

    assert.equal(await reading, reason);
    assert.equal(requests.length, 1);
  });

  test("is given up between two tries as well", async (t) => {
    const later = { "Retry-After": "10" };
    const { origin, requests } = await serve(t, [
      refusal("SERVICE_BUSY", 503, { retryable: true }, later),
    ]);
    const controller = new AbortController();

    const reading = failure(new StudioClient({ origin }).get("/", { signal: controller.signal }));
    while (requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    setTimeout(() => controller.abort(), 20);

    assert.equal((await reading).name, "AbortError");
    assert.equal(requests.length, 1);
  });
});

describe("a file", { concurrency: true }, () => {
  const HEAD = { "X-Total-Rows": "2", "Content-Disposition": 'attachment; filename="flights.csv"' };

  test("comes with its name, and what has come so far is told", async (t) => {
    const { origin, requests } = await serve(t, [
      (response) => response.writeHead(200, HEAD).end("a,b\n1,2\n"),
    ]);
    const told = /** @type {number[]} */ ([]);

    const { name, blob } = await new StudioClient({ origin })
      .session(DATASET)
      .exportedWhole({ format: "csv" }, { onProgress: ({ done }) => told.push(done) });

    assert.equal(name, "flights.csv");
    assert.equal(await blob.text(), "a,b\n1,2\n");
    assert.equal(told.at(-1), 8);
    assert.equal(requests[0].url, `/api/studio/${DATASET}/export/?format=csv`);
  });

  test("comes as a stream with the number of its rows", async (t) => {
    const { origin } = await serve(t, [(response) => response.writeHead(200, HEAD).end("a\n")]);

    const file = await new StudioClient({ origin }).session(DATASET).exported({ format: "csv" });

    assert.equal(file.totalRows, 2);
    assert.equal(await new Response(file.stream).text(), "a\n");
  });

  test("that breaks off is no file", async (t) => {
    const { origin } = await serve(t, [
      (response) => {
        response.writeHead(200, HEAD);
        response.write("a,b\n1,", () => response.destroy());
      },
    ]);

    const exported = new StudioClient({ origin }).session(DATASET).exportedWhole({ format: "csv" });

    assert.ok((await failure(exported)) instanceof NoAnswer);
  });

  test("that is refused is an error like any other", async (t) => {
    const { origin } = await serve(t, [refusal("EXPORT_DOES_NOT_FIT", 400)]);

    const exported = new StudioClient({ origin }).session(DATASET).exported({ format: "xlsx" });

    assert.equal((await failure(exported)).code, "EXPORT_DOES_NOT_FIT");
  });
});

test("a dataset is waited for until it is loaded, and what is known so far is told", async (t) => {
  const at = (/** @type {string} */ status, progress = 0) =>
    json({ datasource: { id: "1", status, progress } });
  const { origin } = await serve(t, [at("UPLOADING"), at("PROCESSING", 40), at("READY", 100)]);
  const told = /** @type {number[]} */ ([]);

  const dataset = await new StudioClient({ origin }).loaded("1", {
    onProgress: ({ progress }) => told.push(progress),
  });

  assert.equal(dataset.status, "READY");
  assert.deepEqual(told, [0, 40, 100]);
});

test("no two ids of commands are the same", () => {
  assert.equal(new Set(Array.from({ length: 1_000 }, newOperationId)).size, 1_000);
});

/** @param {Promise<any>} promise @returns {Promise<any>} the error that it ends in */
function failure(promise) {
  return promise.then(
    (answer) => assert.fail(`There was an answer: ${JSON.stringify(answer)}`),
    (error) => error,
  );
}
