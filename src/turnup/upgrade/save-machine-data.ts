// The data of a cluster whose distribution keeps it in an etcd on its control planes, as a file on this machine.

import { UserError, writeFileAtomic } from "#shared";
import { type PlanInput, wantedMachines } from "../plan-input.ts";
import { recordedMachine, remoteOf, withConnection } from "../remote/remote-cluster.ts";
import type { StepContext } from "../step.ts";

const remoteFile = "/var/lib/slipway/etcd.snapshot";

/** The file, as etcd's own `snapshot save` makes it, holds secrets: only its owner may read it. Throws a UserError where it cannot be had. */
export async function saveMachineData(
  input: PlanInput,
  file: string,
  { signal, report }: Pick<StepContext, "signal" | "report">,
): Promise<void> {
  const { distribution } = remoteOf(input);
  const first = wantedMachines(input).find(({ role }) => role === "control-plane")!;
  const machine = await recordedMachine(input, first.name);
  const commands = distribution.describeSnapshot?.(input.config, remoteFile) ?? [];
  if (!machine || commands.length === 0)
    throw new Error(`distribution ${distribution.name} has no data on ${first.name}`);
  await withConnection(input, machine, {
    signal,
    action: async (connection) => {
      try {
        for (const { argv, title = argv.join(" ") } of commands) {
          report(title);
          await connection.exec(argv, { signal });
        }
        const bytes = await connection.readFile(remoteFile);
        if (!bytes?.length) throw new UserError(`${machine.name}: etcd has saved nothing`);
        await writeFileAtomic(file, bytes, 0o600);
      } finally {
        await connection.exec(["rm", "-f", remoteFile]);
      }
    },
  });
}
