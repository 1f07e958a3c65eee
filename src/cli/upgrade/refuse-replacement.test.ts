import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { resolveConfig } from "#config";
import { clusterPaths, machinesFile } from "#turnup";
import type { CliContext } from "../context.ts";
import { givenMark } from "../remote/remote-means.ts";
import { refuseReplacement } from "./refuse-replacement.ts";

const context = { environment: {}, programs: {}, signal: new AbortController().signal } as unknown as CliContext;
const replacements = [[{ old: "demo-worker-1", new: "demo-worker-2" }]];
const hop = { version: "1.36.2", controlPlanes: [], workers: [], replacements };

function clusterOf(t: TestContext, config: Parameters<typeof resolveConfig>[0]) {
  const home = mkdtempSync(join(tmpdir(), "slipway-replace-"));
  t.after(() => rmSync(home, { recursive: true }));
  const paths = clusterPaths(home, "demo");
  mkdirSync(paths.folder, { recursive: true });
  return { name: "demo", home, paths, config: resolveConfig({ name: "demo", workers: [{ count: 1 }], ...config }) };
}

test("refuseReplacement: an inventory must have room beside the old machines, or the old ones go first", (t) => {
  const hosts = (count: number) => [
    { address: "192.0.2.1", role: "control-plane" as const },
    ...Array.from({ length: count }, (_, index) => ({ address: `192.0.2.${10 + index}`, role: "worker" as const })),
  ];
  const ssh = (count: number) => clusterOf(t, { infrastructure: { provider: "ssh", hosts: hosts(count) } });
  refuseReplacement(ssh(2), [hop], { context, surge: 1 });
  refuseReplacement(ssh(1), [hop], { context, surge: 0 });
  assert.throws(
    () => refuseReplacement(ssh(1), [hop], { context, surge: 1 }),
    (error: Error & { hints: string[] }) => {
      assert.match(
        error.message,
        /^Cannot replace machines of cluster demo: there is no room for new ones beside the old$/,
      );
      assert.match(error.hints.join("\n"), /^workers\[0\]\.count wants 2 hosts for pool worker, .*\nGive --surge 0/);
      return true;
    },
  );
});

test("refuseReplacement: machines that were given are nobody's here to make; control planes alone have nothing to replace", (t) => {
  const cluster = clusterOf(t, { infrastructure: { provider: "nspawn" } });
  assert.throws(
    () => refuseReplacement(cluster, [{ ...hop, replacements: [] }], { context, surge: 1 }),
    /it has no workers/,
  );
  refuseReplacement(cluster, [hop], { context, surge: 1 });
  writeFileSync(givenMark(cluster.paths), "");
  const machine = { name: "m1", role: "control-plane", address: "192.0.2.1", access: { kind: "none" } };
  writeFileSync(machinesFile(cluster.paths.folder), JSON.stringify([machine]));
  assert.throws(
    () => refuseReplacement(cluster, [hop], { context, surge: 1 }),
    /they were given, and are not slipway's/,
  );
});
