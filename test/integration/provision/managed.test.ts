// A cluster whose control plane a cloud runs: its plan carried out and taken back, with the real OpenTofu (or Terraform) and a cloud
// of nothing but terraform_data. Without either program this is skipped.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createNetworkSource } from "#bootstrap";
import { resolveConfig } from "#config";
import { createTofuProvider } from "#provision";
import { exec } from "#shared";
import { applyPlan, checkPlan, clusterPaths, openJournal, type PlanInput, planCluster, undoPlan } from "#turnup";
import { createTinyManagedCloud } from "../../support/tofu/tiny-cloud.ts";

const hasProgram = ["tofu", "terraform"].some((name) =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, name))),
);

test("planCluster: eks, from nothing to a kubeconfig and back", {
  skip: !hasProgram && "no tofu is installed",
}, async (t) => {
  const home = mkdtempSync(join(tmpdir(), "slipway-managed-"));
  t.after(() => rmSync(home, { recursive: true }));
  const paths = clusterPaths(home, "demo");
  const userKubeconfig = { path: join(home, "kubeconfig") };
  const input: PlanInput = {
    config: resolveConfig({ name: "demo", infrastructure: { provider: "eks", region: "eu-central-1" } }),
    paths,
    provider: createTofuProvider(createTinyManagedCloud()),
    exec,
    programs: { process: () => [], command: () => [] },
    artifacts: createNetworkSource({ folder: home, own: async () => undefined }),
    names: { existing: [] },
    userKubeconfig,
  };
  const plan = planCluster(input);
  assert.deepEqual(
    plan.steps.map(({ id }) => id),
    ["provision/network", "bootstrap/kubeconfig"],
  );
  const journal = openJournal(paths.journal);
  const options = { journal, signal: new AbortController().signal };
  try {
    await applyPlan(plan, options);
    const text = readFileSync(userKubeconfig.path, "utf8");
    assert.match(text, /server: https:\/\/api\.example/);
    assert.match(text, /command: tiny/);
    const states = [...(await checkPlan(plan, options)).values()];
    assert.deepEqual(states, [{ state: "done" }, { state: "done" }]);
    await undoPlan(plan, options);
    assert.equal(existsSync(userKubeconfig.path), false);
    const left = await input.provider.findLeftovers({
      ...options,
      config: input.config,
      folder: paths.folder,
      machines: [],
    });
    assert.deepEqual(left, []);
  } finally {
    journal.close();
  }
});
