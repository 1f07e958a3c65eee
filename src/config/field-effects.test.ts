import assert from "node:assert/strict";
import { test } from "node:test";
import { effectOf, isOtherVersion } from "./field-effects.ts";
import { resolveConfig } from "./read-config.ts";

const local = resolveConfig({});
const aws = resolveConfig({
  infrastructure: { provider: "aws", region: "eu-central-1" },
  distribution: { type: "kubeadm" },
});

test("effectOf: what changes in place, what wants new machines, an upgrade, or another cluster", () => {
  const effects: [string, string][] = [
    ["workers[0].count", "in place"],
    ["workers[0].labels.zone", "in place"],
    ["addons[0].name", "in place"],
    ["kubernetesVersion", "upgrade"],
    ["network.podCIDR", "new cluster"],
    ["distribution.type", "new cluster"],
    ["infrastructure.region", "new cluster"],
    ["workers[0].labels.type", "in place"],
    ["workers[0].labels.spot", "in place"],
    ["infrastructure.zones[2]", "new cluster"],
    ["infrastructure.workers.type", "in place"],
    ["infrastructure.controlPlane.diskGB", "in place"],
    ["infrastructure.controlPlane.zones[0]", "new machines"],
    ["infrastructure.pools.batch.spot", "new machines"],
    ["infrastructure.image", "machines to come"],
    ["bootstrap.artifacts", "machines to come"],
    ["bootstrap.workers", "in place"],
    ["workers[1].name", "new machines"],
  ];
  for (const [path, effect] of effects) assert.equal(effectOf({ path }, aws), effect, path);
});

test("effectOf: some only with some providers", () => {
  const gke = resolveConfig({ infrastructure: { provider: "gke", project: "harbour-1", region: "europe-west3" } });
  assert.equal(effectOf({ path: "infrastructure.zones[1]" }, gke), "new machines");
  assert.equal(effectOf({ path: "infrastructure.workers.type" }, gke), "new machines");
  const nspawn = resolveConfig({ infrastructure: { provider: "nspawn" } });
  for (const field of ["image", "packages[1]", "mirror"])
    assert.equal(effectOf({ path: `infrastructure.${field}` }, nspawn), "machines to come", field);
});

test("effectOf: some only with some distributions", () => {
  assert.equal(effectOf({ path: "network.apiServerPort" }, aws), "new cluster");
  assert.equal(effectOf({ path: "network.apiServerPort" }, local), "in place");
  assert.equal(effectOf({ path: "controlPlane.apiServer.auditPolicy" }, aws), "new cluster");
  assert.equal(effectOf({ path: "controlPlane.apiServer.auditPolicy" }, local), "in place");
  assert.equal(effectOf({ path: "distribution.apiServer.extraArgs[0]" }, aws), "new cluster");
  assert.equal(effectOf({ path: "distribution.kubelet.config.maxPods" }, aws), "machines to come");
});

test("isOtherVersion: what is not said is the newest", () => {
  const version = (kubernetesVersion: string) => ({ ...aws, kubernetesVersion });
  assert.ok(isOtherVersion(version("1.35"), version("1.36")));
  assert.ok(!isOtherVersion(aws, version("1.36")));
  assert.ok(!isOtherVersion(version("1.35.8"), version("v1.35")));
});
