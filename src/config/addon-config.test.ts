import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveAddonPaths } from "./addon-config.ts";
import { checkConfig } from "./check-config.ts";
import { configApiVersion } from "./cluster-config.ts";
import { formatPath } from "./config-problem.ts";
import { resolveConfig } from "./read-config.ts";

function problemsOf(addons: unknown): string[] {
  const checked = checkConfig({ apiVersion: configApiVersion, kind: "Cluster", addons });
  return checked.config ? [] : checked.problems.map(({ path, message }) => `${formatPath(path)}: ${message}`);
}

test("addons: of the catalogue, of manifests, of a chart and of a Kustomize folder", () => {
  assert.deepEqual(
    problemsOf([
      { name: "dns" },
      { name: "metrics-server", version: "0.9.0", values: { replicas: 2 } },
      { name: "mine", namespace: "mine", conflicts: "overwrite", source: { manifests: "./mine.yaml" } },
      { name: "from-url", source: { manifests: "https://example.com/a.yaml", sha256: "0".repeat(64) } },
      { name: "chart", source: { helm: { chart: "./chart", values: { a: { b: [1] } } } } },
      { name: "far", source: { helm: { chart: "x", repo: "https://charts.example.com", version: "1.2.3" } } },
      { name: "folder", source: { kustomize: "./overlay" } },
    ]),
    [],
  );
});

test("addons: everything that is wrong is told, each by its field", () => {
  assert.deepEqual(
    problemsOf([
      { name: "Dns" },
      { name: "a", source: {} },
      { name: "a", version: "1", values: {}, source: { manifests: "x", kustomize: "y" } },
      { name: "b", source: { helm: { chart: "x", repo: "https://charts.example.com" } } },
      { name: "c", source: { manifests: "./x.yaml", sha256: "0".repeat(64) } },
    ]),
    [
      "addons[0].name: must consist of lower case letters, digits and '-', and start and end with a letter or digit, not \"Dns\"",
    ],
  );
  assert.deepEqual(
    problemsOf([
      { name: "a", source: {} },
      { name: "a", version: "1", values: {}, source: { manifests: "x", kustomize: "y" } },
      { name: "b", source: { helm: { chart: "x", repo: "https://charts.example.com" } } },
      { name: "c", source: { manifests: "./x.yaml", sha256: "0".repeat(64) } },
    ]),
    [
      "addons[0].source: must have exactly one of manifests, kustomize and helm, not none",
      'addons[1].name: "a" is already the name of addons[0]',
      "addons[1].source: must have exactly one of manifests, kustomize and helm, not manifests and kustomize",
      "addons[1].version: must not be given with a source; a chart's version is source.helm.version",
      "addons[1].values: must not be given with a source; a chart's values are source.helm.values",
      "addons[2].source.helm.version: is required for a chart that is fetched: what is installed must not change by itself",
      "addons[3].source.sha256: must be given with the URL of a manifest only",
    ],
  );
});

test("resolveAddonPaths: paths begin at the folder, what is fetched stays", () => {
  const { addons } = resolveConfig({
    addons: [
      { name: "a", source: { manifests: "./x.yaml" } },
      { name: "b", source: { manifests: "https://example.com/a.yaml" } },
      { name: "c", source: { helm: { chart: "charts/c" } } },
      { name: "d", source: { helm: { chart: "oci://example.com/d", version: "1" } } },
    ],
  });
  assert.deepEqual(
    addons.map((addon) => resolveAddonPaths(addon, "/etc/clusters").source),
    [
      { manifests: "/etc/clusters/x.yaml" },
      { manifests: "https://example.com/a.yaml" },
      { helm: { chart: "/etc/clusters/charts/c" } },
      { helm: { chart: "oci://example.com/d", version: "1" } },
    ],
  );
});
