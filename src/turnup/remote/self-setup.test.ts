import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import type { MachineReport } from "#bootstrap";
import type { MachineAccess, MachineConnection } from "#provision";
import { FakeClock, silentLogger, type UserError } from "#shared";
import { clusterPaths } from "../cluster-folder.ts";
import type { PlanInput } from "../plan-input.ts";
import type { StepContext } from "../step.ts";
import { awaitSelfSetup } from "./self-setup.ts";

const name = "demo-worker-1";

/** A machine that nobody but this test plays, and an API that knows its node or does not. */
interface Scene {
  report?: MachineReport;
  cloudInit: string;
  result?: Buffer;
  hasNode: boolean;
  isReachable: boolean;
}

async function play(t: TestContext, scene: Scene, kind: MachineAccess["kind"] = "ssh") {
  const folder = mkdtempSync(join(tmpdir(), "slipway-self-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const server = createServer((_: IncomingMessage, response: ServerResponse) => {
    const status = { kind: "Status", apiVersion: "v1", status: "Failure", reason: "NotFound", code: 404 };
    const node = { kind: "Node", apiVersion: "v1", metadata: { name } };
    response.writeHead(scene.hasNode ? 200 : 404, { "content-type": "application/json" });
    response.end(JSON.stringify(scene.hasNode ? node : status));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const cluster = { server: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  const paths = { ...clusterPaths(folder, "demo"), kubeconfig: join(folder, "kubeconfig") };
  const kubeconfig = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "c", cluster }],
    users: [{ name: "u", user: { token: "t" } }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
  writeFileSync(paths.kubeconfig, JSON.stringify(kubeconfig));
  const connection = {
    readFile: async (path: string) =>
      path === "/run/cloud-init/result.json" ? scene.result : scene.report && Buffer.from(JSON.stringify(scene.report)),
    exec: async ([program]: readonly string[]) => {
      const stdout = program === "uname" ? "Linux x86_64\n" : scene.cloudInit;
      return { code: 0, stdout, stderr: "" };
    },
    close: async () => {},
  } as unknown as MachineConnection;
  const connect = async () => {
    if (!scene.isReachable) throw new Error("connection refused");
    return connection;
  };
  const clock = new FakeClock(0);
  const said: string[] = [];
  const input = { paths, remote: { connect } } as unknown as PlanInput;
  const access = (kind === "ssh" ? { kind, host: "192.0.2.1" } : { kind }) as MachineAccess;
  const machine = { name, role: "worker", pool: "worker", address: "192.0.2.1", access, handle: {} } as const;
  const report = (detail: string) => void said.push(detail);
  const context: StepContext = { signal: t.signal, clock, logger: silentLogger, report };
  const result = awaitSelfSetup(input, machine, context);
  return { clock, said, result };
}

const scene: Scene = { cloudInit: "status: running\n", hasNode: false, isReachable: true };
const started = { description: "ab", startedAt: "2026-01-01T00:00:00Z" };
const fetched = { title: "Fetch node", exitCode: 0, ms: 5, output: "" };

test("awaitSelfSetup: through booting, cloud-init and its steps to its node", async (t) => {
  const now: Scene = { ...scene, isReachable: false };
  const { clock, said, result } = await play(t, now);
  const until = async (detail: string) => {
    while (said.at(-1) !== detail) await clock.advance(1_000);
  };
  await until("boots");
  now.isReachable = true;
  await until("cloud-init is at work");
  now.cloudInit = "status: error\n";
  said.push("a part of it failed");
  await until("cloud-init is at work");
  now.report = { ...started, state: "running", commands: [fetched] };
  await until("has done: Fetch node");
  now.report = { ...started, state: "done", commands: [fetched] };
  await until("its node is not there yet");
  now.hasNode = true;
  const moving = setInterval(() => void clock.advance(1_000), 1);
  t.after(() => clearInterval(moving));
  assert.deepEqual(await result, { report: now.report, platform: "linux-amd64" });
});

test("awaitSelfSetup: a step that failed is told at once, with what it said", async (t) => {
  const output = "trying\nno such host: files.example\n";
  const commands = [fetched, { title: "Fetch slipway-agent", exitCode: 6, ms: 5, output }];
  const { result } = await play(t, { ...scene, report: { ...started, state: "failed", commands } });
  await assert.rejects(result, (error: UserError) => {
    assert.equal(error.message, `${name}: Fetch slipway-agent: exit code 6: no such host: files.example`);
    assert.ok(error.hints.includes("  trying"));
    return true;
  });
});

test("awaitSelfSetup: a cloud-init that ended without setting anything up is told at once", async (t) => {
  const cloudInit = "status: error\nerrors:\n  - bad YAML\n";
  const { result } = await play(t, { ...scene, cloudInit, result: Buffer.from("{}") });
  await assert.rejects(result, (error: UserError) => {
    assert.match(error.message, /cloud-init ended \(error\) without setting the machine up$/);
    assert.ok(error.hints.some((hint) => hint.includes("bad YAML")));
    return true;
  });
});

test("awaitSelfSetup: where nobody gets onto it, its node tells; without one the deadline names the machine and where to look", async (t) => {
  const { result: joined } = await play(t, { ...scene, hasNode: true }, "none");
  assert.equal(await joined, undefined);
  const { clock, result } = await play(t, scene, "none");
  const moving = setInterval(() => void clock.advance(60_000), 1);
  t.after(() => clearInterval(moving));
  await assert.rejects(result, (error: UserError) => {
    assert.equal(error.message, `${name} has not set itself up after 15 minutes: its node is not there yet`);
    assert.ok(error.hints.some((hint) => hint.includes("Look on its console (192.0.2.1)")));
    return true;
  });
});
