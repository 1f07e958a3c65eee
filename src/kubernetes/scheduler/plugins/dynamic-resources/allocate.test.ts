import assert from "node:assert/strict";
import { test } from "node:test";
import type { Device, DeviceClass, ResourceV1ResourceClaim as ResourceClaim, ResourceSlice } from "#kubernetes/api";
import { parseQuantity, resources } from "#kubernetes/api";
import { FakeInformers } from "../../testing/fake-informers.ts";
import { makeNode } from "../../testing/objects.ts";
import { allocate } from "./allocate.ts";
import { DeviceMatcher } from "./device-matcher.ts";
import { createSliceSource } from "./slice-source.ts";
import { wishesOf } from "./wishes.ts";

type Devices = NonNullable<ResourceClaim["spec"]["devices"]>;
type SliceSpec = Partial<ResourceSlice["spec"]>;

const driver = "gpu.example.com";
const node = makeNode("a", { labels: { zone: "z" } });

function slice(name: string, spec: SliceSpec): ResourceSlice {
  const pool = { name: "a", generation: 1, resourceSliceCount: 1 };
  return { metadata: { name }, spec: { driver, nodeName: "a", pool, ...spec } };
}

function gpu(name: string, model: string, more: Partial<Device> = {}): Device {
  return { name, attributes: { model: { string: model } }, ...more };
}

function model(name: string) {
  return [{ cel: { expression: `device.attributes["${driver}"].model == "${name}"` } }];
}

const gpuClass: DeviceClass = {
  metadata: { name: "gpu" },
  spec: {
    selectors: [{ cel: { expression: `device.driver == "${driver}"` } }],
    config: [{ opaque: { driver, parameters: {} } }],
  },
};

interface Scene {
  readonly slices: readonly ResourceSlice[];
  readonly inUse?: readonly string[];
  /** By device, what is taken of its memory. */
  readonly shared?: Readonly<Record<string, string>>;
  /** Default: time stands still. */
  readonly now?: () => number;
}

function tryClaims(claims: readonly Devices[], { slices, inUse = [], shared = {}, now = () => 0 }: Scene) {
  const informers = new FakeInformers();
  const source = createSliceSource(informers);
  informers.put(resources.resourceSlices, ...slices);
  const wished = claims.map((devices, at) => {
    const claim: ResourceClaim = { metadata: { namespace: "n", name: `c${at}` }, spec: { devices } };
    return { claim, requests: wishesOf(claim, (name) => (name === "gpu" ? gpuClass : undefined)) };
  });
  const isInUse = (id: string) => inUse.includes(id);
  const consumedOf = (id: string) =>
    shared[id] === undefined ? undefined : new Map([["memory", parseQuantity(shared[id])]]);
  return allocate(node, wished, { slices: source, matcher: new DeviceMatcher(), clock: { now }, isInUse, consumedOf });
}

/** By claim, "request=device" in order; undefined where there is no solution. */
function grant(claims: readonly Devices[], scene: Scene): string[][] | undefined {
  return tryClaims(claims, scene)?.map(({ devices }) =>
    (devices?.results ?? []).map(({ request, device }) => `${request}=${device}`),
  );
}

const exactly = (name: string, more: object = {}) => ({ name, exactly: { deviceClassName: "gpu", ...more } });
const two = slice("s", { devices: [gpu("0", "small"), gpu("1", "large")] });

test("allocate: the first devices that selectors let through and nobody has", () => {
  const any = { requests: [exactly("r")] };
  assert.deepEqual(grant([any], { slices: [two] }), [["r=0"]]);
  assert.deepEqual(grant([any, any], { slices: [two] }), [["r=0"], ["r=1"]]);
  assert.deepEqual(grant([any], { slices: [two], inUse: [`${driver}/a/0`] }), [["r=1"]]);
  assert.deepEqual(grant([{ requests: [exactly("r", { selectors: model("large") })] }], { slices: [two] }), [["r=1"]]);
  assert.equal(grant([any, any, any], { slices: [two] }), undefined);
  assert.equal(grant([{ requests: [exactly("r", { count: 3 })] }], { slices: [two] }), undefined);
});

test("allocate: goes back where a choice leads nowhere", () => {
  const picky = { requests: [exactly("r", { selectors: model("small") })] };
  assert.deepEqual(grant([{ requests: [exactly("r")] }, picky], { slices: [two] }), [["r=1"], ["r=0"]]);
});

test("allocate: tries devices in one order only", () => {
  const devices = Array.from({ length: 12 }, (_, at) => gpu(String(at), "x"));
  let looks = 0;
  const scene = { slices: [slice("s", { devices })], now: () => looks++ };
  assert.equal(grant([{ requests: [exactly("r", { count: 13 })] }], scene), undefined);
  const apart = { requests: [exactly("r", { count: 6 })], constraints: [{ distinctAttribute: `${driver}/model` }] };
  assert.equal(grant([apart], scene), undefined);
  const picky = { requests: [exactly("r", { count: 6 }), exactly("q", { selectors: model("y") })] };
  assert.equal(grant([picky], scene), undefined);
  assert.ok(looks < 5000, `looked ${looks} times`);
});

test("allocate: gives up a search that takes too long", () => {
  let now = 0;
  const scene = { slices: [two], now: () => (now += 6000) };
  const timedOut = /^Error: node a: timed out trying to allocate devices$/;
  assert.throws(() => grant([{ requests: [exactly("r", { count: 2 })] }], scene), timedOut);
});

test("allocate: all devices, if none is missing and none is in use", () => {
  const all = { requests: [exactly("r", { allocationMode: "All" })] };
  assert.deepEqual(grant([all], { slices: [two] }), [["r=0", "r=1"]]);
  assert.equal(grant([all], { slices: [two], inUse: [`${driver}/a/1`] }), undefined);
  assert.equal(grant([all], { slices: [] }), undefined);
  const half = slice("s", { ...two.spec, pool: { name: "a", generation: 1, resourceSliceCount: 2 } });
  assert.throws(() => grant([all], { slices: [half] }), /resource pool gpu.example.com\/a is currently being updated/);
  assert.equal(grant([{ requests: [exactly("r")] }], { slices: [half] }), undefined);
});

test("allocate: of alternatives the first that can be had", () => {
  const alternative = (name: string, selectors: object[]) => ({ name, deviceClassName: "gpu", selectors });
  const choice = (count: number) => ({
    requests: [
      {
        name: "r",
        firstAvailable: [{ ...alternative("big", model("large")), count }, alternative("little", model("small"))],
      },
    ],
  });
  assert.deepEqual(grant([choice(1) as Devices], { slices: [two] }), [["r/big=1"]]);
  assert.deepEqual(grant([choice(2) as Devices], { slices: [two] }), [["r/little=0"]]);
});

test("allocate: constraints hold for all devices they are about", () => {
  const slices = [slice("s", { devices: [gpu("0", "x"), gpu("1", "y"), gpu("2", "y"), { name: "3" }] })];
  const requests = [exactly("r", { count: 2 })];
  const same = { requests, constraints: [{ matchAttribute: `${driver}/model` }] };
  assert.deepEqual(grant([same], { slices }), [["r=1", "r=2"]]);
  const distinct = { requests, constraints: [{ distinctAttribute: `${driver}/model` }] };
  assert.deepEqual(grant([distinct], { slices }), [["r=0", "r=1"]]);
  const others = { requests, constraints: [{ matchAttribute: `${driver}/model`, requests: ["other"] }] };
  assert.deepEqual(grant([others], { slices }), [["r=0", "r=1"]]);
});

test("allocate: taints keep away whoever does not tolerate them; administrators share", () => {
  const tainted = slice("s", { devices: [gpu("0", "x", { taints: [{ key: "broken", effect: "NoSchedule" }] })] });
  const tolerations = [{ key: "broken", operator: "Exists" }];
  assert.equal(grant([{ requests: [exactly("r")] }], { slices: [tainted] }), undefined);
  assert.deepEqual(grant([{ requests: [exactly("r", { tolerations })] }], { slices: [tainted] }), [["r=0"]]);
  const [admin] = tryClaims([{ requests: [exactly("r", { adminAccess: true })] }], {
    slices: [two],
    inUse: [`${driver}/a/0`],
  })!;
  assert.deepEqual(admin!.devices!.results, [{ request: "r", driver, pool: "a", device: "0", adminAccess: true }]);
});

test("allocate: counters are shared by the parts of a device", () => {
  const part = (name: string, amount: string): Device => ({
    name,
    consumesCounters: [{ counterSet: "card", counters: { memory: { value: amount } } }],
  });
  const pool = { name: "a", generation: 1, resourceSliceCount: 2 };
  const slices = [
    slice("c", { pool, sharedCounters: [{ name: "card", counters: { memory: { value: "40Gi" } } }] }),
    slice("d", { pool, devices: [part("half", "20Gi"), part("whole", "40Gi"), part("rest", "20Gi")] }),
  ];
  const requests = [exactly("r", { count: 2 })];
  assert.deepEqual(grant([{ requests }], { slices }), [["r=half", "r=rest"]]);
  assert.equal(grant([{ requests }], { slices, inUse: [`${driver}/a/whole`] }), undefined);
});

test("allocate: the result says with which settings and where", () => {
  const [own] = tryClaims(
    [{ requests: [exactly("r"), exactly("q")], config: [{ requests: ["q"], opaque: { driver, parameters: {} } }] }],
    { slices: [two] },
  )!;
  const opaque = { driver, parameters: {} };
  assert.deepEqual(own!.devices!.config, [
    { source: "FromClass", requests: ["r", "q"], opaque },
    { source: "FromClaim", requests: ["q"], opaque },
  ]);
  const atNode = { key: "metadata.name", operator: "In", values: ["a"] };
  assert.deepEqual(own!.nodeSelector, { nodeSelectorTerms: [{ matchFields: [atNode] }] });
  const inZone = { key: "zone", operator: "In", values: ["z"] };
  const nodeSelector = { nodeSelectorTerms: [{ matchExpressions: [inZone] }] };
  const { nodeName: _, ...network } = two.spec;
  const [shared] = tryClaims([{ requests: [exactly("r")] }], {
    slices: [{ ...two, spec: { ...network, nodeSelector } }],
  })!;
  assert.deepEqual(shared!.nodeSelector, nodeSelector);
});

test("allocate: only the newest generation of a pool counts, and only what the node can use", () => {
  const any = { requests: [exactly("r")] };
  const newer = slice("t", {
    devices: [gpu("2", "x")],
    pool: { name: "a", generation: 2, resourceSliceCount: 1 },
  });
  assert.deepEqual(grant([any], { slices: [two, newer] }), [["r=2"]]);
  assert.equal(grant([any], { slices: [slice("s", { ...two.spec, nodeName: "b" })] }), undefined);
  const { nodeName: _, ...network } = two.spec;
  const each = { ...network, perDeviceNodeSelection: true };
  const devices = [gpu("0", "x", { nodeName: "b" }), gpu("1", "x", { nodeName: "a" })];
  assert.deepEqual(grant([any], { slices: [{ ...two, spec: { ...each, devices } }] }), [["r=1"]]);
});

const memory = (value: string, requestPolicy?: object) => ({
  memory: { value, ...(requestPolicy && { requestPolicy }) },
});
const asking = (amount: string, more: object = {}) =>
  exactly("r", { capacity: { requests: { memory: amount } }, ...more });
const taken = (claims: readonly Devices[], scene: Scene) =>
  tryClaims(claims, scene)?.map(({ devices }) => devices?.results?.map((each) => each.consumedCapacity?.["memory"]));

test("allocate: a device that can be given several times is had as long as enough of it is left", () => {
  const card = gpu("0", "small", { allowMultipleAllocations: true, capacity: memory("10Gi") });
  const scene = { slices: [slice("s", { devices: [card] })] };
  const four = { requests: [asking("4Gi")] };
  assert.deepEqual(taken([four, four], scene), [["4Gi"], ["4Gi"]]);
  assert.equal(taken([four, four, four], scene), undefined);
  assert.equal(taken([four, four], { ...scene, shared: { [`${driver}/a/0`]: "4Gi" } }), undefined);
  assert.deepEqual(taken([four], { ...scene, shared: { [`${driver}/a/0`]: "6Gi" } }), [["4Gi"]]);
  // Who asks for no amount takes all of it; nobody has the same device twice by one request.
  assert.deepEqual(taken([{ requests: [exactly("r")] }], scene), [["10Gi"]]);
  assert.equal(taken([{ requests: [asking("1Gi", { count: 2 })] }], scene), undefined);
  const [first, second] = tryClaims([four, four], scene)!.map(({ devices }) => devices?.results?.[0]?.shareID);
  assert.ok(first && second && first !== second);
});

test("allocate: amounts are what the device's policy allows", () => {
  const scene = (policy: object) => {
    const card = gpu("0", "small", { allowMultipleAllocations: true, capacity: memory("10Gi", policy) });
    return { slices: [slice("s", { devices: [card] })] };
  };
  const range = { default: "2Gi", validRange: { min: "1Gi", step: "2Gi", max: "6Gi" } };
  const ask = (amount: string, policy: object) => taken([{ requests: [asking(amount)] }], scene(policy))?.[0]?.[0];
  assert.equal(ask("1", range), "1Gi");
  assert.equal(ask("4Gi", range), "5Gi");
  assert.equal(ask("6Gi", range), undefined);
  assert.deepEqual(taken([{ requests: [exactly("r")] }], scene(range)), [["2Gi"]]);
  const values = { default: "1Gi", validValues: ["1Gi", "4Gi"] };
  assert.equal(ask("2Gi", values), "4Gi");
  assert.equal(ask("5Gi", values), undefined);
});

test("allocate: a device of its own must have what is asked of it", () => {
  const devices = [gpu("0", "small", { capacity: memory("4Gi") }), gpu("1", "small", { capacity: memory("8Gi") })];
  const scene = { slices: [slice("s", { devices })] };
  assert.deepEqual(grant([{ requests: [asking("6Gi")] }], scene), [["r=1"]]);
  assert.deepEqual(taken([{ requests: [asking("6Gi")] }], scene), [[undefined]]);
  assert.equal(grant([{ requests: [exactly("r", { capacity: { requests: { cores: "1" } } })] }], scene), undefined);
});

test("allocate: a device that binds to a node can be used there only", () => {
  const devices = [gpu("0", "small", { bindsToNode: true })];
  const everywhere = { metadata: { name: "s" }, spec: { ...slice("s", { devices }).spec, allNodes: true } };
  delete (everywhere.spec as { nodeName?: string }).nodeName;
  const [result] = tryClaims([{ requests: [exactly("r")] }], { slices: [everywhere] })!;
  assert.deepEqual(result?.nodeSelector?.nodeSelectorTerms[0]?.matchFields?.[0]?.values, ["a"]);
});
