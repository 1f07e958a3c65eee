import assert from "node:assert/strict";
import { test } from "node:test";
import type { ApiRequest } from "#kubernetes/api";
import { notFound } from "#kubernetes/api";
import type { Transport } from "./client.ts";
import { type MeasuredRequest, measureTransport } from "./measure-transport.ts";

test("measureTransport: answers, refusals and failures are noted, and passed on as they are", async () => {
  const answers: Record<string, () => ReturnType<Transport["request"]>> = {
    "/good": async () => ({ kind: "object", status: 201, object: {} }),
    "/refused": () => Promise.reject(notFound({ group: "", resource: "pods" }, "a")),
    "/broken": () => Promise.reject(new Error("no connection")),
  };
  const noted: MeasuredRequest[] = [];
  let isClosed = false;
  const transport = measureTransport(
    {
      request: ({ path }) => answers[path]!(),
      close: async () => {
        isClosed = true;
      },
    },
    (request) => noted.push(request),
  );
  const request = (path: string): ApiRequest => ({ method: "POST", path, query: new URLSearchParams(), headers: {} });
  assert.equal((await transport.request(request("/good"))).status, 201);
  await assert.rejects(transport.request(request("/refused")), { code: 404 });
  await assert.rejects(transport.request(request("/broken")), /no connection/);
  assert.deepEqual(
    noted.map(({ method, code }) => `${method} ${code}`),
    ["POST 201", "POST 404", "POST <error>"],
  );
  for (const { seconds } of noted) assert.ok(seconds >= 0 && seconds < 60);
  await transport.close();
  assert.ok(isClosed);
});
