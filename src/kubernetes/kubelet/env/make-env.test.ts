import assert from "node:assert/strict";
import { test } from "node:test";
import type { Container, Service } from "#kubernetes/api";
import { toBoundPod } from "../pod/bound-pod.ts";
import { makeEnvironment } from "./make-env.ts";

const pod = toBoundPod({
  metadata: { name: "web", namespace: "d", uid: "u", labels: { app: "web" } },
  spec: { containers: [] },
  status: {},
});
const kubernetes: Service = {
  metadata: { name: "kubernetes", namespace: "default" },
  spec: { clusterIP: "10.96.0.1", ports: [{ name: "https", port: 443, protocol: "TCP" }] },
};

async function environmentOf(container: Partial<Container>) {
  return makeEnvironment(
    pod,
    { name: "main", ...container },
    {
      configMap: async (_namespace, name) => (name === "map" ? { metadata: {}, data: { a: "1", b: "2" } } : undefined),
      secret: async (_namespace, name) =>
        name === "secret" ? { metadata: {}, data: { a: Buffer.from("s").toString("base64") } } : undefined,
      services: [kubernetes],
      addresses: { podIPs: ["10.1.0.1"], hostIPs: ["10.0.0.1"] },
      allocatable: { cpu: "4", memory: "8Gi" },
      volumeFile: async () => "/none",
    },
  );
}

test("makeEnvironment: whole maps under their prefix, the list over them, both over services", async () => {
  const env = await environmentOf({
    envFrom: [{ configMapRef: { name: "map" } }, { prefix: "S_", secretRef: { name: "secret" } }],
    env: [
      { name: "a", value: "own" },
      { name: "KUBERNETES_SERVICE_HOST", value: "elsewhere" },
      { name: "COMPOSED", value: "$(a)-$(b)-$(S_a)-$(KUBERNETES_SERVICE_PORT)-$(LATER)-$$(a)" },
      { name: "LATER", value: "x" },
      { name: "IP", valueFrom: { fieldRef: { fieldPath: "status.podIP" } } },
      { name: "APP", valueFrom: { fieldRef: { fieldPath: "metadata.labels['app']" } } },
      { name: "CPU", valueFrom: { resourceFieldRef: { resource: "limits.cpu" } } },
    ],
  });
  assert.equal(env["a"], "own");
  assert.equal(env["KUBERNETES_SERVICE_HOST"], "elsewhere");
  assert.equal(env["COMPOSED"], "own-2-s-443-$(LATER)-$(a)");
  assert.deepEqual([env["IP"], env["APP"], env["CPU"]], ["10.1.0.1", "web", "4"]);
});

test("makeEnvironment: names every object has are names like any other", async () => {
  const env = await environmentOf({
    env: [
      { name: "A", value: "$(constructor)$(toString)$(__proto__)" },
      { name: "__proto__", value: "p" },
      { name: "B", value: "$(__proto__)" },
    ],
  });
  assert.equal(env["A"], "$(constructor)$(toString)$(__proto__)");
  assert.equal(env["B"], "p");
  assert.ok(Object.entries(env).some(([name, value]) => name === "__proto__" && value === "p"));
});

test("makeEnvironment: what is missing is said, unless it may be", async () => {
  const key = (name: string, optional?: boolean) => ({
    env: [{ name: "A", valueFrom: { configMapKeyRef: { name, key: "z", ...(optional && { optional }) } } }],
  });
  await assert.rejects(environmentOf(key("none")), /^Error: configmap "none" not found$/);
  await assert.rejects(environmentOf(key("map")), /^Error: couldn't find key z in ConfigMap d\/map$/);
  await assert.rejects(
    environmentOf({ envFrom: [{ secretRef: { name: "none" } }] }),
    /^Error: secret "none" not found$/,
  );
  assert.equal("A" in (await environmentOf(key("none", true))), false);
  assert.equal("A" in (await environmentOf(key("map", true))), false);
  await environmentOf({ envFrom: [{ secretRef: { name: "none", optional: true } }] });
});
