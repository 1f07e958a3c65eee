import assert from "node:assert/strict";
import { test } from "node:test";
import { type ResourceV1ResourceClaim as ResourceClaim, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { FakeClock } from "#shared";
import { makePodInfo } from "../cluster/pod-info.ts";
import type { FilterCycle, PluginEvent } from "../framework.ts";
import { filter, isRetried, snapshotOf } from "../testing/ask-plugin.ts";
import { FakeInformers } from "../testing/fake-informers.ts";
import { makeNode, makePod, zoneLabel } from "../testing/objects.ts";
import { createDynamicResources } from "./dynamic-resources.ts";

const nodes = [makeNode("a", { labels: { [zoneLabel]: "a" } }), makeNode("b", { labels: { [zoneLabel]: "b" } })];
const pod = makePod("p", { spec: { resourceClaims: [{ name: "gpu", resourceClaimName: "gpu" }] } });

function makeClaim(status?: ResourceClaim["status"], deviceClasses: readonly string[] = []): ResourceClaim {
  const requests = deviceClasses.map((deviceClassName, at) => ({ name: `r${at}`, exactly: { deviceClassName } }));
  const metadata = { namespace: "default", name: "gpu", uid: "gpu" };
  return { metadata, spec: { devices: { requests } }, ...(status && { status }) };
}

function makeScene(claim?: ResourceClaim) {
  const informers = new FakeInformers();
  if (claim) informers.put(resources.resourceClaims, claim);
  informers.put(resources.deviceClasses, { metadata: { name: "gpu" }, spec: {} });
  const written: ResourceClaim[] = [];
  const update = async (_: unknown, object: ResourceClaim) => {
    written.push(object);
    return object;
  };
  const clock = new FakeClock(now);
  const told: string[] = [];
  const handle = {
    client: { update } as unknown as Client,
    informers,
    clock,
    recordEvent: ({ note }: PluginEvent) => void told.push(note),
  };
  return { plugin: createDynamicResources({}, handle), informers, written, clock, told };
}

const now = Date.parse("2026-01-01T00:00:00Z");

/** A claim whose device has to be attached, and what its driver says of that. */
function attachable(conditions: Record<string, string>, users: readonly string[] = []): ResourceClaim {
  const device = { driver: "d", pool: "p", device: "0" };
  const binding = { bindingConditions: ["Attached"], bindingFailureConditions: ["Broken"] };
  const results = [{ request: "r", ...device, ...binding }];
  return makeClaim({
    allocation: { devices: { results }, allocationTimestamp: "2026-01-01T00:00:00Z" },
    reservedFor: users.map((uid) => ({ resource: "pods", name: uid, uid })),
    devices: [
      {
        ...device,
        conditions: Object.entries(conditions).map(([type, status]) => ({
          type,
          status,
          reason: "R",
          message: "m",
          lastTransitionTime: "2026-01-01T00:00:00Z",
        })),
      },
    ],
  });
}

const selector = {
  nodeSelectorTerms: [{ matchExpressions: [{ key: zoneLabel, operator: "In", values: ["a"] }] }],
};

test("DynamicResources: a pod goes where what its claim was given can be used, or where it can be given what it asks for", () => {
  const notHere = "!resourceclaim not available on the node";
  const nothing = "!cannot allocate all claims";
  const users = Array.from({ length: 256 }, (_, at) => ({ resource: "pods", name: `u${at}`, uid: `u${at}` }));
  const cases: readonly [string, ResourceClaim | undefined, object][] = [
    ["no claim", undefined, { "*": '!resourceclaim.resource.k8s.io "gpu" not found' }],
    ["nothing there to give", makeClaim(undefined, ["gpu"]), { a: nothing, b: nothing }],
    ["nothing asked", makeClaim(), { a: "", b: "" }],
    ["no such class", makeClaim(undefined, ["tpu"]), { "*": "!request r0: device class tpu does not exist" }],
    ["anywhere", makeClaim({ allocation: {} }), { a: "", b: "" }],
    ["in zone a", makeClaim({ allocation: { nodeSelector: selector } }), { a: "", b: notHere }],
    ["too many users", makeClaim({ allocation: {}, reservedFor: users }), { "*": "!resourceclaim in use" }],
  ];
  for (const [what, claim, answers] of cases) {
    assert.deepEqual(filter(makeScene(claim).plugin, pod, { nodes }), answers, what);
  }
  assert.deepEqual(filter(makeScene().plugin, makePod("plain"), { nodes }), { a: "", b: "" });
});

test("DynamicResources: an extended resource that a device class stands for must be the node's own", () => {
  const { plugin, informers } = makeScene();
  const asking = makePod("p", { requests: { "example.com/gpu": "1" } });
  const owner = makeNode("owner", { allocatable: { "example.com/gpu": "1" } });
  assert.deepEqual(filter(plugin, asking, { nodes: [...nodes, owner] }), { a: "", b: "", owner: "" });
  informers.put(resources.deviceClasses, {
    metadata: { name: "gpu" },
    spec: { extendedResourceName: "example.com/gpu" },
  });
  const nothing = "!cannot allocate all claims";
  assert.deepEqual(filter(plugin, asking, { nodes: [...nodes, owner] }), { a: nothing, b: nothing, owner: "" });
});

test("DynamicResources: a pod is not tried before its claims are there", () => {
  const { plugin } = makeScene();
  const generated = makePod("p", { spec: { resourceClaims: [{ name: "gpu", resourceClaimTemplateName: "t" }] } });
  const answer = plugin.preEnqueue!(makePodInfo(generated));
  assert.deepEqual("reasons" in answer && answer.reasons, ['pod "default/p": ResourceClaim not created yet']);
  assert.equal(plugin.preEnqueue!(makePodInfo(makePod("plain"))).code, "Success");
});

test("DynamicResources: before it is bound the pod is noted as a user of its claim", async () => {
  const { plugin, written } = makeScene(makeClaim({ allocation: {} }));
  const info = makePodInfo(pod);
  const status = plugin.preFilter!(info, snapshotOf({ nodes }));
  assert.ok(status.code === "Success");
  await plugin.preBind!(status.state, info, "a", new AbortController().signal);
  assert.deepEqual(written[0]?.status?.reservedFor, [{ resource: "pods", name: "p", uid: "p" }]);
});

test("DynamicResources: a claim that the pod names twice is one claim", async () => {
  const { plugin, written } = makeScene(makeClaim({ allocation: {} }));
  const resourceClaims = ["x", "y"].map((name) => ({ name, resourceClaimName: "gpu" }));
  const info = makePodInfo(makePod("p", { spec: { resourceClaims } }));
  const status = plugin.preFilter!(info, snapshotOf({ nodes }));
  assert.ok(status.code === "Success");
  await plugin.preBind!(status.state, info, "a", new AbortController().signal);
  assert.equal(written.length, 1);
});

test("DynamicResources: retried when its claim has changed", () => {
  const { plugin } = makeScene(makeClaim());
  const update = { resource: "resource.k8s.io/ResourceClaim", action: "Update" } as const;
  assert.equal(isRetried(plugin, pod, update, { old: makeClaim(), now: makeClaim({ allocation: {} }) }), true);
  assert.equal(isRetried(plugin, makePod("other"), update, { old: makeClaim(), now: makeClaim() }), false);
});

function beginBinding(claim: ResourceClaim) {
  const scene = makeScene(claim);
  const info = makePodInfo(pod);
  const status = scene.plugin.preFilter!(info, snapshotOf({ nodes }));
  assert.ok(status.code === "Success");
  return { ...scene, bound: scene.plugin.preBind!(status.state, info, "a", new AbortController().signal) };
}

test("DynamicResources: a pod is bound when its devices are ready, and not at all where one cannot be", async () => {
  const ready = beginBinding(attachable({ Attached: "False" }));
  await new Promise(setImmediate);
  assert.deepEqual(ready.told, ["waiting for binding conditions for device on node a"]);
  ready.informers.put(resources.resourceClaims, attachable({ Attached: "True" }));
  assert.equal((await ready.bound).code, "Success");

  const broken = beginBinding(attachable({}));
  broken.bound.catch(() => {});
  await new Promise(setImmediate);
  broken.informers.put(resources.resourceClaims, attachable({ Broken: "True" }));
  await assert.rejects(broken.bound, { message: 'device binding failed: claim=gpu, reason=R, message="m"' });

  const late = beginBinding(attachable({}));
  late.bound.catch(() => {});
  await new Promise(setImmediate);
  await late.clock.advance(600_001);
  await assert.rejects(late.bound, /^Error: device binding timeout/);
});

test("DynamicResources: devices that cannot be made ready are given up, if nobody else uses them", async () => {
  const outcome = async (claim: ResourceClaim, aged = 0) => {
    const { plugin, written, clock } = makeScene(claim);
    const info = makePodInfo(pod);
    await clock.advance(aged);
    const status = plugin.preFilter!(info, snapshotOf({ nodes }));
    assert.ok(status.code === "Success");
    for (const node of snapshotOf({ nodes }).nodes) plugin.filter!(status.state, info, node);
    const result = plugin.postFilter!({ pod: info } as FilterCycle, {} as never).status;
    return { said: "reasons" in result ? result.reasons[0] : "", written };
  };
  const broken = await outcome(attachable({ Broken: "True" }, ["p"]));
  assert.equal(broken.said, "deallocation of ResourceClaim completed");
  assert.equal(broken.written[0]?.status?.allocation, undefined);
  assert.equal((await outcome(attachable({ Broken: "True" }, ["p", "q"]))).said, "still not schedulable");
  assert.equal((await outcome(attachable({}))).said, "still not schedulable");
  assert.equal((await outcome(attachable({}), 600_001)).said, "deallocation of ResourceClaim completed");
});
