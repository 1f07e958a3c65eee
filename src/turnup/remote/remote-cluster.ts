// What the steps of a cluster whose machines are elsewhere share: its records on this machine, its endpoint, and what a distribution is
// told of a machine.

import { join } from "node:path";
import {
  type BootstrapInput,
  type ClientPki,
  contextName,
  type KubeconfigEntry,
  type MachineDuty,
  type MachineReport,
  readClientPki,
  wasSetUp,
} from "#bootstrap";
import type { MachineConnection, MachineSpec, Network } from "#provision";
import { readFileIfExists } from "#shared";
import { type PlanInput, providerContext, type RemoteMeans, wantedMachines } from "../plan-input.ts";
import { chooseEndpoint, type Endpoint, serverOf } from "./endpoint.ts";
import { machinesFile, type RecordedMachine, readMachines } from "./machines-file.ts";

export function remoteOf({ remote, config }: PlanInput): RemoteMeans {
  if (!remote) throw new Error(`Cannot plan cluster ${config.name}: nothing reaches its machines`);
  return remote;
}

/** The machines as phase 1 has left them. */
export function recordedMachines({ paths }: PlanInput): Promise<readonly RecordedMachine[]> {
  return readMachines(machinesFile(paths.folder));
}

export async function recordedMachine(input: PlanInput, name: string): Promise<RecordedMachine | undefined> {
  return (await recordedMachines(input)).find((machine) => machine.name === name);
}

export function networkFile(folder: string): string {
  return join(folder, "provisioned-network.json");
}

/** Certificates and the bootstrap token, which must have been made. */
export async function readRemotePki({ paths }: PlanInput): Promise<ClientPki> {
  const pki = await readClientPki(paths.pki);
  if (!pki) throw new Error(`Cannot read the certificates in ${paths.pki}: not all there, or not fitting`);
  return pki;
}

/** Throws a UserError while nobody can know it: before the first control plane's machine is there. */
export async function readEndpoint(input: PlanInput, signal: AbortSignal): Promise<Endpoint> {
  const machines = await recordedMachines(input);
  const controlPlanes = wantedMachines(input)
    .filter(({ role }) => role === "control-plane")
    .flatMap(({ name }) => machines.filter((machine) => machine.name === name));
  return chooseEndpoint(input.config, await readNetwork(input, signal), controlPlanes);
}

async function readNetwork(input: PlanInput, signal: AbortSignal): Promise<Network | undefined> {
  if (input.remote?.machines) return undefined;
  const text = await readFileIfExists(networkFile(input.paths.folder));
  if (text !== undefined) return JSON.parse(text) as Network;
  return input.provider.findNetwork(providerContext(input, signal));
}

/** Where the API server is reached, and the authority that signs for it. */
export async function readRemotePlace(
  input: PlanInput,
  signal: AbortSignal,
): Promise<{ readonly server: string; readonly authority: string }> {
  const [pki, endpoint] = await Promise.all([readRemotePki(input), readEndpoint(input, signal)]);
  return { server: serverOf(endpoint), authority: pki.authorities.kubernetes.certificate };
}

export async function remoteAdminEntry(input: PlanInput, signal: AbortSignal): Promise<KubeconfigEntry> {
  const [{ admin }, place] = await Promise.all([readRemotePki(input), readRemotePlace(input, signal)]);
  return { name: contextName(input.config.name), ...place, client: admin };
}

/**
 * What the machine is to do: what it was set up for, if its own report says that it was (a machine of the same name may have been made
 * anew); else the first control plane starts the cluster, unless another one has,
 * and all others join.
 */
export function chooseDuty(
  spec: MachineSpec,
  wanted: readonly MachineSpec[],
  known: { readonly recorded: readonly RecordedMachine[]; readonly wasSetUp: boolean },
): MachineDuty {
  if (spec.role === "worker") return "join-worker";
  const own = known.recorded.find(({ name }) => name === spec.name);
  if (own?.duty !== undefined && known.wasSetUp) return own.duty;
  const others = known.recorded.filter((machine) => machine !== own && machine.role === "control-plane");
  const hasStarted = others.some(({ duty }) => duty !== undefined);
  const first = wanted.find(({ role }) => role === "control-plane");
  return first?.name === spec.name && !hasStarted ? "init" : "join-control-plane";
}

export interface BootstrapInputOptions {
  readonly platform: string;
  /** The machine's own, or the copy of it. */
  readonly report: MachineReport | undefined;
  readonly signal: AbortSignal;
}

/** All a distribution is told of a machine. */
export async function bootstrapInput(
  input: PlanInput,
  spec: MachineSpec,
  { platform, report, signal }: BootstrapInputOptions,
): Promise<BootstrapInput> {
  const [{ authorities, token }, endpoint, recorded] = await Promise.all([
    readRemotePki(input),
    readEndpoint(input, signal),
    recordedMachines(input),
  ]);
  const wanted = wantedMachines(input);
  const withAddress = ({ name, role, pool }: MachineSpec) => {
    const address = recorded.find((machine) => machine.name === name)?.address;
    return { name, role, pool, ...(address !== undefined && { address }) };
  };
  return {
    config: input.config,
    machine: withAddress(spec),
    duty: chooseDuty(spec, wanted, { recorded, wasSetUp: wasSetUp(report) }),
    endpoint,
    controlPlanes: wanted.filter(({ role }) => role === "control-plane").map(withAddress),
    authorities,
    token,
    platform,
  };
}

/** Runs the action with a connection, which is closed afterwards. */
export async function withConnection<T>(
  input: PlanInput,
  machine: RecordedMachine,
  options: { readonly signal: AbortSignal; action(connection: MachineConnection): Promise<T> },
): Promise<T> {
  const connection = await remoteOf(input).connect(machine, options.signal);
  try {
    return await options.action(connection);
  } finally {
    await connection.close();
  }
}
