// What is done to machines that are set up: their certificates read, and issued anew.

import { ensureBootstrapToken, withClusterClient } from "#addons";
import { type MachineCertificate, readMachineCertificates, runCommands } from "#bootstrap";
import { type Clock, systemClock } from "#shared";
import type { PlanInput } from "../plan-input.ts";
import type { RecordedMachine } from "./machines-file.ts";
import { readRemotePki, recordedMachines, remoteOf, withConnection } from "./remote-cluster.ts";

export interface CareOptions {
  readonly signal: AbortSignal;
  readonly clock?: Clock;
  report?(detail: string): void;
}

/** The machines that are a part of the cluster: control planes first, the one that started it before all. */
export async function machinesInCluster(input: PlanInput): Promise<readonly RecordedMachine[]> {
  const machines = (await recordedMachines(input)).filter(({ duty }) => duty !== undefined);
  const rank = ({ duty }: RecordedMachine) => ["init", "join-control-plane", "join-worker"].indexOf(duty!);
  return machines.toSorted((one, other) => rank(one) - rank(other));
}

/** Throws a UserError where the machine cannot be reached. */
export async function certificatesOf(
  input: PlanInput,
  machine: RecordedMachine,
  signal: AbortSignal,
): Promise<MachineCertificate[]> {
  const { places } = remoteOf(input).distribution.certificates(input.config);
  return withConnection(input, machine, {
    signal,
    action: (connection) => readMachineCertificates(connection, places, signal),
  });
}

/** Issues those of these names anew, and starts what uses them. Ends when that is ready. Throws a UserError where it does not come so far. */
export async function renewCertificatesOf(
  input: PlanInput,
  machine: RecordedMachine,
  names: readonly string[],
  { signal, clock = systemClock, report = () => {} }: CareOptions,
): Promise<void> {
  const care = remoteOf(input).distribution.certificates(input.config);
  const { name, role, pool, address } = machine;
  const commands = care.renew({ name, role, pool, address }, names);
  if (commands.length === 0) return;
  if (role === "worker" && care.renewsByToken) {
    const { token } = await readRemotePki(input);
    await withClusterClient(input.paths.kubeconfig, (client) => ensureBootstrapToken(client, token, { signal, clock }));
  }
  await withConnection(input, machine, {
    signal,
    action: (connection) => runCommands(commands, { machine: name, connection, signal, clock, report }),
  });
}
