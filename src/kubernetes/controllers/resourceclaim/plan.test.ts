import assert from "node:assert/strict";
import { test } from "node:test";
import type { ResourceV1ResourceClaim as DeviceClaim, Pod } from "#kubernetes/api";
import { claimFromTemplate, claimNameOf, entriesToFill, finalizer, planClaim, reservedForPod } from "./plan.ts";

const entry = { name: "gpu", resourceClaimTemplateName: "one" };

function pod(statuses: NonNullable<Pod["status"]>["resourceClaimStatuses"] = [], phase = "Running"): Pod {
  return {
    metadata: { name: "p", namespace: "n", uid: "1" },
    spec: { containers: [], resourceClaims: [entry, { name: "net", resourceClaimName: "shared" }] },
    status: { phase, resourceClaimStatuses: statuses },
  };
}

function claim(more: Partial<DeviceClaim> = {}): DeviceClaim {
  const ownerReferences = [{ apiVersion: "v1", kind: "Pod", name: "p", uid: "1", controller: true }];
  return { metadata: { name: "c", ownerReferences, finalizers: [finalizer] }, spec: {}, ...more };
}

const consumer = (uid: string) => ({ resource: "pods", name: "p", uid });

test("entriesToFill: from templates, until the status names a claim of the pod's own", () => {
  assert.deepEqual(
    entriesToFill(pod(), () => undefined),
    [entry],
  );
  const noted = pod([{ name: "gpu", resourceClaimName: "c" }]);
  assert.deepEqual(
    entriesToFill(noted, () => claim()),
    [],
  );
  assert.deepEqual(
    entriesToFill(noted, () => undefined),
    [entry],
  );
  assert.deepEqual(
    entriesToFill(pod([{ name: "gpu" }]), () => undefined),
    [],
  );
  assert.deepEqual(claimNameOf(noted, entry), { kind: "named", name: "c", isGenerated: true });
});

test("claimFromTemplate: belongs to the pod and is named after both", () => {
  const made = claimFromTemplate(pod(), entry, { metadata: {}, spec: { spec: {} } });
  assert.equal(made.metadata.generateName, "p-gpu-");
  assert.deepEqual(made.metadata.annotations, { "resource.kubernetes.io/pod-claim-name": "gpu" });
  const long = { ...pod(), metadata: { ...pod().metadata, name: "p".repeat(80) } };
  assert.ok(claimFromTemplate(long, entry, { metadata: {}, spec: { spec: {} } }).metadata.generateName!.length <= 58);
});

test("reservedForPod: what is allocated, once", () => {
  const allocated = claim({ status: { allocation: {} } });
  const reserved = reservedForPod(allocated, pod());
  assert.deepEqual(reserved?.status?.reservedFor, [consumer("1")]);
  assert.equal(reservedForPod(reserved!, pod()), undefined);
  assert.equal(reservedForPod(claim(), pod()), undefined);
});

test("planClaim: the last consumer takes the allocation and the finalizer with it", () => {
  const used = claim({ status: { allocation: {}, reservedFor: [consumer("1"), consumer("2")] } });
  assert.deepEqual(planClaim(used, [consumer("1"), consumer("2")], pod()), {
    status: undefined,
    dropsFinalizer: false,
    isUseless: false,
  });
  const fewer = planClaim(used, [consumer("2")], pod());
  assert.deepEqual(
    [fewer.status?.status, fewer.dropsFinalizer],
    [{ reservedFor: [consumer("2")], allocation: {} }, false],
  );
  const free = planClaim(used, [], pod([], "Succeeded"));
  assert.deepEqual([free.status?.status, free.dropsFinalizer, free.isUseless], [{}, true, true]);
  const idle = claim({ status: { allocation: {} } });
  assert.deepEqual(planClaim(idle, [], pod()).status, undefined);
});
