import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import { assignHost, changeAssignment, readAssignment } from "./assignment.ts";
import { createSshProvider } from "./provider.ts";

const spec = { name: "demo-worker-1", role: "worker", pool: "worker" } as const;

function createScene(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-ssh-"));
  t.after(() => rmSync(folder, { recursive: true }));
  // Nothing answers there.
  const hosts = [
    { address: "127.0.0.1", port: 1, role: "control-plane" as const },
    { address: "127.0.0.1", port: 2 },
  ];
  const config = resolveConfig({
    name: "demo",
    infrastructure: { provider: "ssh", hosts },
    workers: [{ count: 1 }],
    distribution: { type: "slipway" },
  });
  assert.ok(config.infrastructure.provider === "ssh");
  const inventory = { infrastructure: config.infrastructure, clusterFolder: folder, cluster: "demo" };
  const context = { config, folder, machines: [spec], signal: new AbortController().signal };
  return { folder, inventory, context };
}

test("createMachine: a host that could not be reached is free again", async (t) => {
  const { folder, context } = createScene(t);
  await assert.rejects(createSshProvider().createMachine(context, spec), /^UserError: Cannot reach machine/);
  assert.deepEqual((await readAssignment(folder))?.machines, {});
});

test("createMachine: one that was assigned earlier stays so: it may carry our mark", async (t) => {
  const { folder, inventory, context } = createScene(t);
  const { machines } = await changeAssignment(folder, (before) => assignHost(before, inventory, spec));
  await assert.rejects(createSshProvider().createMachine(context, spec), /^UserError: Cannot reach machine/);
  assert.deepEqual((await readAssignment(folder))?.machines, machines);
});
