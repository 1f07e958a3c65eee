// Hosts that are there already, for clusters that are set up on somebody's machines: Debian machines booted on this one.

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";
import { resolveConfig } from "#config";
import { chooseProvider, connectMachine, type Machine, type MachineConnection, type MachineSpec } from "#provision";

export interface BootedHosts {
  readonly addresses: readonly string[];
  /** The private key that opens them all. */
  readonly identityFile: string;
  /** Does something as root on each of them, in turn. */
  onEach<T>(action: (connection: MachineConnection) => Promise<T>): Promise<T[]>;
}

/** Boots so many; they go when the test is over. `name` is theirs on this machine: none other may have it. */
export async function bootHosts(t: TestContext, name: string, count: number): Promise<BootedHosts> {
  const folder = mkdtempSync(join(tmpdir(), "slw-"));
  const machines: MachineSpec[] = Array.from({ length: count }, (_, index) => ({
    name: `${name}-worker-${index + 1}`,
    role: "worker",
    pool: "worker",
  }));
  const config = resolveConfig({ name, infrastructure: { provider: "nspawn" }, workers: [{ count }] });
  const { signal } = new AbortController();
  const context = { config, folder, machines, signal };
  const provider = chooseProvider(config);
  t.after(async () => {
    for (const spec of machines) await provider.deleteMachine(context, spec);
    await provider.deleteNetwork(context);
    rmSync(folder, { recursive: true, force: true });
  });
  await provider.createNetwork(context);
  const booted = await Promise.all(machines.map((spec) => provider.createMachine(context, spec)));
  return {
    addresses: booted.map(({ address }) => address),
    identityFile: keyOf(booted[0]!),
    async onEach(action) {
      const answers = [];
      for (const machine of booted) answers.push(await withConnection(machine, signal, action));
      return answers;
    },
  };
}

function keyOf({ access }: Machine): string {
  assert.ok(access.kind === "ssh" && access.identityFile);
  return access.identityFile;
}

async function withConnection<T>(
  machine: Machine,
  signal: AbortSignal,
  action: (connection: MachineConnection) => Promise<T>,
): Promise<T> {
  const connection = await connectMachine(machine, signal);
  try {
    return await action(connection);
  } finally {
    await connection.close();
  }
}
