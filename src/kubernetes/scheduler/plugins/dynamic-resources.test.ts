import assert from "node:assert/strict";
import { test } from "node:test";
import { type ResourceV1ResourceClaim as ResourceClaim, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { systemClock } from "#shared";
import { makePodInfo } from "../cluster/pod-info.ts";
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
  const client = { update: async (_: unknown, object: ResourceClaim) => written.push(object) } as unknown as Client;
  return { plugin: createDynamicResources({}, { client, informers, clock: systemClock }), informers, written };
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
