import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions, planUpgrade, type UpgradeNode, type UpgradeWish } from "./plan-upgrade.ts";

const versions = ["1.36.4", "1.36.3", "1.35.8", "1.35.1", "1.34.9"];

function node(name: string, version: string, pool = "worker"): UpgradeNode {
  return { name, version, pool, role: pool === "" ? "control-plane" : "worker" };
}

function plan(wish: Partial<UpgradeWish>) {
  const nodes = [node("c1", "1.34.9", ""), node("c2", "1.34.9", ""), node("w1", "1.34.9"), node("w2", "1.34.9")];
  return planUpgrade({ current: "1.34.9", target: "1.36.3", versions, nodes, maxUnavailable: 1, ...wish });
}

test("planUpgrade: one minor release after the other, by its newest patch, the last as wished", () => {
  assert.deepEqual(
    plan({}).map(({ version }) => version),
    ["1.35.8", "1.36.3"],
  );
  assert.deepEqual(
    plan({ target: "1.35.1" }).map(({ version }) => version),
    ["1.35.1"],
  );
  assert.equal(plan({ target: "1.34.9" }).length, 1);
});

test("planUpgrade: control planes one by one, then workers in batches that end with their pool", () => {
  const nodes = [
    node("c1", "1.35.1", ""),
    ...["a1", "a2", "a3"].map((name) => node(name, "1.35.1", "a")),
    node("b1", "1.33.0", "b"),
  ];
  const [hop] = plan({ nodes, current: "1.35.1", target: "1.36.4", maxUnavailable: 2 });
  assert.deepEqual(hop, {
    version: "1.36.4",
    controlPlanes: ["c1"],
    workers: [["a1", "a2"], ["a3"], ["b1"]],
    replacements: [],
  });
});

test("planUpgrade: workers that make way do so once, in the last hop; new ones have names nobody had", () => {
  const nodes = [node("c1", "1.34.9", ""), node("w-2", "1.34.9"), node("w-9", "1.34.9"), node("x-1", "1.34.9", "x")];
  const hops = plan({ nodes, surge: 1 });
  assert.deepEqual(
    hops.map(({ version, workers, replacements }) => [version, workers, replacements.length]),
    [
      ["1.35.8", [], 0],
      ["1.36.3", [], 3],
    ],
  );
  assert.deepEqual(hops[1]!.replacements, [
    [{ old: "w-2", new: "w-10" }],
    [{ old: "w-9", new: "w-11" }],
    [{ old: "x-1", new: "x-2" }],
  ]);
  assert.equal(plan({ nodes, surge: 0, maxUnavailable: 2 })[1]!.replacements[0]!.length, 2);
});

test("planUpgrade: a node that the first hop upgrades is not too far behind for the second; one that waits is", () => {
  const nodes = [node("c1", "1.34.9", ""), node("w-1", "1.32.0")];
  assert.equal(plan({ nodes }).length, 2);
  assert.throws(() => plan({ nodes, surge: 1 }), /node w-1 runs 1\.32\.0, 4 minor releases behind 1\.36\.3/);
});

test("planUpgrade: what the skew policy forbids is refused, all at once", () => {
  assert.throws(() => plan({ current: "1.36.3", target: "1.35.8" }), /never goes back to an older version/);
  assert.throws(() => plan({ current: "1.34.9", versions: ["1.36.3"] }), /none known of 1\.35/);
  const nodes = [node("old", "1.31.0"), node("new", "1.36.4")];
  assert.throws(
    () => plan({ nodes, current: "1.34.9", target: "1.35.1" }),
    (error: Error & { hints: string[] }) => {
      assert.match(error.message, /node old runs 1\.31\.0, 4 minor releases behind 1\.35\.1/);
      assert.deepEqual(error.hints, ["node new runs 1.36.4, newer than 1.35.1"]);
      return true;
    },
  );
});

test("compareVersions: by numbers, not by letters", () => {
  assert.ok(compareVersions("v1.36.10", "1.36.9") > 0);
  assert.ok(compareVersions("1.9.0", "1.10.0") < 0);
  assert.equal(compareVersions("v1.36.2+k3s1", "1.36.2"), 0);
  assert.throws(() => compareVersions("latest", "1.0.0"), /must be such as/);
});
