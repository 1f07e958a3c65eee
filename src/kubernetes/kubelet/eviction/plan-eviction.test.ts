import assert from "node:assert/strict";
import { test } from "node:test";
import type { PodUsage } from "../node/usage.ts";
import { toBoundPod } from "../pod/bound-pod.ts";
import {
  chooseVictim,
  evictionMessage,
  findShortages,
  type Observations,
  overDiskLimit,
  pressureOf,
} from "./plan-eviction.ts";

const thresholds = {
  memoryAvailable: "100Mi",
  nodeDiskAvailable: "10%",
  nodeInodesFree: "5%",
  imageDiskAvailable: "15%",
};
const plenty = { capacity: 1000, available: 900 };
const mebi = 1024 * 1024;

function seen(more: Partial<Observations>): Observations {
  const memory = { capacity: 1000 * mebi, available: 500 * mebi };
  return { memory, disk: plenty, inodes: plenty, imageDisk: plenty, pids: plenty, ...more };
}

function podOf(uid: string, request = "0", more: { priority?: number } = {}) {
  const containers = [{ name: "main", resources: { requests: { memory: request } } }];
  return toBoundPod({ metadata: { uid, name: uid, namespace: "d" }, spec: { containers, ...more }, status: {} });
}

function usageOf(uid: string, workingSetBytes: number, diskBytes = 0): PodUsage {
  const container = {
    ...{ id: uid, name: "main", podUid: uid, at: 0, cpuNanoseconds: 0, usageBytes: 0, rssBytes: 0 },
    ...{ workingSetBytes, diskBytes, diskInodes: 0 },
  };
  return { uid, name: uid, namespace: "d", containers: [container] };
}

test("findShortages: what is below its threshold, memory first", () => {
  assert.deepEqual(findShortages(seen({}), thresholds), []);
  const found = findShortages(
    seen({ memory: { capacity: 1000 * mebi, available: 99 * mebi }, inodes: { capacity: 100, available: 4 } }),
    thresholds,
  );
  assert.deepEqual(
    found.map(({ resource }) => resource),
    ["memory", "inodes"],
  );
  assert.deepEqual(pressureOf(found), { memory: true, disk: true, pid: false });
  // A disk nobody can measure is no shortage.
  assert.deepEqual(findShortages(seen({ imageDisk: { capacity: 0, available: 0 } }), thresholds), []);
});

test("chooseVictim: over its request, then low priority, then by how much; critical pods never", () => {
  const shortage = { resource: "memory", threshold: 100, available: 1 } as const;
  const usage = [usageOf("modest", 50), usageOf("greedy", 500), usageOf("greedier", 900), usageOf("system", 5000)];
  const modest = podOf("modest", "100");
  const greedy = podOf("greedy", "100");
  const greedier = podOf("greedier", "100", { priority: 10 });
  const system = podOf("system", "0", { priority: 2_000_000_000 });
  assert.equal(chooseVictim(shortage, [modest, greedier, greedy, system], usage), greedy);
  assert.equal(chooseVictim(shortage, [modest, greedier, system], usage), greedier);
  assert.equal(chooseVictim(shortage, [modest, system], usage), modest);
  assert.equal(chooseVictim(shortage, [system], usage), undefined);
});

test("evictionMessage: as upstream writes it", () => {
  const shortage = { resource: "memory", threshold: 100 * mebi, available: 50 * mebi } as const;
  assert.equal(
    evictionMessage(shortage, podOf("web", "10Mi"), usageOf("web", 20 * mebi)),
    "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. Container main was using 20Mi, request is 10Mi, has larger consumption of memory. ",
  );
});

test("overDiskLimit: a volume's limit, then a container's", () => {
  const pod = toBoundPod({
    metadata: {},
    spec: {
      containers: [{ name: "main", resources: { limits: { "ephemeral-storage": "1Mi" } } }],
      volumes: [{ name: "tmp", emptyDir: { sizeLimit: "1Ki" } }],
    },
    status: {},
  });
  assert.equal(overDiskLimit(pod, usageOf("x", 0, mebi), new Map([["tmp", 1024]])), undefined);
  assert.equal(
    overDiskLimit(pod, undefined, new Map([["tmp", 1025]])),
    'Usage of EmptyDir volume "tmp" exceeds the limit "1Ki". ',
  );
  assert.equal(
    overDiskLimit(pod, usageOf("x", 0, mebi + 1), new Map()),
    'Container main exceeded its local ephemeral storage limit "1Mi". ',
  );
});
