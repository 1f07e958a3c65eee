// What every Provider promises, gone through once with real machines.

import assert from "node:assert/strict";
import { connectMachine } from "../connect.ts";
import type { MachineSpec, Provider, ProviderContext } from "../provider.ts";

/** Makes, finds and removes the context's network and its machines, and looks for leftovers. */
export async function walkProvider(provider: Provider, context: ProviderContext): Promise<void> {
  const { machines } = context;
  const [first] = machines;
  assert.deepEqual(await provider.check(context), []);
  assert.equal(await provider.findMachine(context, first!), undefined);
  const network = await provider.createNetwork(context);
  assert.deepEqual(await provider.createNetwork(context), network, "made once");
  assert.deepEqual(await provider.findNetwork(context), network);

  const made = await Promise.all(machines.map((spec) => provider.createMachine(context, spec)));
  for (const [index, machine] of made.entries()) {
    const spec = machines[index]!;
    const { name, role, pool } = machine;
    assert.deepEqual({ name, role, pool }, spec);
    assert.deepEqual(await provider.findMachine(context, spec), machine);
    assert.deepEqual(await provider.createMachine(context, spec), machine, "made once");
    await useMachine(provider, context, spec);
  }
  assert.equal(
    new Set(made.map(({ address }) => address)).size,
    made.length,
    "every machine has an address of its own",
  );

  for (const spec of machines) {
    await provider.deleteMachine(context, spec);
    await provider.deleteMachine(context, spec);
    assert.equal(await provider.findMachine(context, spec), undefined);
  }
  await provider.deleteNetwork(context);
  await provider.deleteNetwork(context);
  assert.deepEqual(await provider.findLeftovers(context), []);
}

async function useMachine(provider: Provider, context: ProviderContext, spec: MachineSpec): Promise<void> {
  const machine = await provider.findMachine(context, spec);
  const connection = await connectMachine(machine!, context.signal);
  try {
    const { stdout } = await connection.exec(["id", "-u"]);
    assert.equal(stdout, "0\n");
  } finally {
    await connection.close();
  }
}
