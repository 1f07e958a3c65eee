import assert from "node:assert/strict";
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { resolveConfig } from "#config";
import type { BootstrapInput, MachineDuty } from "../distribution.ts";
import { describeVirtualAddress } from "./virtual-address.ts";

const controlPlanes = ["a", "b", "c"].map((name, index) => ({
  name,
  role: "control-plane" as const,
  pool: "",
  address: `10.0.0.${index + 1}`,
}));

function describe(name: string, duty: MachineDuty, virtualAddress?: string) {
  const hosts = controlPlanes.map(({ address }) => ({ address, role: "control-plane" as const }));
  const config = resolveConfig({
    name: "demo",
    infrastructure: { provider: "ssh", hosts },
    controlPlane: { replicas: 3, ...(virtualAddress ? { virtualAddress } : { endpoint: "lb.example:6443" }) },
    workers: [],
  });
  const machine = controlPlanes.find((one) => one.name === name)!;
  return describeVirtualAddress({ config, duty, machine, controlPlanes } as unknown as BootstrapInput);
}

test("describeVirtualAddress: control planes take turns, the first before the others; their unit starts anew with its settings", () => {
  const [first, second] = [describe("a", "init", "10.0.0.9"), describe("b", "join-control-plane", "10.0.0.9")];
  const texts = [first, second].map(({ files }) => String(files[0]?.content));
  assert.deepEqual(first.packages, ["keepalived"]);
  for (const part of [
    "priority 150\n",
    "unicast_src_ip 10.0.0.1\n",
    "    10.0.0.2\n    10.0.0.3\n",
    "10.0.0.9/32 dev",
  ]) {
    assert.ok(texts[0]!.includes(part), part);
  }
  assert.ok(texts[1]!.includes("priority 149\n"));
  const routers = texts.map((text) => /virtual_router_id \d+/.exec(text)?.[0]);
  assert.ok(routers[0]);
  assert.equal(routers[0], routers[1]);
  assert.notDeepEqual(first.units[0]?.env, second.units[0]?.env);
});

test("describeVirtualAddress: nothing on workers, nor where there is none", () => {
  const nothing = { packages: [], files: [], commands: [], units: [] };
  assert.deepEqual(describe("a", "join-worker", "10.0.0.9"), nothing);
  assert.deepEqual(describe("a", "init"), nothing);
});

test("describeVirtualAddress: the machine finds the interface itself, or says that it has none", {
  skip: spawnSync("ip", ["-V"]).status === 0 ? false : "iproute2 is not installed",
}, (t) => {
  const folder = mkdtempSync(join(tmpdir(), "slipway-vip-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const { commands } = describe("a", "init", "10.0.0.9");
  const [program, ...words] = commands.at(-1)!.argv;
  const [template, result] = [join(folder, "template"), join(folder, "result")];
  writeFileSync(template, "interface @interface@\ndev @interface@\n");
  const run = (address: string) => spawnSync(program!, [...words.slice(0, 3), address, template, result]);
  assert.equal(run("127.0.0.1").status, 0);
  const loopback = execFileSync("ip", ["-o", "-4", "address", "show", "to", "127.0.0.1"], { encoding: "utf8" });
  const device = loopback.split(/\s+/)[1];
  assert.equal(readFileSync(result, "utf8"), `interface ${device}\ndev ${device}\n`);
  const refused = run("192.0.2.250");
  assert.equal(refused.status, 1);
  assert.match(refused.stderr.toString(), /no network interface of this machine has the address 192\.0\.2\.250/);
});
