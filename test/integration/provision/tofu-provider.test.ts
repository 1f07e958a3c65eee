// The OpenTofu provider against the real program (tofu, else terraform), with a cloud of nothing but terraform_data. Without either
// these tests are skipped.

import assert from "node:assert/strict";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import { createTofuProvider, type MachineSpec, type ProviderContext, tofuFolder } from "#provision";
import { exec, UserError } from "#shared";
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
  assert.equal(statSync(join(files, "terraform.tfstate")).mode & 0o777, 0o600);
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

test("tofu: says what differs and why; a machine that must be made anew is, others are left alone", {
  skip,
}, async (t) => {
  const { provider, contextOf, up, files } = createBench(t);
  await up(contextOf());
  const before = idsIn(files);
  const changed = contextOf({ infrastructure: { workers: { type: "m7i.large", zones: ["b"] } } });
  const [first, worker] = changed.machines;
  assert.equal(await provider.compareMachine!(changed, first!), undefined);
  assert.equal(await provider.compareNetwork!(changed), undefined);
  const difference = await provider.compareMachine!(changed, worker!);
  assert.deepEqual(difference, { change: "replace", reason: "triggers_replace: a → b" });
  const inPlace = contextOf({ infrastructure: { workers: { type: "m7i.large" } } });
  assert.deepEqual(await provider.compareMachine!(inPlace, inPlace.machines[1]!), {
    change: "in place",
    reason: 'terraform_data.size["demo-worker-1"]: input: t3.large → m7i.large',
  });
  await provider.createMachine(changed, worker!);
  const after = idsIn(files);
  assert.equal(after["demo-control-plane-1"], before["demo-control-plane-1"]);
  assert.notEqual(after["demo-worker-1"], before["demo-worker-1"]);
  assert.equal(await provider.compareMachine!(changed, worker!), undefined);
  assert.match(readFileSync(join(files, "terraform.tfstate"), "utf8"), /# demo-worker-1/, "with user data of its own");
});

test("tofu: a state that was kept elsewhere comes here with all it knows, and goes there again", {
  skip,
}, async (t) => {
  const { contextOf, up, files } = createBench(t);
  const address = await keepState(t);
  const elsewhere = contextOf({ infrastructure: { state: { backend: "http", settings: { address } } } });
  const made = await up(elsewhere);
  assert.equal(existsSync(join(files, "terraform.tfstate")), false);
  const here = contextOf();
  // Another run of slipway, which has yet to look.
  const again = createTofuProvider(createTinyCloud());
  assert.equal(await again.compareNetwork!(here), undefined);
  assert.deepEqual(await Promise.all(here.machines.map((spec) => again.findMachine(here, spec))), made);
  await again.createNetwork(here);
  const stayed = await Promise.all(here.machines.map((spec) => again.createMachine(here, spec)));
  assert.deepEqual(stayed, made);
  assert.equal(Object.keys(idsIn(files)).length, 2);
  const back = createTofuProvider(createTinyCloud());
  assert.equal(await back.compareMachine!(elsewhere, elsewhere.machines[1]!), undefined);
  await back.createNetwork(elsewhere);
  assert.deepEqual(await back.findMachine(elsewhere, elsewhere.machines[1]!), made[1]);
});

/** A server that keeps one state, as OpenTofu's backend "http" wants it; its address. */
async function keepState(t: TestContext): Promise<string> {
  let state = "";
  const server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString("utf8");
    if (request.method === "POST") state = body;
    if (request.method === "GET" && state === "") response.statusCode = 404;
    response.end(request.method === "GET" ? state : "");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/state`;
}

test("tofu: user data that could not be made for all is not left lying around", { skip }, async (t) => {
  const { provider, contextOf, files } = createBench(t);
  const context = contextOf();
  await provider.createNetwork(context);
  const userData = async ({ name }: MachineSpec) => {
    if (name.includes("worker")) throw new Error("no key");
    return "secret";
  };
  await assert.rejects(provider.createMachine({ ...context, userData }, context.machines[0]!), /no key/);
  assert.equal(existsSync(join(files, "user-data")), false);
});

test("tofu: what fails is told; the same call goes on from there", { skip }, async (t) => {
  const marker = join(mkdtempSync(join(tmpdir(), "slipway-tofu-")), "may-go-on");
  t.after(() => rmSync(dirname(marker), { recursive: true }));
  const { provider, contextOf, up } = createBench(t, { atCreation: `test -e ${marker}` });
  const context = contextOf();
  await assert.rejects(up(context), (error: UserError) => {
    assert.match(error.message, /^Cannot apply with OpenTofu: local-exec provisioner error: Error running command/);
    return error instanceof UserError;
  });
  assert.equal(await provider.findMachine(context, context.machines[1]!), undefined, "a half made one is none");
  writeFileSync(marker, "");
  assert.equal((await up(context)).length, 2);
});

test("tofu: interrupted, it keeps what it knows", { skip }, async (t) => {
  const { provider, contextOf, files } = createBench(t, { atCreation: "sleep 1" });
  const stop = new AbortController();
  const report = (detail: string) =>
    detail.endsWith("creating") && detail.includes("worker") && stop.abort(new Error("enough"));
  const context = contextOf({ signal: stop.signal, report: (detail) => void report(detail) });
  await provider.createNetwork(context);
  await assert.rejects(provider.createMachine(context, context.machines[0]!), /enough/);
  assert.equal(existsSync(join(files, ".terraform.tfstate.lock.info")), false, "the lock is given back");
  const again = contextOf();
  assert.equal((await provider.createMachine(again, again.machines[0]!)).name, "demo-control-plane-1");
});

test("tofu: killed beside it, slipway finds what was made meanwhile", { skip }, async (t) => {
  const { provider, contextOf, files } = createBench(t, { atCreation: "sleep 2" });
  const context = contextOf();
  const script = `
    import { createTofuProvider } from "#provision";
    import { createTinyCloud } from "${join(import.meta.dirname, "../../support/tofu/tiny-cloud.ts")}";
    const provider = createTofuProvider(createTinyCloud({ atCreation: "sleep 2" }));
    const context = { ...JSON.parse(process.argv[1]), signal: new AbortController().signal };
    context.report = (detail) => detail.endsWith("creating") && detail.includes("machine") && process.kill(process.pid, "SIGKILL");
    await provider.createNetwork(context);
    await provider.createMachine(context, context.machines[0]);`;
  const { config, folder, machines } = context;
  const argument = JSON.stringify({ config, folder, machines });
  const root = join(import.meta.dirname, "../../..");
  await assert.rejects(
    exec([process.execPath, "--input-type=module", "-e", script, argument], { cwd: root }),
    /SIGKILL/,
  );
  // The program is still at it: its lock is waited for.
  const machine = await provider.createMachine(context, context.machines[0]!);
  assert.equal(machine.handle["id"], idsIn(files)["demo-control-plane-1"]);
  const { version } = JSON.parse(readFileSync(join(files, "terraform.tfstate"), "utf8"));
  assert.equal(version, 4);
});

function idsIn(files: string): Record<string, string> {
  const { outputs } = JSON.parse(readFileSync(join(files, "terraform.tfstate"), "utf8"));
  const machines = Object.entries<{ id: string }>(outputs.machines.value);
  return Object.fromEntries(machines.map(([name, { id }]) => [name, id]));
}
