import assert from "node:assert/strict";
import { after, test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { noProxyMetrics } from "../metrics.ts";
import { servicesToCheck } from "../services/summaries.ts";
import { endpointOf, serviceOf, sliceOf } from "../services/testing.ts";
import { healthTimeoutMs, isNodeEligible, ProxyHealthKeeper } from "./proxy-health.ts";
import { startProxyServers } from "./proxy-servers.ts";
import { ServiceHealthServer } from "./service-health.ts";

test("ProxyHealthKeeper: ill when a change has waited too long, well when it has reached the kernel", async () => {
  const clock = new FakeClock();
  const keeper = new ProxyHealthKeeper(clock);
  keeper.queued("IPv4");
  await clock.advance(healthTimeoutMs / 2);
  keeper.queued("IPv4");
  await clock.advance(healthTimeoutMs / 2);
  keeper.failed("no");
  assert.equal(keeper.health().healthy, false);
  assert.equal(keeper.problem, "no");
  keeper.updated("IPv4");
  assert.deepEqual([keeper.health().healthy, keeper.problem], [true, undefined]);
  assert.equal(keeper.health().status["IPv4"]?.healthy, true);
});

test("isNodeEligible: not when it goes, or is about to", () => {
  assert.equal(isNodeEligible({ metadata: { name: "n1" } }), true);
  assert.equal(isNodeEligible(undefined), false);
  assert.equal(isNodeEligible({ metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } }), false);
  const taints = [{ key: "ToBeDeletedByClusterAutoscaler", effect: "NoSchedule" }];
  assert.equal(isNodeEligible({ metadata: {}, spec: { taints } }), false);
});

test("startProxyServers: /healthz minds the node, /livez only the proxy", async () => {
  const keeper = new ProxyHealthKeeper(new FakeClock());
  keeper.updated("IPv4");
  const asked: string[] = [];
  const [server] = await startProxyServers({
    healthAddress: { host: "127.0.0.1", port: 0 },
    metricsServer: undefined,
    keeper,
    metrics: { ...noProxyMetrics, healthAsked: (path, status) => asked.push(`${path} ${status}`) },
    logger: silentLogger,
    node: () => undefined,
  });
  after(() => server?.stop());
  const get = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${server?.port}${path}`);
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  const { status, body } = await get("/healthz");
  assert.equal(status, 503);
  assert.deepEqual([body["nodeEligible"], body["healthy"]], [false, true]);
  assert.equal((await get("/livez")).status, 200);
  assert.deepEqual(asked, ["healthz 503", "livez 200"]);
});

test("ServiceHealthServer: tells load balancers how many endpoints this node has", async () => {
  const service = serviceOf("web", "10.96.0.10", {
    type: "LoadBalancer",
    externalTrafficPolicy: "Local",
    healthCheckNodePort: 0,
  });
  const port = await freePort();
  service.spec!.healthCheckNodePort = port;
  const failures: string[] = [];
  const server = new ServiceHealthServer({
    isProxyHealthy: () => true,
    onListenFailure: (key) => failures.push(key),
  });
  after(() => server.stop());
  const ask = async (...endpoints: ReturnType<typeof endpointOf>[]) => {
    server.update(servicesToCheck([service], () => [sliceOf(endpoints)], "n1"));
    const response = await retry(() => fetch(`http://127.0.0.1:${port}/`));
    return [response.status, response.headers.get("x-load-balancing-endpoint-weight"), await response.json()];
  };
  const answer = (localEndpoints: number) => ({
    service: { namespace: "default", name: "web" },
    localEndpoints,
    serviceProxyHealthy: true,
  });
  assert.deepEqual(await ask(endpointOf("10.244.1.5@n1"), endpointOf("10.244.2.5@n2")), [200, "1", answer(1)]);
  assert.deepEqual(await ask(endpointOf("10.244.2.5@n2")), [503, "0", answer(0)]);
  server.update(new Map());
  await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
  assert.deepEqual(failures, []);
});

async function freePort(): Promise<number> {
  const { createServer } = await import("node:net");
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** A port that was asked to open opens in the next turns of the event loop. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let count = 0; ; count++) {
    try {
      return await attempt();
    } catch (error) {
      if (count === 20) throw error;
    }
  }
}
