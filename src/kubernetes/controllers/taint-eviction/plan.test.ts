import assert from "node:assert/strict";
import { test } from "node:test";
import type { Pod, Taint, Toleration } from "#kubernetes/api";
import { evictingTaints, tolerationMs } from "./plan.ts";

const taint = (key: string): Taint => ({ key, effect: "NoExecute" });
const pod = (...tolerations: Toleration[]): Pod => ({ metadata: { name: "p" }, spec: { containers: [], tolerations } });
const bears = (key: string, tolerationSeconds?: number): Toleration => ({
  key,
  operator: "Exists",
  ...(tolerationSeconds !== undefined && { tolerationSeconds }),
});

test("only NoExecute makes pods leave", () => {
  const node = { metadata: { name: "n" }, spec: { taints: [taint("a"), { key: "b", effect: "NoSchedule" }] } };
  assert.deepEqual(evictingTaints(node), [taint("a")]);
});

test("a pod leaves as soon as the first of its tolerations ends", () => {
  assert.equal(tolerationMs(pod(), [taint("a")]), 0);
  assert.equal(tolerationMs(pod(bears("a")), [taint("a"), taint("b")]), 0);
  assert.equal(tolerationMs(pod(bears("a"), bears("b")), [taint("a"), taint("b")]), Number.POSITIVE_INFINITY);
  assert.equal(tolerationMs(pod(bears("a", 300), bears("b", 20)), [taint("a"), taint("b")]), 20_000);
  assert.equal(tolerationMs(pod(bears("a", -1)), [taint("a")]), 0);
});

test("what is not needed does not count", () => {
  assert.equal(tolerationMs(pod(bears("a", 300), bears("b", 20)), [taint("a")]), 300_000);
});
