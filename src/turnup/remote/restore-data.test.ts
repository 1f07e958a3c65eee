import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createSlipwayDistribution, type Distribution, k3sDistribution } from "#bootstrap";
import { resolveConfig } from "#config";
import type { Machine } from "#provision";
import { FakeClock } from "#shared";
import { clusterPaths } from "../cluster-folder.ts";
import type { PlanInput } from "../plan-input.ts";
import type { RecordedMachine } from "./machines-file.ts";
import { restoreData } from "./restore-data.ts";

const slipway = createSlipwayDistribution({ kubernetesVersion: "1.36.2", programs: async () => [] });

interface SceneOptions {
  /** What fails, on which machine. */
  readonly fails?: { readonly machine: string; readonly words: RegExp };
  readonly distribution?: Distribution;
}

/** So many control planes in memory. */
function startScene(t: TestContext, replicas: number, { fails, distribution = slipway }: SceneOptions = {}) {
  const folder = mkdtempSync(join(tmpdir(), "slipway-restore-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "data.snapshot");
  writeFileSync(file, "data");
  const base = resolveConfig({
    name: "demo",
    infrastructure: { provider: "nspawn" },
    distribution: { type: distribution.name },
  });
  const config = { ...base, controlPlane: { ...base.controlPlane, replicas } };
  const controlPlanes = Array.from({ length: replicas }, (_, index): RecordedMachine => {
    const name = `demo-control-plane-${index + 1}`;
    const access = { kind: "ssh", host: name } as const;
    return { name, role: "control-plane", pool: "", address: `10.0.0.${index + 1}`, access, handle: {}, duty: "init" };
  });
  const ran: string[] = [];
  const closed: string[] = [];
  const connect = async ({ name }: Machine) => ({
    exec: async (argv: readonly string[]) => {
      const words = argv.join(" ");
      ran.push(`${name.at(-1)} ${words}`);
      if (fails?.machine === name && fails.words.test(words)) throw new Error("it is broken");
      return { code: 0, stdout: "", stderr: "" };
    },
    writeFile: async () => {},
    readFile: async () => undefined,
    uploadFile: async (_: string, path: string) => void ran.push(`${name.at(-1)} upload ${path}`),
    close: async () => void closed.push(name),
  });
  const input = {
    config,
    paths: clusterPaths(folder, "demo"),
    remote: { distribution, connect },
  } as unknown as PlanInput;
  const restore = distribution.describeRestore(config, { controlPlanes, token: "new" });
  const run = () =>
    restoreData(input, {
      restore,
      file,
      controlPlanes,
      signal: t.signal,
      clock: new FakeClock(),
      beforeStop: async () => void ran.push("ready"),
    });
  return { ran, closed, run, restore };
}

test("restoreData: three members get the same data and know each other before anything stops; then step by step on all", async (t) => {
  const { ran, closed, run, restore } = startScene(t, 3);
  assert.equal(restore.engine, "etcd");
  await run();
  const ready = ran.indexOf("ready");
  const made = ran.slice(0, ready).filter((line) => line.includes("snapshot restore"));
  const members = [1, 2, 3].map((number) => `demo-control-plane-${number}=https://10.0.0.${number}:2380`).join(",");
  assert.equal(made.length, 3);
  for (const line of made) {
    assert.ok(line.includes(`--initial-cluster ${members} --initial-cluster-token new`), line);
    assert.ok(line.includes("snapshot restore /var/lib/slipway/arrived-data/data.snapshot"));
  }
  assert.ok(made[1]!.includes("--name demo-control-plane-2") && made[1]!.includes("urls https://10.0.0.2:2380"));
  assert.ok(ran.slice(0, ready).every((line) => !line.includes("systemctl")));
  const order = ran.slice(ready + 1).flatMap((line) => {
    const [, verb, unit] = /systemctl (\S+) .*?(slipway-\S+)/.exec(line) ?? [];
    return verb === undefined ? [] : [`${verb} ${unit}`];
  });
  const thrice = (words: string) => [words, words, words];
  assert.deepEqual(order, [
    ...thrice("stop slipway-control-plane"),
    ...thrice("stop slipway-etcd"),
    ...thrice("start slipway-etcd"),
    ...thrice("start slipway-control-plane"),
  ]);
  assert.equal(closed.length, 3);
});

test("restoreData: the only control plane's own store is exchanged while its API server stands still", async (t) => {
  const { ran, run, restore } = startScene(t, 1);
  assert.equal(restore.engine, "embedded");
  await run();
  const at = (words: string) => ran.findIndex((line) => line.includes(words));
  assert.ok(at("upload /var/lib/slipway/store-restored/data.snapshot") < at("ready"));
  assert.ok(at("systemctl stop slipway-control-plane") < at("/var/lib/slipway/store /var/lib/slipway/store-restored"));
  assert.ok(at("/var/lib/slipway/store /var/lib/slipway/store-restored") < at('systemctl start "$1"'));
});

test("restoreData: where one machine cannot make the data ready, nothing stops anywhere; connections are closed", async (t) => {
  const machine = "demo-control-plane-2";
  const { ran, closed, run } = startScene(t, 3, { fails: { machine, words: /snapshot restore/ } });
  await assert.rejects(
    run(),
    /demo-control-plane-2: cannot make data\.snapshot the data of a new etcd member: it is broken/,
  );
  assert.ok(ran.every((line) => !line.includes("systemctl") && line !== "ready"));
  assert.equal(closed.length, 3);
});

test("restoreData: a phase in turn goes from one machine to the next only when it has ended there, and no further where it fails", async (t) => {
  const scene = (fails?: SceneOptions["fails"]) =>
    startScene(t, 3, { distribution: k3sDistribution, ...(fails && { fails }) });
  const joins = ({ ran }: { readonly ran: readonly string[] }) =>
    ran.flatMap((line) => /^(\d) .*(?:systemctl (start) "|(mv "\$1" "\$2"))/.exec(line)?.[1] ?? []);
  const whole = scene();
  await whole.run();
  assert.deepEqual(joins(whole), ["1", "2", "2", "3", "3"]);
  const broken = scene({ machine: "demo-control-plane-2", words: /systemctl start/ });
  await assert.rejects(broken.run(), /demo-control-plane-2: cannot start k3s: it is broken/);
  assert.deepEqual(joins(broken), ["1", "2", "2"]);
});
