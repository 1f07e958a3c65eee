// Replays what a real kube-apiserver 1.36 was asked, and compares the answers: in process and over HTTPS.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { suite, test } from "node:test";
import { createApiServer } from "#kubernetes/apiserver";
import { openMemoryStore } from "#kubernetes/store";
import { type RecordedStep, readRecordings } from "../../support/replay/recordings.ts";
import { runScenario } from "../../support/replay/run-scenario.ts";
import { inProcess, overHttps, type Sender } from "../../support/replay/senders.ts";
import { knownFailing } from "./known-failing.ts";

const token = "an-admin-of-the-test";
const recordings = readRecordings();
const tls = {
  key: readFileSync(new URL("../../fixtures/tls/localhost.key", import.meta.url), "utf8"),
  certificate: readFileSync(new URL("../../fixtures/tls/localhost.crt", import.meta.url), "utf8"),
};

function startServer() {
  return createApiServer({
    store: openMemoryStore({ freeze: true }),
    tokens: { [token]: { name: "kubernetes-admin", groups: ["system:masters", "system:authenticated"] } },
  });
}

async function replay(name: string, steps: readonly RecordedStep[], send: Sender): Promise<void> {
  const played = await runScenario(steps, send, token);
  const reason = knownFailing[name];
  const compare = () => {
    for (const { title, expected, actual } of played) assert.deepEqual(actual, expected, title);
  };
  if (reason === undefined) compare();
  else assert.throws(compare, Error, `alike by now, although listed as known to fail: ${reason}`);
}

suite("recorded answers, in process", { concurrency: 4 }, () => {
  for (const [name, steps] of Object.entries(recordings)) {
    test(name, async (t) => {
      const server = startServer();
      t.after(() => server.stop());
      await replay(name, steps, inProcess(server.handler));
    });
  }
});

suite("recorded answers, over HTTPS", { concurrency: 4 }, () => {
  for (const [name, steps] of Object.entries(recordings)) {
    test(name, async (t) => {
      const server = startServer();
      t.after(() => server.stop());
      const { port } = await server.listen({ host: "127.0.0.1", port: 0, tls });
      await replay(name, steps, overHttps(port));
    });
  }
});
