import assert from "node:assert/strict";
import { test } from "node:test";
import { createAsker, createClaim, createServer, readResults } from "./test-pods.ts";

const options = { namespace: "ns", image: "i", dnsDomain: "cluster.local" };

test("createServer: one pod per node, on just that node, whatever its taints", () => {
  const { spec, metadata } = createServer("a", options);
  assert.equal(spec?.nodeName, "a");
  assert.deepEqual(spec?.tolerations, [{ operator: "Exists" }]);
  assert.deepEqual(metadata.labels, { app: "verify" });
});

test("createClaim: for the node of the server that uses it", () => {
  const { metadata } = createClaim("a", options);
  assert.equal(metadata.annotations?.["volume.kubernetes.io/selected-node"], "a");
  const { spec } = createServer("a", options, metadata.name);
  assert.deepEqual(spec?.volumes, [{ name: "page", persistentVolumeClaim: { claimName: "page-a" } }]);
});

test("createAsker: asks every server, the service by its address, and DNS for its name", () => {
  const servers = new Map([
    ["a", "10.244.0.2"],
    ["b", "10.244.1.2"],
  ]);
  const { spec } = createAsker("a", { servers, serviceAddress: "10.96.7.7" }, options);
  const script = spec!.containers[0]!.command!.at(-1)!;
  for (const part of [
    "nc -w 5 10.244.0.2 8080",
    "nc -w 5 10.244.1.2 8080",
    "nc -w 5 10.96.7.7 80",
    "nslookup verify.ns.svc.cluster.local",
  ]) {
    assert.ok(script.includes(part), part);
  }
});

test("readResults: what the asker wrote; what it did not write was not tested", () => {
  assert.deepEqual(readResults("cni no answer from pods on b\nstorage ok\nproxy ok\n"), {
    cri: "ok",
    storage: "ok",
    cni: "no answer from pods on b",
    proxy: "ok",
    dns: "not tested",
    logs: "ok",
  });
  assert.equal(readResults("").logs, "empty");
});
