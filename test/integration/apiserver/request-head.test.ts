// What stands in the first lines of a request: long ones are taken, and a timeout must be a duration.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { request } from "node:https";
import { join } from "node:path";
import { test } from "node:test";
import { openPort } from "../../support/cluster/open-port.ts";
import { adminToken, startTestCluster } from "../../support/cluster/test-cluster.ts";

const fixtures = join(import.meta.dirname, "../../fixtures/tls");
const longPath = `/version?command=${"x".repeat(200_000)}`;

test("a request may have a long head, as commands for exec have, by HTTP/1.1 with TLS and without", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  assert.equal((await ask(longPath)).status, 200);
  const [certificate, key] = await Promise.all(
    ["localhost.crt", "localhost.key"].map((file) => readFile(join(fixtures, file), "utf8")),
  );
  const { port } = await cluster.server.listen({
    host: "127.0.0.1",
    port: 0,
    tls: { certificate: certificate!, key: key! },
  });
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { authorization: `Bearer ${adminToken}` };
    const sent = request(
      { host: "127.0.0.1", port, path: longPath, headers, ca: certificate, agent: false },
      (answer) => {
        answer.resume();
        resolve(answer.statusCode);
      },
    );
    sent.on("error", reject);
    sent.end();
  });
  assert.equal(status, 200);
});

test("a timeout that is no duration is a bad request", async () => {
  await using cluster = await startTestCluster();
  const ask = await openPort(cluster);
  const refused = await ask("/api/v1/namespaces?timeout=invalid");
  assert.equal(refused.status, 400);
  const { message } = (await refused.json()) as { message: string };
  assert.equal(message, 'invalid timeout specified in the request URL - time: invalid duration "invalid"');
  for (const timeout of ["30s", "0", ""]) assert.equal((await ask(`/version?timeout=${timeout}`)).status, 200);
});
