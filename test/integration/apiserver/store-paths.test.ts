import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { type ApiRequest, type ApiResponse, StatusError, type UserInfo } from "#kubernetes/api";
import { type ApiServer, createApiServer, type StoreUpkeep } from "#kubernetes/apiserver";
import { openEmbeddedStore, openMemoryStore, restoreSnapshot, type Store } from "#kubernetes/store";

const admin: UserInfo = { name: "admin", groups: ["system:masters", "system:authenticated"] };
const ann: UserInfo = { name: "ann", groups: ["system:authenticated"] };

function start(t: TestContext, store: Store, storeUpkeep?: StoreUpkeep): ApiServer {
  const server = createApiServer({ store, ...(storeUpkeep && { storeUpkeep }) });
  t.after(async () => {
    await server.stop();
    await store.close();
  });
  return server;
}

function ask(server: ApiServer, method: "GET" | "POST", what: string, user = admin): Promise<ApiResponse> {
  const path = `/slipway/store/${what}`;
  return server.handler({ method, path, query: new URLSearchParams(), headers: {}, user });
}

function refused(code: number) {
  return (error: unknown) => error instanceof StatusError && error.code === code;
}

test("/slipway/store/snapshot: all there is, to be restored elsewhere", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-snapshot-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const store = openMemoryStore();
  const server = start(t, store, {
    async *snapshot() {
      const path = join(folder, "made");
      await store.saveSnapshot(path);
      const { readFile } = await import("node:fs/promises");
      yield await readFile(path);
    },
  });
  const object = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: "kept" } };
  const path = "/api/v1/namespaces/default/configmaps";
  const request: Omit<ApiRequest, "method"> = { path, query: new URLSearchParams(), headers: {}, user: admin };
  await server.handler({ ...request, method: "POST", body: { kind: "object", object } });
  const response = await ask(server, "GET", "snapshot");
  assert.ok(response.kind === "bytes" && !(response.body instanceof Uint8Array));
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  writeFileSync(join(folder, "taken"), Buffer.concat(chunks));
  await restoreSnapshot(join(folder, "taken"), join(folder, "store"));
  const again = start(t, await openEmbeddedStore({ folder: join(folder, "store") }));
  const found = await again.handler({ ...request, method: "GET", path: `${path}/kept` });
  assert.equal(found.kind, "object");
});

test("/slipway/store/compact: what was before is no longer known", async (t) => {
  const store = openMemoryStore();
  const server = start(t, store);
  await server.ready;
  const before = store.revision - 5;
  await ask(server, "POST", "compact");
  await assert.rejects(store.collection("/registry/namespaces/").list({ revision: before }), /the oldest known/);
});

test("/slipway/store: only for those who may do everything, and only what the store can do", async (t) => {
  const server = start(t, openMemoryStore());
  await assert.rejects(ask(server, "GET", "snapshot", ann), refused(403));
  await assert.rejects(ask(server, "POST", "snapshot"), refused(405));
  await assert.rejects(ask(server, "GET", "snapshot"), refused(501));
  await assert.rejects(ask(server, "POST", "defragment"), refused(501));
});
