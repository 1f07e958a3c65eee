import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { toBoundPod } from "../pod/bound-pod.ts";
import { type AdmissionInputs, admitPod } from "./admission.ts";

function podOf(spec: Partial<NonNullable<Pod["spec"]>>, metadata: Pod["metadata"] = {}) {
  return toBoundPod({
    metadata: { name: "web", namespace: "default", uid: "1", ...metadata },
    spec: { containers: [{ name: "main" }], ...spec },
    status: { phase: "Pending" },
  });
}

function refusal(pod: AdmissionInputs["pod"], more: Partial<AdmissionInputs> = {}) {
  return admitPod({
    pod,
    others: [],
    allocatable: { cpu: "2", memory: "1Gi", pods: "3" },
    node: { metadata: { name: "node-1", labels: { disk: "ssd", size: "5" } } },
    pressure: { memory: false, disk: false, pid: false },
    hasApparmor: false,
    supplementalGroupsPolicy: undefined,
    ...more,
  });
}

const reasonOf = (...args: Parameters<typeof refusal>) => refusal(...args)?.reason;

test("admitPod: resources that are left, in upstream's words", () => {
  const wants = (requests: Record<string, string>) =>
    podOf({ containers: [{ name: "main", resources: { requests } }] });
  const others = [wants({ cpu: "1500m" })];
  assert.deepEqual(refusal(wants({ cpu: "600m" }), { others }), {
    reason: "OutOfcpu",
    message: "Node didn't have enough resource: cpu, requested: 600, used: 1500, capacity: 2000",
  });
  assert.equal(refusal(wants({ cpu: "500m", memory: "1Gi" }), { others }), undefined);
  assert.equal(reasonOf(wants({ memory: "2Gi" })), "OutOfmemory");
  assert.equal(reasonOf(podOf({}), { others: [podOf({}), podOf({}), podOf({})] }), "OutOfpods");
  // What the node does not know of is somebody else's to count; Kubernetes' own resources are not.
  assert.equal(refusal(wants({ "example.com/gpu": "1" })), undefined);
  assert.equal(reasonOf(wants({ "hugepages-2Mi": "2Mi" })), "OutOfhugepages-2Mi");
});

test("admitPod: selectors, affinity, ports, taints", () => {
  const affinity = (operator: string, values?: string[], key = "size") => ({
    affinity: {
      nodeAffinity: {
        requiredDuringSchedulingIgnoredDuringExecution: {
          nodeSelectorTerms: [{ matchExpressions: [{ key, operator, ...(values && { values }) }] }],
        },
      },
    },
  });
  assert.equal(refusal(podOf({ nodeSelector: { disk: "ssd" } })), undefined);
  assert.equal(reasonOf(podOf({ nodeSelector: { disk: "hdd" } })), "NodeAffinity");
  assert.equal(refusal(podOf(affinity("Gt", ["4"]))), undefined);
  assert.equal(reasonOf(podOf(affinity("Lt", ["5"]))), "NodeAffinity");
  assert.equal(refusal(podOf(affinity("DoesNotExist", undefined, "gone"))), undefined);
  const port = (hostPort: number, hostIP?: string) =>
    podOf({ containers: [{ name: "main", ports: [{ containerPort: 80, hostPort, ...(hostIP && { hostIP }) }] }] });
  assert.equal(reasonOf(port(80), { others: [port(80, "10.0.0.1")] }), "NodePorts");
  assert.equal(refusal(port(80, "10.0.0.2"), { others: [port(80, "10.0.0.1")] }), undefined);
  const tainted = (effect: string) => ({ node: { metadata: { name: "n" }, spec: { taints: [{ key: "k", effect }] } } });
  assert.equal(reasonOf(podOf({}), tainted("NoExecute")), "TaintToleration");
  assert.equal(refusal(podOf({}), tainted("NoSchedule")), undefined);
  assert.equal(refusal(podOf({ tolerations: [{ key: "k", operator: "Exists" }] }), tainted("NoExecute")), undefined);
});

test("admitPod: only settings that are safe, and the pod's own", () => {
  const sysctl = (name: string, spec = {}) => podOf({ ...spec, securityContext: { sysctls: [{ name, value: "1" }] } });
  assert.equal(refusal(sysctl("net.ipv4.tcp_syncookies")), undefined);
  assert.equal(refusal(sysctl("net/ipv4/tcp_syncookies")), undefined);
  assert.deepEqual(refusal(sysctl("kernel.msgmax")), {
    reason: "SysctlForbidden",
    message: 'forbidden sysctl: "kernel.msgmax" not allowlisted',
  });
  assert.equal(
    refusal(sysctl("net.ipv4.tcp_syncookies", { hostNetwork: true }))?.message,
    'forbidden sysctl: "net.ipv4.tcp_syncookies" not allowed with host Net enabled',
  );
  assert.equal(reasonOf(sysctl("kernel.shm_rmid_forced", { hostIPC: true })), "SysctlForbidden");
});

test("admitPod: a node in need takes critical pods, and short of memory alone those that say what they need", () => {
  const memory = { pressure: { memory: true, disk: false, pid: false } };
  const disk = { pressure: { memory: false, disk: true, pid: false } };
  const burstable = podOf({ containers: [{ name: "main", resources: { requests: { cpu: "1m" } } }] });
  assert.deepEqual(refusal(podOf({}), memory), {
    reason: "Evicted",
    message: "The node had condition: [MemoryPressure]. ",
  });
  assert.equal(refusal(burstable, memory), undefined);
  assert.equal(reasonOf(burstable, disk), "Evicted");
  assert.equal(refusal(podOf({ priority: 2_000_000_000 }), disk), undefined);
  const tolerations = [{ key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" }];
  assert.equal(refusal(podOf({ tolerations }), memory), undefined);
});

test("admitPod: systems, groups and profiles this machine does not have", () => {
  assert.equal(reasonOf(podOf({ os: { name: "windows" } })), "PodOSNotSupported");
  const windows = podOf({}, { labels: { "kubernetes.io/os": "windows" } });
  assert.equal(reasonOf(windows), "PodOSSelectorNodeLabelDoesNotMatch");
  const strict = podOf({ securityContext: { supplementalGroupsPolicy: "Strict" } });
  assert.equal(reasonOf(strict), "SupplementalGroupsPolicyNotSupported");
  assert.equal(refusal(strict, { supplementalGroupsPolicy: true }), undefined);
  const confined = podOf({ securityContext: { appArmorProfile: { type: "RuntimeDefault" } } });
  assert.equal(reasonOf(confined), "AppArmor");
  assert.equal(refusal(confined, { hasApparmor: true }), undefined);
  assert.equal(refusal(podOf({ securityContext: { appArmorProfile: { type: "Unconfined" } } })), undefined);
});
