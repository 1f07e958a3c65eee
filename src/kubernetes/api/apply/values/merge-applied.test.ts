import assert from "node:assert/strict";
import test from "node:test";
import { schemaOfKind } from "../../types-table.ts";
import { mergeApplied } from "./merge-applied.ts";

const pod = schemaOfKind("", "v1", "Pod")!;

test("mergeApplied: the configuration wins, the rest stays and is shared", () => {
  const live = {
    metadata: { labels: { a: "1", b: "2" } },
    spec: { containers: [{ name: "c", image: "x", args: ["1"] }], tolerations: [{ key: "k" }], hostNetwork: true },
  };
  const merged = mergeApplied(
    live,
    { metadata: { labels: { b: "3" } }, spec: { containers: [{ name: "c", args: ["2"] }] } },
    pod,
  );
  assert.deepEqual(merged, {
    metadata: { labels: { a: "1", b: "3" } },
    spec: { containers: [{ name: "c", image: "x", args: ["2"] }], tolerations: [{ key: "k" }], hostNetwork: true },
  });
  assert.equal((merged["spec"] as typeof live.spec).tolerations, live.spec.tolerations);
});

test("mergeApplied: a configuration that changes nothing gives the live object itself", () => {
  const live = { metadata: { labels: { a: "1" } }, spec: { containers: [{ name: "c" }, { name: "d" }] } };
  assert.equal(mergeApplied(live, { metadata: { labels: {} }, spec: { containers: [{ name: "d" }] } }, pod), live);
});

test("mergeApplied: items keep the configuration's order, with the live ones woven in", () => {
  const orders: [live: string, applied: string, merged: string][] = [
    ["abc", "cd", "abcd"],
    ["abc", "ca", "bca"],
    ["abcde", "xbyd", "axbcyde"],
    ["ab", "ba", "ba"],
    ["", "ab", "ab"],
    ["ab", "", "ab"],
    ["axb", "bna", "xbna"],
  ];
  for (const [live, applied, merged] of orders) {
    const result = mergeApplied(containers(live), containers(applied), pod) as ReturnType<typeof containers>;
    assert.equal(result.spec.containers.map(({ name }) => name).join(""), merged, `${live} + ${applied}`);
  }
});

test("mergeApplied: the configuration's item replaces live ones that occur twice", () => {
  const env = (...items: object[]) => ({ spec: { containers: [{ name: "c", env: items }] } });
  const live = env({ name: "A", value: "1" }, { name: "A", value: "2" }, { name: "B" });
  assert.deepEqual(
    mergeApplied(live, env({ name: "A", value: "3" }), pod),
    env({ name: "A", value: "3" }, { name: "B" }),
  );
  assert.deepEqual(mergeApplied(live, env({ name: "B", value: "4" }), pod), {
    spec: {
      containers: [
        {
          name: "c",
          env: [
            { name: "A", value: "1" },
            { name: "A", value: "2" },
            { name: "B", value: "4" },
          ],
        },
      ],
    },
  });
});

test("mergeApplied: null takes no map or list away, but replaces scalars", () => {
  const live = { metadata: { labels: { a: "1" } }, spec: { containers: [{ name: "c" }], nodeName: "n" } };
  const applied = { metadata: { labels: null }, spec: { containers: null, nodeName: null } };
  assert.deepEqual(mergeApplied(live, applied, pod), {
    metadata: { labels: { a: "1" } },
    spec: { containers: [{ name: "c" }], nodeName: null },
  });
});

function containers(names: string): { spec: { containers: { name: string }[] } } {
  return { spec: { containers: [...names].map((name) => ({ name })) } };
}
