import assert from "node:assert/strict";
import { test } from "node:test";
import type { Volume } from "#kubernetes/api";
import { toBoundPod } from "../pod/bound-pod.ts";
import { areSureToMount, usedVolumes } from "./used-volumes.ts";

function podWith(volumes: Volume[], used = volumes.map(({ name }) => name)) {
  const volumeMounts = used.map((name) => ({ name, mountPath: `/${name}` }));
  return toBoundPod({ metadata: {}, spec: { containers: [{ name: "main", volumeMounts }], volumes } });
}

const access: Volume = {
  name: "kube-api-access",
  projected: {
    sources: [
      { serviceAccountToken: { path: "token" } },
      { configMap: { name: "kube-root-ca.crt" } },
      { downwardAPI: { items: [] } },
    ],
  },
};

test("usedVolumes: those some container mounts; an image is the runtime's", () => {
  const volumes = [
    { name: "a", emptyDir: {} },
    { name: "b", emptyDir: {} },
    { name: "c", image: { reference: "x" } },
  ];
  assert.deepEqual(
    usedVolumes(podWith(volumes, ["a", "c"])).map(({ name }) => name),
    ["a"],
  );
});

test("areSureToMount: what every pod has, and nothing that somebody must have made", () => {
  assert.equal(areSureToMount(podWith([])), true);
  assert.equal(areSureToMount(podWith([access, { name: "tmp", emptyDir: {} }])), true);
  assert.equal(areSureToMount(podWith([access, { name: "config", configMap: { name: "settings" } }])), false);
  assert.equal(areSureToMount(podWith([{ name: "data", persistentVolumeClaim: { claimName: "data" } }])), false);
  assert.equal(
    areSureToMount(podWith([{ name: "mixed", projected: { sources: [{ secret: { name: "s" } }] } }])),
    false,
  );
  assert.equal(areSureToMount(podWith([{ name: "config", configMap: { name: "settings" } }], [])), true);
});
