import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { FakeClock, silentLogger } from "#shared";
import { awaitSocket } from "./await-socket.ts";
import { askSupervisor, supervisorStatus } from "./client.ts";
import type { Launcher, RunningProcess } from "./launcher.ts";
import { supervisorPaths } from "./paths.ts";
import { rotateLogs } from "./rotate-logs.ts";
import { serveSupervisor } from "./server.ts";
import { createSupervisor } from "./supervisor.ts";
import type { UnitSpec } from "./unit.ts";

interface FakeProcess extends RunningProcess {
  readonly unit: string;
  readonly signals: string[];
  end(reason: string): void;
}

/** Processes that end only when told to, or on SIGTERM. */
class FakeLauncher implements Launcher {
  readonly launched: FakeProcess[] = [];
  readonly alive = new Map<number, FakeProcess>();
  deafToTerm = false;

  launch(spec: UnitSpec): FakeProcess {
    const { promise, resolve } = Promise.withResolvers<string>();
    const pid = this.launched.length + 1;
    const process: FakeProcess = {
      unit: spec.name,
      identity: { pid, startTime: `t${pid}` },
      exited: promise,
      signals: [],
      kill: (signal) => {
        process.signals.push(signal);
        if (signal === "SIGKILL" || !this.deafToTerm) process.end(`killed by ${signal}`);
      },
      end: (reason) => {
        this.alive.delete(pid);
        resolve(reason);
      },
    };
    this.launched.push(process);
    this.alive.set(pid, process);
    return process;
  }

  adopt({ pid }: { pid: number }): RunningProcess | undefined {
    return this.alive.get(pid);
  }

  /** The units' names in the order in which they were started. */
  get names(): string[] {
    return this.launched.map(({ unit }) => unit);
  }
}

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

function setUp(t: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-sv-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const paths = supervisorPaths(folder);
  mkdirSync(paths.units);
  const launcher = new FakeLauncher();
  const clock = new FakeClock();
  const addUnit = (name: string, after: string[] = [], ready: UnitSpec["ready"] = { kind: "notify" }) => {
    writeFileSync(join(paths.units, `${name}.json`), JSON.stringify({ name, argv: [name], after, ready }));
  };
  const create = () => createSupervisor({ paths, launcher, clock, logger: silentLogger });
  return { folder, paths, launcher, clock, addUnit, create };
}

test("start: resolves when the process says that it is ready", async (t) => {
  const { addUnit, create, launcher } = setUp(t);
  addUnit("api");
  const supervisor = create();
  let ready = false;
  const started = supervisor.start("api", never).then(() => {
    ready = true;
  });
  await turn();
  assert.deepEqual([launcher.names, ready], [["api"], false]);
  supervisor.notifyReady("api");
  await started;
  assert.deepEqual(supervisor.status(), [{ name: "api", restarts: 0, state: { state: "ready", pid: 1 } }]);
  await supervisor.start("api", never);
  assert.equal(launcher.launched.length, 1);
  await supervisor.stopAll();
});

test("start: rejects with the reason when the process ends first; another start tries again at once", async (t) => {
  const { addUnit, create, launcher } = setUp(t);
  addUnit("api");
  const supervisor = create();
  const started = supervisor.start("api", never);
  await turn();
  launcher.launched[0]!.end("exit code 1");
  await assert.rejects(started, /^Error: exit code 1$/);
  const again = supervisor.start("api", never);
  await turn();
  supervisor.notifyReady("api");
  await again;
  await supervisor.stopAll();
});

test("a unit that ends by itself is started again, ever later, and at once after a long good run", async (t) => {
  const { addUnit, create, launcher, clock } = setUp(t);
  addUnit("api", [], { kind: "running" });
  const supervisor = create();
  await supervisor.start("api", never);
  for (const delay of [100, 200, 400, 800]) {
    launcher.launched.at(-1)!.end("exit code 2");
    await turn();
    await clock.advance(delay - 1);
    const before = launcher.launched.length;
    await clock.advance(1);
    assert.equal(launcher.launched.length, before + 1, `after ${delay} ms`);
  }
  await clock.advance(30_000);
  launcher.launched.at(-1)!.end("killed by SIGKILL");
  await turn();
  await clock.advance(100);
  assert.equal(launcher.launched.length, 6);
  assert.equal(supervisor.status()[0]!.restarts, 5);
  await supervisor.stopAll();
});

test("startAll: starts units after those they need, stopAll stops them the other way round", async (t) => {
  const { addUnit, create, launcher } = setUp(t);
  addUnit("agent", ["containerd", "api"]);
  addUnit("api");
  addUnit("containerd");
  const supervisor = create();
  supervisor.startAll();
  await turn();
  assert.deepEqual(launcher.names, ["api", "containerd"]);
  supervisor.notifyReady("api");
  await turn();
  assert.equal(launcher.names.length, 2);
  supervisor.notifyReady("containerd");
  await turn();
  assert.deepEqual(launcher.names, ["api", "containerd", "agent"]);
  const ends: string[] = [];
  for (const { unit, exited } of launcher.launched) void exited.then(() => ends.push(unit));
  await supervisor.stopAll();
  assert.equal(ends[0], "agent");
});

test("stop: SIGTERM first, SIGKILL when that does not help", async (t) => {
  const { addUnit, create, launcher, clock } = setUp(t);
  addUnit("api");
  const supervisor = create();
  void supervisor.start("api", never).catch(() => {});
  await turn();
  launcher.deafToTerm = true;
  const stopped = supervisor.stop("api");
  await turn();
  assert.deepEqual(launcher.launched[0]!.signals, ["SIGTERM"]);
  await clock.advance(10_000);
  await stopped;
  assert.deepEqual(launcher.launched[0]!.signals, ["SIGTERM", "SIGKILL"]);
});

test("a new supervisor takes over the processes of one that was killed, ready ones as ready", async (t) => {
  const { addUnit, create, launcher } = setUp(t);
  addUnit("api");
  addUnit("agent", ["api"]);
  const first = create();
  first.startAll();
  await turn();
  first.notifyReady("api");
  await turn();
  assert.deepEqual(launcher.names, ["api", "agent"]);
  // The first one is killed here: it never stops anything. One of its processes dies unnoticed.
  launcher.alive.delete(2);
  const second = create();
  second.startAll();
  await turn();
  assert.deepEqual(launcher.names, ["api", "agent", "agent"]);
  assert.deepEqual(
    second.status().map(({ name, state }) => [name, state]),
    [
      ["agent", { state: "starting", pid: 3 }],
      ["api", { state: "ready", pid: 1 }],
    ],
  );
  await second.stopAll();
  assert.deepEqual(launcher.launched[0]!.signals, ["SIGTERM"]);
});

test("a new supervisor ends the processes of units that were removed meanwhile", async (t) => {
  const { addUnit, create, launcher, paths } = setUp(t);
  addUnit("api", [], { kind: "running" });
  await create().start("api", never);
  rmSync(join(paths.units, "api.json"));
  create().startAll();
  assert.deepEqual(launcher.launched[0]!.signals, ["SIGTERM"]);
});

test("start: a unit whose file has changed is started anew", async (t) => {
  const { addUnit, create, launcher } = setUp(t);
  addUnit("api", [], { kind: "running" });
  const supervisor = create();
  await supervisor.start("api", never);
  addUnit("api", ["nothing"], { kind: "running" });
  await supervisor.start("api", never);
  assert.equal(launcher.launched.length, 2);
  assert.deepEqual(launcher.launched[0]!.signals, ["SIGTERM"]);
  await supervisor.stopAll();
});

test("serveSupervisor: answers over its socket; without a supervisor there is no answer", async (t) => {
  const { addUnit, create, folder, paths } = setUp(t);
  assert.equal(await supervisorStatus(folder), undefined);
  addUnit("api", [], { kind: "running" });
  const supervisor = create();
  const ended = Promise.withResolvers<void>();
  const server = await serveSupervisor(paths.socket, supervisor, ended.resolve);
  await askSupervisor(folder, { op: "start", unit: "api" });
  assert.deepEqual(
    (await supervisorStatus(folder))?.units.map(({ name }) => name),
    ["api"],
  );
  await assert.rejects(askSupervisor(folder, { op: "start", unit: "unknown" }), /no such file/);
  await askSupervisor(folder, { op: "stop", unit: "unknown" });
  await askSupervisor(folder, { op: "shutdown" });
  await ended.promise;
  server.close();
});

test("awaitSocket: waits for the file, and for listen() behind it", async (t) => {
  const { folder } = setUp(t);
  const path = join(folder, "run/late.sock");
  const waiting = awaitSocket(path, never);
  await turn();
  const server = createServer().listen(path);
  await waiting;
  server.close();
  const abort = new AbortController();
  const aborted = awaitSocket(join(folder, "run/none.sock"), abort.signal);
  abort.abort(new Error("enough"));
  await assert.rejects(aborted, /enough/);
});

test("rotateLogs: copies a log aside when it is too long, and empties it", async (t) => {
  const { folder } = setUp(t);
  writeFileSync(join(folder, "a.log"), "x".repeat(11));
  writeFileSync(join(folder, "b.log"), "y");
  await rotateLogs(folder, 10);
  const { readFileSync, readdirSync } = await import("node:fs");
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.includes(".log")),
    ["a.log", "a.log.1", "b.log"],
  );
  assert.equal(readFileSync(join(folder, "a.log"), "utf8"), "");
  assert.equal(readFileSync(join(folder, "a.log.1"), "utf8").length, 11);
});
