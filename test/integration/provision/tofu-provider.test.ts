// The OpenTofu provider against the real program (tofu, else terraform), with a cloud of nothing but terraform_data. Without either
// these tests are skipped.

import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import { createTofuProvider, type MachineSpec, type ProviderContext, tofuFolder } from "#provision";
import { machineSpecs } from "#turnup";
import { createTinyCloud, type TinyCloudOptions } from "../../support/tofu/tiny-cloud.ts";

const program = ["tofu", "terraform"].find((name) =>
  (process.env["PATH"] ?? "").split(":").some((folder) => existsSync(join(folder, name))),
);
const skip = program === undefined ? "neither tofu nor terraform is installed" : false;

interface Scene {
  readonly workers?: number;
  readonly infrastructure?: object;
  readonly signal?: AbortSignal;
  readonly report?: (detail: string) => void;
}

function createBench(t: TestContext, cloud: TinyCloudOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-tofu-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const provider = createTofuProvider(createTinyCloud(cloud));
  const contextOf = (scene: Scene = {}): ProviderContext => {
    const own = { provider: "aws" as const, region: "eu-central-1", ...scene.infrastructure };
    const config = resolveConfig({ name: "demo", workers: [{ count: scene.workers ?? 1 }], infrastructure: own });
    const userData = async ({ name }: MachineSpec) => `#cloud-config\n# ${name}\n`;
    const signal = scene.signal ?? new AbortController().signal;
    return { config, folder, machines: machineSpecs(config, { existing: [] }), signal, userData, ...scene };
  };
  const up = async (context: ProviderContext) => {
    await provider.createNetwork(context);
    return Promise.all(context.machines.map((spec) => provider.createMachine(context, spec)));
  };
  return { provider, contextOf, up, files: join(folder, tofuFolder) };
}

test("tofu: up, nothing to do, one more, down", { skip }, async (t) => {
  const { provider, contextOf, up, files } = createBench(t);
  const said: string[] = [];
  const context = contextOf({ report: (detail) => said.push(detail) });
  assert.deepEqual(await provider.check(context), []);
  assert.equal(await provider.findNetwork(context), undefined);
  assert.equal(existsSync(files), false);

  const machines = await up(context);
  assert.deepEqual(
    machines.map(({ name, address, access }) => ({ name, address, access })),
    ["demo-control-plane-1", "demo-worker-1"].map((name) => {
      return { name, address: "10.0.0.1", access: { kind: "none" } };
    }),
  );
  assert.deepEqual(await provider.findNetwork(context), {
    machineCIDR: "10.100.0.0/16",
    controlPlaneAddress: "api.example",
    internalControlPlaneAddress: "internal.example",
  });
  assert.ok(said.includes('terraform_data.machine["demo-worker-1"]: creating'), said.join("\n"));
  assert.match(
    readFileSync(join(files, "terraform.tfstate"), "utf8"),
    /# demo-worker-1/,
    "user data was there to be read",
  );
  assert.equal(existsSync(join(files, "user-data")), false, "and is gone afterwards");
  assert.equal(existsSync(join(files, "slipway.tfplan")), false);

  const more = contextOf({ workers: 2 });
  assert.equal(await provider.findMachine(more, more.machines[2]!), undefined);
  await provider.createMachine(more, more.machines[2]!);
  assert.equal((await provider.findMachine(more, more.machines[2]!))?.name, "demo-worker-2");

  await Promise.all(more.machines.map((spec) => provider.deleteMachine(more, spec)));
  assert.deepEqual(await provider.findLeftovers(more), ["terraform_data.network"]);
  await provider.deleteNetwork(more);
  assert.deepEqual(await provider.findLeftovers(more), []);
});
