// An API server in this process for the tests of add-ons: no controllers, no nodes, nothing on disk.

import type { TestContext } from "node:test";
import type { UnknownObject } from "#kubernetes/api";
import { createApiServer } from "#kubernetes/apiserver";
import { type Client, createClient, createDirectTransport } from "#kubernetes/client";
import { openMemoryStore } from "#kubernetes/store";

/** Stopped after the test. The client has all rights. */
export async function startApi(t: TestContext): Promise<Client> {
  const store = openMemoryStore();
  const server = createApiServer({ store });
  t.after(async () => {
    await server.stop();
    await store.close();
  });
  await server.ready;
  const user = { name: "admin", groups: ["system:masters", "system:authenticated"] };
  return createClient({ transport: createDirectTransport(server.handler, user) });
}

export function configMap(name: string, data: Record<string, string> = {}): UnknownObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: "default", name }, data };
}
