import assert from "node:assert/strict";
import { test } from "node:test";
import { subresourcesOf } from "./access.ts";
import { findRoute } from "./route.ts";

test("findRoute: upstream's paths, with and without a uid", () => {
  assert.deepEqual(findRoute("/containerLogs/ns/pod/c"), { kind: "logs", namespace: "ns", pod: "pod", container: "c" });
  assert.deepEqual(findRoute("/exec/ns/pod/c"), { kind: "exec", namespace: "ns", pod: "pod", container: "c" });
  const withUid = { kind: "attach", namespace: "ns", pod: "pod", uid: "u", container: "c" };
  assert.deepEqual(findRoute("/attach/ns/pod/u/c"), withUid);
  assert.deepEqual(findRoute("/portForward/ns/pod"), { kind: "portForward", namespace: "ns", pod: "pod" });
  assert.deepEqual(findRoute("/metrics/resource"), { kind: "page", path: "/metrics/resource" });
});

test("findRoute: what is no path of ours is nothing, whatever its escapes", () => {
  for (const path of ["/", "/exec/ns/pod", "/containerLogs/ns", "/execute/ns/pod/c", "/%zz", "//exec/ns/pod/c"]) {
    assert.equal(findRoute(path), undefined, path);
  }
  // An escaped slash is part of a name, never a separator.
  assert.deepEqual(findRoute("/exec/ns/a%2Fb/c"), { kind: "exec", namespace: "ns", pod: "a/b", container: "c" });
});

test("subresourcesOf: a path that only begins like another is the whole proxy's", () => {
  assert.deepEqual(subresourcesOf("/stats/summary"), ["stats"]);
  assert.deepEqual(subresourcesOf("/metrics/cadvisor"), ["metrics"]);
  assert.deepEqual(subresourcesOf("/pods"), ["pods", "proxy"]);
  assert.deepEqual(subresourcesOf("/metricsx"), ["proxy"]);
  assert.deepEqual(subresourcesOf("/exec/ns/pod/c"), ["proxy"]);
  assert.deepEqual(subresourcesOf("/run/ns/pod/c"), ["proxy"]);
});
