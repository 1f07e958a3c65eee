// The API server alone on a store on disk, in a process of its own, for api.ts: `node bench/api-server.ts FOLDER TOKEN`. Prints its port.

import { createAuthority, issueCertificate } from "#bootstrap";
import { createApiServer } from "#kubernetes/apiserver";
import { openEmbeddedStore } from "#kubernetes/store";

const [folder = "", token = ""] = process.argv.slice(2);
const store = await openEmbeddedStore({ folder });
const server = createApiServer({ store, tokens: { [token]: { name: "admin", groups: ["system:masters"] } } });
const authority = await createAuthority("bench");
const certificate = await issueCertificate(authority, {
  commonName: "kube-apiserver",
  usages: ["server"],
  ipAddresses: ["127.0.0.1"],
});
const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls: certificate });
await server.ready;
process.stdout.write(`${port}\n`);
process.on("SIGTERM", () => {
  server
    .stop()
    .then(() => store.close())
    .then(
      () => process.exit(0),
      () => process.exit(1),
    );
});
