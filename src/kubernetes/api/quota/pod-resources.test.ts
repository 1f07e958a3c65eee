import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Pod } from "../generated/types.ts";
import { podLimits, podRequests } from "./pod-resources.ts";

const container = (name: string, cpu: string, restartPolicy?: string): Container => ({
  name,
  resources: { requests: { cpu } },
  ...(restartPolicy && { restartPolicy }),
});
const pod = (spec: object): Pod => ({ metadata: { name: "a" }, spec: { containers: [], ...spec } });

test("podRequests: the sum of containers, or what starting takes where that is more", () => {
  const containers = [container("a", "100m"), container("b", "200m")];
  assert.deepEqual(podRequests(pod({ containers })), { cpu: "300m" });
  assert.deepEqual(podRequests(pod({ containers, initContainers: [container("i", "1")] })), { cpu: "1" });
});

test("podRequests: sidecars run beside what starts after them and beside the containers", () => {
  const initContainers = [container("s", "100m", "Always"), container("i", "500m")];
  assert.deepEqual(podRequests(pod({ containers: [container("a", "300m")], initContainers })), { cpu: "600m" });
});

test("podRequests: what the pod says of itself counts instead, and overhead comes on top", () => {
  const spec = {
    containers: [container("a", "300m")],
    resources: { requests: { cpu: "2" } },
    overhead: { cpu: "10m" },
  };
  assert.deepEqual(podRequests(pod(spec)), { cpu: "2010m" });
  assert.deepEqual(podRequests(pod(spec), { overhead: false }), { cpu: "2" });
});

test("podLimits: overhead adds only to what is limited", () => {
  const limited = { name: "a", resources: { limits: { cpu: "1" } } };
  assert.deepEqual(podLimits(pod({ containers: [limited], overhead: { cpu: "10m", memory: "1Mi" } })), {
    cpu: "1010m",
  });
});
