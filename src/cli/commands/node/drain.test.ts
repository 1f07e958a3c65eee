import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { test } from "node:test";
import { exitCodes } from "#shared";
import { clusterPaths } from "#turnup";
import { startSession } from "../../test-session.ts";

test("node drain: nodes are those the API knows, also where a cloud makes them", async (t) => {
  const { run, pretendCluster, home } = startSession(t);
  await pretendCluster("demo", { infrastructure: { provider: "eks", region: "eu-central-1" } });
  const patched: string[] = [];
  const server = createServer((request, response) => {
    const url = new URL(request.url!, "http://x");
    const isThere = url.pathname !== "/api/v1/nodes/nowhere";
    if (request.method === "PATCH") patched.push(url.pathname);
    const body =
      request.method === "PATCH"
        ? { kind: "Node", apiVersion: "v1", metadata: { name: "ip-10-0-0-1" } }
        : { kind: "PodList", apiVersion: "v1", metadata: { resourceVersion: "1" }, items: [] };
    const missing = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    response.writeHead(isThere ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(isThere ? body : missing));
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const kubeconfig = {
    "current-context": "c",
    clusters: [{ name: "c", cluster: { server: `http://127.0.0.1:${port}` } }],
    users: [{ name: "c", user: {} }],
    contexts: [{ name: "c", context: { cluster: "c", user: "c" } }],
  };
  writeFileSync(clusterPaths(home, "demo").kubeconfig, JSON.stringify(kubeconfig));
  const drained = await run("node", "drain", "ip-10-0-0-1");
  assert.equal(drained.code, exitCodes.ok, drained.err);
  assert.match(drained.err, /Node ip-10-0-0-1 is empty/);
  const missing = await run("node", "drain", "nowhere");
  assert.equal(missing.code, exitCodes.notFound);
  assert.match(missing.err, /Cannot drain node nowhere: there is no such node/);
  assert.deepEqual(patched, ["/api/v1/nodes/ip-10-0-0-1", "/api/v1/nodes/nowhere"]);
});
