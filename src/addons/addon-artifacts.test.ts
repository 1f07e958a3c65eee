import assert from "node:assert/strict";
import { test } from "node:test";
import { resolveConfig } from "#config";
import { addonArtifacts } from "./addon-artifacts.ts";

test("addonArtifacts: files and images of what is chosen, and URLs of one's own", () => {
  const config = resolveConfig({
    addons: [
      { name: "dns" },
      { name: "dashboard" },
      { name: "metrics-server", version: "0.8.1" },
      { name: "mine", source: { manifests: "https://example.com/x.yaml" } },
    ],
  });
  const { files, images } = addonArtifacts(config);
  assert.deepEqual(
    files.map(({ addon, kind, version, url }) => `${addon} ${kind} ${version} ${url.split("/").at(-1)}`),
    ["dashboard manifest 2.7.0 recommended.yaml", "mine manifest  x.yaml"],
  );
  assert.ok(files[0]?.digest?.startsWith("sha256:") && files[1]?.digest === undefined);
  assert.ok(images.includes("registry.k8s.io/metrics-server/metrics-server:v0.8.1"));
});
