// OpenAPI v2 of a server in this process: the one document, put together from what each resource adds.

import assert from "node:assert/strict";
import { test } from "node:test";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";

interface Document {
  readonly paths: Record<string, Record<string, { readonly parameters: readonly object[] }>>;
  readonly definitions: Record<string, object>;
  readonly parameters: Record<string, { readonly name: string }>;
}

test("openapi v2: parameters are shared, and all that is referred to is there", async (t) => {
  const server = createApiServer({ store: openMemoryStore() });
  t.after(() => server.stop());
  const user = { name: "admin", groups: ["system:masters"] };
  const ask = () =>
    server.handler({ method: "GET", path: "/openapi/v2", query: new URLSearchParams(), headers: {}, user });
  const [answer, same] = await Promise.all([ask(), ask()]);
  assert.ok(answer.kind === "bytes" && answer.body instanceof Uint8Array);
  assert.ok(same.kind === "bytes" && same.body === answer.body);
  const text = Buffer.from(answer.body).toString();
  const { paths, definitions, parameters } = JSON.parse(text) as Document;
  const [first] = paths["/api/v1/namespaces/{namespace}/pods"]!["get"]!.parameters as { $ref: string }[];
  const { name } = parameters[first!.$ref.replace("#/parameters/", "")]!;
  assert.equal(name, "allowWatchBookmarks");
  const referred = new Set(
    [...text.matchAll(/"\$ref":"#\/(definitions|parameters)\/([^"]+)"/g)].map((each) => each[0]),
  );
  for (const reference of referred) {
    const [, kind, key] = /#\/(definitions|parameters)\/([^"]+)"$/.exec(reference)!;
    assert.ok((kind === "definitions" ? definitions : parameters)[key!], reference);
  }
});
