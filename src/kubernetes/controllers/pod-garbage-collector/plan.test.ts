import assert from "node:assert/strict";
import { test } from "node:test";
import type { Node, Pod } from "#kubernetes/api";
import { isStuck, surplusPods } from "./plan.ts";

function node(ready: string, taint?: string): Node {
  return {
    metadata: { name: "n" },
    spec: { taints: taint === undefined ? [] : [{ key: `node.kubernetes.io/${taint}`, effect: "NoExecute" }] },
    status: { conditions: [{ type: "Ready", status: ready }] },
  };
}

function pod(name: string, more: Partial<Pod> & { created?: string; deleted?: boolean } = {}): Pod {
  return {
    metadata: {
      name,
      creationTimestamp: `2026-01-01T00:00:0${more.created ?? "0"}Z`,
      ...(more.deleted && { deletionTimestamp: "2026-01-01T00:00:00Z" }),
    },
    spec: { containers: [], ...more.spec },
    ...(more.status && { status: more.status }),
  };
}

test("isStuck: deleted, and on no node, or on one that is out of service and not ready", () => {
  const onNode = { spec: { containers: [], nodeName: "n" } };
  assert.equal(isStuck(pod("a", { deleted: true }), undefined), true);
  assert.equal(isStuck(pod("a"), undefined), false);
  assert.equal(isStuck(pod("a", { ...onNode, deleted: true }), node("Unknown", "out-of-service")), true);
  assert.equal(isStuck(pod("a", { ...onNode, deleted: true }), node("True", "out-of-service")), false);
  assert.equal(isStuck(pod("a", { ...onNode, deleted: true }), node("Unknown", "unreachable")), false);
  assert.equal(isStuck(pod("a", onNode), node("Unknown", "out-of-service")), false);
});

test("surplusPods: the evicted, then the oldest of the finished", () => {
  const finished = (name: string, created: string, reason?: string) =>
    pod(name, { created, status: { phase: "Failed", ...(reason !== undefined && { reason }) } });
  const pods = [finished("a", "1"), finished("b", "0"), finished("c", "2", "Evicted"), pod("running")];
  const names = (threshold: number) => surplusPods(pods, threshold).map(({ metadata }) => metadata.name);
  assert.deepEqual(names(1), ["c", "b"]);
  assert.deepEqual(names(3), []);
  assert.deepEqual(names(0), []);
});
