import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfigInput, resolveConfig } from "#config";
import { catalogue } from "../catalogue.ts";
import { calico } from "./calico.ts";
import { cilium } from "./cilium.ts";
import { flannel } from "./flannel.ts";
import { logs } from "./logs.ts";

const input = { config: resolveConfig({ network: { podCIDR: "10.50.0.0/16" } }), server: "", authority: "" };

test("the catalogue: names occur once; what is published has an address, pinned where it can be; no registry is asked for files", () => {
  const names = catalogue.map(({ name }) => name);
  assert.deepEqual(names, [...new Set(names)]);
  for (const { name, releases = [] } of catalogue) {
    for (const { version, manifests = [], chart, images } of releases) {
      for (const { url, digest } of [...manifests, ...(chart ? [chart] : [])]) {
        assert.match(url, /^https:\/\/\S+\.(ya?ml|tgz)$/, `${name} ${version}`);
        if (digest !== undefined) assert.match(digest, /^sha256:[0-9a-f]{64}$/);
        if (url.startsWith("https://raw.")) assert.ok(digest, `${url} has no digest`);
      }
      for (const image of images) assert.match(image, /^[\w.-]+\/\S+[:@]\S+$/);
    }
  }
});

test("flannel and Calico are told the pods' addresses; what was published is not changed", () => {
  const settings = {
    kind: "ConfigMap",
    metadata: { name: "kube-flannel-cfg" },
    data: { "net-conf.json": '{"Network":"10.1.0.0/16","Backend":{"Type":"vxlan"}}' },
  };
  const [changed] = flannel.build!(input, { release: undefined, values: undefined, published: [settings] });
  assert.deepEqual(JSON.parse((changed as unknown as typeof settings).data["net-conf.json"]), {
    Network: "10.50.0.0/16",
    Backend: { Type: "vxlan" },
  });
  assert.match(settings.data["net-conf.json"], /10\.1\.0\.0/);

  const containers = [{ name: "calico-node", env: [{ name: "X", value: "y" }] }];
  const node = { kind: "DaemonSet", metadata: { name: "calico-node" }, spec: { template: { spec: { containers } } } };
  const [agent] = calico.build!(input, { release: undefined, values: undefined, published: [node] });
  assert.deepEqual((agent as unknown as typeof node).spec.template.spec.containers[0]?.env.at(-1), {
    name: "CALICO_IPV4POOL_CIDR",
    value: "10.50.0.0/16",
  });
  assert.throws(
    () => calico.build!(input, { release: undefined, values: undefined, published: [] }),
    /Cannot find DaemonSet/,
  );
});

test("Cilium's chart leaves pod ranges to Kubernetes; a person's values win", () => {
  const values = cilium.chartValues!(input, { operator: { replicas: 3 } });
  assert.deepEqual(values, { ipam: { mode: "kubernetes" }, kubeProxyReplacement: false, operator: { replicas: 3 } });
});

test("logs: what its readiness is asked at is there; nodes that share this machine's folders cannot have it", () => {
  const objects = logs.build!(input, {
    release: logs.releases?.[0],
    values: { output: { name: "stdout" } },
    published: [],
  });
  const settings = objects.find(({ kind }) => kind === "ConfigMap") as unknown as { data: Record<string, string> };
  const { service } = JSON.parse(settings.data["fluent-bit.yaml"]!) as { service: Record<string, unknown> };
  assert.equal(service["health_check"], true);
  const refuse = (infrastructure: ClusterConfigInput["infrastructure"]) =>
    logs.refuse!(resolveConfig({ infrastructure }));
  assert.equal(
    refuse({ provider: "local" }),
    "logs needs nodes that are machines of their own: with provider local read them with `kubectl logs`",
  );
  assert.equal(refuse({ provider: "local", simulated: true }), undefined);
});
