import assert from "node:assert/strict";
import { test } from "node:test";
import { resources } from "#kubernetes/api";
import { runAsLeader } from "#kubernetes/runtime";
import { FakeClock } from "#shared";
import { advanceUntil } from "../../support/cluster/advance-until.ts";
import { startTestCluster, type TestCluster } from "../../support/cluster/test-cluster.ts";

const lease = { namespace: "kube-system", name: "the-lead" };

interface Candidate {
  /** Resolves when it leads. */
  readonly leads: Promise<void>;
  readonly resign: () => void;
  readonly ended: Promise<void>;
}

/** Leads until it resigns or loses the lead; notes when it does. */
function stand(identity: string, log: string[], clock: FakeClock, { client }: TestCluster): Candidate {
  const controller = new AbortController();
  const { promise: leads, resolve: noteLead } = Promise.withResolvers<void>();
  const ended = runAsLeader(
    async (signal) => {
      log.push(`${identity} leads`);
      noteLead();
      await new Promise((resolve) => signal.addEventListener("abort", resolve, { once: true }));
      log.push(`${identity} ends`);
    },
    { client, lease, identity, signal: controller.signal, clock },
  );
  return { leads, resign: () => controller.abort(), ended };
}

/** Resolves when the lease has been renewed after this time. */
async function renewed({ until }: TestCluster, afterMs: number): Promise<void> {
  await until(resources.leases, (leases) => leases.some(({ spec }) => Date.parse(spec?.renewTime ?? "") > afterMs));
}

test("Leader election: one leads; who resigns is followed at once", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const log: string[] = [];
  const first = stand("a", log, clock, cluster);
  await first.leads;
  const second = stand("b", log, clock, cluster);
  const end = clock.now() + 60_000;
  while (clock.now() < end) await advanceUntil(clock, 1000, renewed(cluster, clock.now()));
  assert.deepEqual(log, ["a leads"]);
  const held = await cluster.client.get(resources.leases, lease);
  assert.deepEqual(
    [held.spec?.holderIdentity, held.spec?.leaseDurationSeconds, held.spec?.leaseTransitions],
    ["a", 15, 0],
  );
  first.resign();
  await first.ended;
  const released = await cluster.client.get(resources.leases, lease);
  assert.equal(released.spec?.holderIdentity ?? "", "");
  await advanceUntil(clock, 1000, second.leads);
  assert.deepEqual(log, ["a leads", "a ends", "b leads"]);
  second.resign();
  await second.ended;
});

test("Leader election: a lease nobody renews is taken over when it has lapsed", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const time = new Date(clock.now()).toISOString().replace("Z", "000Z");
  await cluster.client.create(resources.leases, {
    metadata: lease,
    spec: { holderIdentity: "gone", leaseDurationSeconds: 15, acquireTime: time, renewTime: time, leaseTransitions: 3 },
  });
  const log: string[] = [];
  const candidate = stand("a", log, clock, cluster);
  await clock.advance(14_000);
  assert.deepEqual(log, []);
  await advanceUntil(clock, 1000, candidate.leads);
  assert.deepEqual(log, ["a leads"]);
  const held = await cluster.client.get(resources.leases, lease);
  assert.deepEqual([held.spec?.holderIdentity, held.spec?.leaseTransitions], ["a", 4]);
  candidate.resign();
  await candidate.ended;
});

test("Leader election: whose lease is taken away ends", async () => {
  const clock = new FakeClock();
  await using cluster = await startTestCluster({ clock });
  const log: string[] = [];
  const candidate = stand("a", log, clock, cluster);
  await candidate.leads;
  const time = new Date(clock.now() + 3_600_000).toISOString().replace("Z", "000Z");
  await cluster.client.patch(resources.leases, lease, {
    type: "merge",
    body: { spec: { holderIdentity: "b", renewTime: time } },
  });
  await advanceUntil(clock, 1000, candidate.ended);
  assert.deepEqual(log, ["a leads", "a ends"]);
});
