// An API server on an etcd cluster in a process of its own, for tests that kill it: api-server-process.ts ENDPOINT TOKEN FIXTURES.
// Prints its port once it answers.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { createApiServer } from "#kubernetes/apiserver";
import { openEtcdStore } from "#kubernetes/store";

const [endpoint = "", token = "", fixtures = ""] = process.argv.slice(2);
const store = await openEtcdStore({ endpoints: [endpoint], compactionIntervalMs: 0 });
const server = createApiServer({ store, tokens: { [token]: { name: "admin", groups: ["system:masters"] } } });
const [certificate, key] = await Promise.all([
  readFile(join(fixtures, "localhost.crt"), "utf8"),
  readFile(join(fixtures, "localhost.key"), "utf8"),
]);
const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls: { certificate, key } });
await server.ready;
process.stdout.write(`${port}\n`);
