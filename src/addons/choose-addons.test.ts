import assert from "node:assert/strict";
import { test } from "node:test";
import { type ClusterConfigInput, formatPath, resolveConfig } from "#config";
import { checkAddons, chooseAddons } from "./choose-addons.ts";

function problemsOf(input: Omit<ClusterConfigInput, "apiVersion" | "kind">): string[] {
  return checkAddons(resolveConfig(input)).map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

test("chooseAddons: those listed, those that are always there, and the pod network without being listed", () => {
  const simulated = { provider: "local", simulated: true } as const;
  const config = resolveConfig({
    infrastructure: simulated,
    network: { plugin: "flannel" },
    addons: [{ name: "dns" }],
  });
  assert.deepEqual(
    chooseAddons(config).map(({ name }) => name),
    ["cluster-info", "flannel", "dns"],
  );
  const pinned = resolveConfig({
    infrastructure: simulated,
    network: { plugin: "flannel" },
    addons: [{ name: "flannel", version: "0.28.8" }],
  });
  assert.deepEqual(
    chooseAddons(pinned).map(({ name, config: { version } }) => [name, version]),
    [
      ["cluster-info", undefined],
      ["flannel", "0.28.8"],
    ],
  );
});

test("checkAddons: names, versions, settings and clusters that do not fit, each by its field", () => {
  const source = { manifests: "/x.yaml" };
  assert.deepEqual(
    problemsOf({
      addons: [
        { name: "metric-server" },
        { name: "calico" },
        { name: "metrics-server", version: "0.1", values: { replicas: 0, size: 1 } },
        { name: "dns", values: {} },
        { name: "storage", source },
        { name: "aws-ebs-csi" },
        { name: "mine", source },
      ],
    }),
    [
      'addons[0].name: "metric-server" is no add-on, did you mean "metrics-server"?',
      'addons[1].name: "calico" is a pod network, but network.plugin is slipway',
      'addons[2].version: "0.1" is no version of metrics-server; there are: 0.9.0, 0.8.1',
      "addons[2].values.replicas: must be at least 1, not 0",
      "addons[2].values.size: unknown field; known here: replicas, kubeletInsecureTLS, resolution",
      "addons[3].values: must not be given: dns has no settings",
      'addons[4].name: "storage" is an add-on of the catalogue: one with a source of its own needs another name',
      'addons[5].name: "aws-ebs-csi" is for machines of provider aws, not local',
    ],
  );
  assert.deepEqual(problemsOf({ network: { plugin: "cilium" } }), [
    "network.plugin: cilium needs nodes that are machines of their own: with provider local use slipway's network, or none",
  ]);
});
