import { test } from "node:test";
import { type Lease, type Node, resources } from "#kubernetes/api";
import { FakeClock, silentLogger } from "#shared";
import { createNodeLeases } from "../../../src/kubernetes/kubelet/simulated/node-leases.ts";
import { startTestCluster } from "../../support/cluster/test-cluster.ts";

test("createNodeLeases: who stays is renewed in time, however many have gone", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  await cluster.client.create(resources.namespaces, { metadata: { name: "kube-node-lease" } }).catch(() => {});
  const leases = createNodeLeases({ client: cluster.client, clock, logger: silentLogger, periodMs: 20_000 });
  const nodes = Array.from({ length: 30 }, (_, at): Node => ({ metadata: { name: `node-${at}` } }));
  for (const node of nodes) leases.add(node);
  const made = (items: readonly Lease[]) => items.length === 30;
  await cluster.until(resources.leases, made);
  // One turn begins with all of them.
  await clock.advance(1000);
  for (const { metadata } of nodes.slice(3)) leases.remove(metadata.name!);
  const before = clock.now();
  await clock.advance(25_000);
  await cluster.until(resources.leases, (items) =>
    items
      .filter(({ metadata }) => ["node-0", "node-1", "node-2"].includes(metadata.name!))
      .every(({ spec }) => Date.parse(spec!.renewTime!) > before),
  );
  await leases.stop();
});
