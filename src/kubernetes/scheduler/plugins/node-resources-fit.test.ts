import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod } from "#kubernetes/api";
import { filter, isRetried, on, score } from "../testing/ask-plugin.ts";
import { makeNode, makePod } from "../testing/objects.ts";
import { createNodeResourcesBalancedAllocation } from "./node-resources-balanced-allocation.ts";
import { createNodeResourcesFit } from "./node-resources-fit.ts";

const asking = (requests: Record<string, string>, name = "p") => makePod(name, { requests });
const taking = (requests: Record<string, string>) => on("n", asking(requests, "other"));

test("NodeResourcesFit: what is asked for must be left; more than there is at all is hopeless", () => {
  const cases: readonly [string, Pod, Pod[], string][] = [
    ["nothing asked", makePod("p"), [taking({ cpu: "4", memory: "8Gi" })], ""],
    ["just fits", asking({ cpu: "1" }), [taking({ cpu: "3" })], ""],
    ["cpu", asking({ cpu: "1500m" }), [taking({ cpu: "3" })], "Insufficient cpu"],
    [
      "both",
      asking({ cpu: "2", memory: "5Gi" }),
      [taking({ cpu: "3", memory: "4Gi" })],
      "Insufficient cpu; Insufficient memory",
    ],
    ["hopeless", asking({ cpu: "5" }), [], "!Insufficient cpu"],
    ["ephemeral storage", asking({ "ephemeral-storage": "2Gi" }), [], "!Insufficient ephemeral-storage"],
    ["extended", asking({ "example.com/gpu": "1" }), [], "!Insufficient example.com/gpu"],
    [
      "extended, taken",
      asking({ "example.com/disk": "1" }),
      [taking({ "example.com/disk": "2" })],
      "Insufficient example.com/disk",
    ],
    ["huge pages", asking({ "hugepages-2Mi": "4Mi" }), [], "!Insufficient hugepages-2Mi"],
  ];
  for (const [what, pod, pods, answer] of cases) {
    const nodes = [makeNode("n", { allocatable: { "example.com/disk": "2" } })];
    assert.deepEqual(filter(createNodeResourcesFit(), pod, { nodes, pods }), { n: answer }, what);
  }
});

test("NodeResourcesFit: a node runs so many pods and no more", () => {
  const nodes = [makeNode("n", { allocatable: { pods: "1" } })];
  assert.deepEqual(filter(createNodeResourcesFit(), makePod("p"), { nodes, pods: [on("n", makePod("other"))] }), {
    n: "Too many pods",
  });
});

test("NodeResourcesFit: init containers one by one, sidecars beside what follows, overhead on top", () => {
  const container = (name: string, cpu: string, restartPolicy?: string) => ({
    name,
    image: "i",
    resources: { requests: { cpu } },
    ...(restartPolicy && { restartPolicy }),
  });
  const cases: readonly [string, Partial<Pod["spec"]>, boolean][] = [
    [
      "the largest init container",
      { initContainers: [container("a", "4"), container("b", "3")], containers: [container("c", "1")] },
      true,
    ],
    [
      "an init container too large",
      { initContainers: [container("a", "5")], containers: [container("c", "1")] },
      false,
    ],
    ["containers are summed", { containers: [container("c", "2"), container("d", "3")] }, false],
    [
      "a sidecar beside the containers",
      { initContainers: [container("s", "2", "Always")], containers: [container("c", "3")] },
      false,
    ],
    [
      "a sidecar beside a later init container",
      { initContainers: [container("s", "2", "Always"), container("a", "3")] },
      false,
    ],
    [
      "a sidecar after the init container",
      { initContainers: [container("a", "4"), container("s", "1", "Always")] },
      true,
    ],
    ["overhead", { overhead: { cpu: "2" }, containers: [container("c", "3")] }, false],
    ["the pod's own word", { resources: { requests: { cpu: "5" } }, containers: [container("c", "1")] }, false],
  ];
  for (const [what, spec, fits] of cases) {
    const answer = filter(createNodeResourcesFit(), makePod("p", { spec: spec as Pod["spec"] }), {
      nodes: [makeNode("n")],
    });
    assert.equal(answer["n"] === "", fits, what);
  }
});

test("NodeResourcesFit: ignored resources are not looked at", () => {
  const nodes = [makeNode("n")];
  const pod = asking({ "example.com/gpu": "1" });
  assert.deepEqual(filter(createNodeResourcesFit({ ignoredResources: ["example.com/gpu"] }), pod, { nodes }), {
    n: "",
  });
  assert.deepEqual(filter(createNodeResourcesFit({ ignoredResourceGroups: ["example.com"] }), pod, { nodes }), {
    n: "",
  });
});

test("NodeResourcesFit: the emptier node, the fuller one, or the one a curve says", () => {
  const nodes = [makeNode("empty"), makeNode("half")];
  const pods = [on("half", asking({ cpu: "2", memory: "4Gi" }, "other"))];
  const pod = asking({ cpu: "1", memory: "2Gi" });
  assert.deepEqual(score(createNodeResourcesFit(), pod, { nodes, pods }), { empty: 75, half: 25 });
  const most = createNodeResourcesFit({ scoringStrategy: { type: "MostAllocated" } });
  assert.deepEqual(score(most, pod, { nodes, pods }), { empty: 25, half: 75 });
  const shape = [
    { utilization: 0, score: 0 },
    { utilization: 50, score: 10 },
    { utilization: 100, score: 0 },
  ];
  const ratio = createNodeResourcesFit({
    scoringStrategy: { type: "RequestedToCapacityRatio", requestedToCapacityRatio: { shape } },
  });
  assert.deepEqual(score(ratio, pod, { nodes, pods }), { empty: 50, half: 50 });
});

test("NodeResourcesFit: pods that ask for nothing count a little, so that not all go to one node", () => {
  const nodes = [makeNode("a"), makeNode("b")];
  const pods = ["x", "y", "z"].map((name) => on("a", makePod(name)));
  const scores = score(createNodeResourcesFit(), makePod("p"), { nodes, pods }) as Record<string, number>;
  assert.ok(scores["b"]! > scores["a"]!, JSON.stringify(scores));
});

test("NodeResourcesFit: retried when a pod goes, when one shrinks that had what is wanted, when a node grows enough", () => {
  const plugin = createNodeResourcesFit();
  const pod = asking({ cpu: "2" });
  const gone = { resource: "AssignedPod", action: "Delete" } as const;
  assert.equal(isRetried(plugin, pod, gone, { old: taking({ cpu: "1" }) }), true);
  assert.equal(isRetried(plugin, pod, gone, { old: asking({ cpu: "1" }, "pending") }), false);
  const shrunk = { resource: "AssignedPod", action: "UpdatePodScaleDown" } as const;
  assert.equal(isRetried(plugin, pod, shrunk, { old: taking({ cpu: "2" }), now: taking({ cpu: "1" }) }), true);
  assert.equal(isRetried(plugin, pod, shrunk, { old: taking({ memory: "2" }), now: taking({ memory: "1" }) }), false);
  const grown = { resource: "Node", action: "UpdateNodeAllocatable" } as const;
  const sized = (cpu: string) => makeNode("n", { allocatable: { cpu } });
  assert.equal(isRetried(plugin, pod, grown, { old: sized("1"), now: sized("2") }), true);
  assert.equal(isRetried(plugin, pod, grown, { old: sized("500m"), now: sized("1") }), false);
  assert.equal(isRetried(plugin, pod, { resource: "Node", action: "Add" }, { now: sized("1") }), false);
});

test("NodeResourcesBalancedAllocation: better where the pod evens out what is taken", () => {
  const nodes = [makeNode("cpuTaken"), makeNode("memoryTaken")];
  const pods = [on("cpuTaken", asking({ cpu: "3" }, "x")), on("memoryTaken", asking({ memory: "6Gi" }, "y"))];
  const plugin = createNodeResourcesBalancedAllocation();
  const scores = score(plugin, asking({ cpu: "1" }), { nodes, pods }) as Record<string, number>;
  assert.ok(scores["memoryTaken"]! > scores["cpuTaken"]!, JSON.stringify(scores));
  assert.equal(score(plugin, makePod("p"), { nodes, pods }), "skip");
});
