// The control plane of distribution "slipway": one process, described by one file of options.

import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { basename, dirname, join } from "node:path";
import { type ClusterConfig, nodeMaskSizeFor, parseCidr } from "#config";
import { exitCodes, UserError } from "#shared";
import { type MachineDescription, settingsMark } from "../machine-description.ts";
import type { ClusterPkiOptions } from "../pki/cluster-pki.ts";
import type { UnitSpec } from "../supervisor/unit.ts";

/** What the control plane's process is started with: a JSON file. */
export interface ControlPlaneOptions {
  readonly cluster: string;
  /** Where the store keeps its data. */
  readonly storeFolder: string;
  /** Where the certificates lie, under kubeadm's names. */
  readonly pkiFolder: string;
  readonly port: number;
  /** Where it listens: the loopback, and where nodes reach it. */
  readonly listenAddresses: readonly string[];
  /** The address of the `kubernetes` service's endpoint. */
  readonly advertiseAddress: string;
  readonly podCIDR: string;
  readonly nodeMaskSize: number;
  readonly serviceCIDR: string;
  readonly dnsDomain: string;
  /** Upstream's --controllers: "*", "name", "-name". */
  readonly controllers: readonly string[];
  readonly scheduler: boolean;
  /** Files of upstream's formats. */
  readonly encryptionProviderConfig?: string;
  readonly authenticationConfig?: string;
  readonly authenticationTokenWebhookConfig?: string;
  readonly authorizationConfig?: string;
  readonly auditPolicy?: string;
  readonly auditLog: string;
  /** Absent: the store is this process's own. */
  readonly etcd?: {
    readonly endpoints: readonly string[];
    readonly caFile?: string | undefined;
    readonly certFile?: string | undefined;
    readonly keyFile?: string | undefined;
  };
  /** Whom the API server's certificate is made out to, where the control plane signs it itself at each start. */
  readonly certificates?: ClusterPkiOptions;
  /** The etcd is this machine's own member of one, at this address: it becomes a full one before it is used. */
  readonly etcdMember?: { readonly name: string; readonly address: string; readonly others: readonly string[] };
  /** Absent: the data is saved only on demand. */
  readonly snapshots?: { readonly everyMs: number; readonly keep: number; readonly folder: string };
  /** Whether nodes marked as simulated are led through their life; by KWOK's stages, where some are given. */
  readonly simulation?: { readonly stages: readonly object[] };
}

export interface ControlPlanePlace {
  readonly storeFolder: string;
  readonly pkiFolder: string;
  /** markOfPki: with other certificates it is another unit. */
  readonly pkiMark?: string;
  readonly auditLog: string;
  readonly optionsFile: string;
  readonly port: number;
  /** Where machines reach it; absent where all nodes are simulated. */
  readonly machineSideAddress: string | undefined;
}

export const controlPlaneUnit = "control-plane";

/** The options as a file, and the unit that runs with them. Pure. */
export function describeControlPlane(
  config: ClusterConfig,
  place: ControlPlanePlace,
  processArguments: (optionsFile: string) => readonly string[],
): MachineDescription {
  const options = `${JSON.stringify(controlPlaneOptions(config, place), null, 2)}\n`;
  const unit: UnitSpec = {
    name: controlPlaneUnit,
    argv: processArguments(place.optionsFile),
    env: settingsMark(options + (place.pkiMark ?? "")),
    after: [],
    ready: { kind: "notify" },
    revivesSupervisor: true,
    stopTimeoutMs: 20_000,
  };
  return { files: [{ path: place.optionsFile, content: options }], commands: [], units: [unit] };
}

function controlPlaneOptions(config: ClusterConfig, place: ControlPlanePlace): ControlPlaneOptions {
  const { network, controlPlane, workers, infrastructure } = config;
  const nodes = controlPlane.replicas + workers.reduce((sum, pool) => sum + pool.count, 0);
  return {
    cluster: config.name,
    storeFolder: place.storeFolder,
    pkiFolder: place.pkiFolder,
    port: place.port,
    listenAddresses: ["127.0.0.1", ...(place.machineSideAddress === undefined ? [] : [place.machineSideAddress])],
    advertiseAddress: place.machineSideAddress ?? ownAddress(),
    podCIDR: network.podCIDR,
    nodeMaskSize: network.nodeMaskSize ?? nodeMaskSizeFor(parseCidr(network.podCIDR)!, nodes),
    serviceCIDR: network.serviceCIDR,
    dnsDomain: network.dnsDomain,
    controllers: controlPlane.controllers,
    scheduler: controlPlane.scheduler,
    auditLog: place.auditLog,
    ...controlPlane.apiServer,
    ...(controlPlane.etcd && { etcd: controlPlane.etcd }),
    ...snapshotSchedule(config, join(place.storeFolder, "../snapshots")),
    ...(infrastructure.provider === "local" &&
      infrastructure.simulated && { simulation: { stages: infrastructure.stages ?? [] } }),
  };
}

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** The part of the options that says when the data is saved; `folder` is where, if the configuration does not say. */
export function snapshotSchedule(
  { controlPlane }: ClusterConfig,
  folder: string,
): Pick<ControlPlaneOptions, "snapshots"> {
  const { snapshots } = controlPlane;
  if (!snapshots) return {};
  const everyMs = Number.parseInt(snapshots.every, 10) * unitMs[snapshots.every.at(-1) as keyof typeof unitMs];
  return { snapshots: { everyMs, keep: snapshots.keep, folder: snapshots.folder ?? folder } };
}

/** Endpoints may not be on the loopback. Where nodes are simulated nobody goes there, so any address of this machine will do. */
function ownAddress(): string {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  return addresses.find(({ family, internal }) => family === "IPv4" && !internal)?.address ?? "192.0.2.1";
}

const firstPort = 6443;
const lastPort = 6999;

export interface PortOptions {
  readonly optionsFile: string;
  /** All of them must be free. */
  readonly addresses: readonly string[];
  /** Writes the port into the file of options. */
  claim(port: number): Promise<void>;
}

/**
 * Finds and claims the port of the cluster's API server: the one it has, the one the configuration asks for, or the first from 6443 up
 * that nobody listens on and no other cluster, running or not, has claimed; below those which the kernel gives out by itself.
 */
export async function claimPort(config: ClusterConfig, options: PortOptions): Promise<number> {
  const { optionsFile, addresses, claim } = options;
  const known = readPort(optionsFile);
  const wanted = config.network.apiServerPort;
  if (wanted !== 0) {
    if (known !== wanted && !(await isFree(wanted, addresses))) throw portTaken(wanted);
    await claim(wanted);
    return wanted;
  }
  for (let port = known ?? (await findFreePort(options, firstPort)); ; port = await findFreePort(options, port + 1)) {
    await claim(port);
    // Of two clusters that choose at the same time, at least one sees the other here, and goes on.
    if (!portsOfOtherClusters(optionsFile).has(port)) return port;
  }
}

/** What is wrong with the port the configuration asks for, before anything was made; undefined where nothing is. */
export async function checkPort(config: ClusterConfig, optionsFile: string): Promise<UserError | undefined> {
  const wanted = config.network.apiServerPort;
  if (wanted === 0 || wanted === readPort(optionsFile) || (await isFree(wanted, ["127.0.0.1"]))) return undefined;
  return portTaken(wanted);
}

async function findFreePort({ optionsFile, addresses }: PortOptions, from: number): Promise<number> {
  const claimed = portsOfOtherClusters(optionsFile);
  for (let port = from; port <= lastPort; port++) {
    if (!claimed.has(port) && (await isFree(port, addresses))) return port;
  }
  throw new UserError(`Cannot serve the API: no port from ${firstPort} to ${lastPort} is free`, {
    hints: ["Name one in network.apiServerPort."],
    exitCode: exitCodes.conflict,
  });
}

function portTaken(port: number): UserError {
  return new UserError(`Cannot serve the API: port ${port} is taken`, {
    hints: [`See who has it with \`ss -ltnp sport = :${port}\`, or leave network.apiServerPort out to get a free one.`],
    exitCode: exitCodes.conflict,
  });
}

/** The port in a file of options; undefined where there is none yet. */
export function readPort(optionsFile: string): number | undefined {
  return readOptions(optionsFile)?.port;
}

function readOptions(file: string): ControlPlaneOptions | undefined {
  try {
    return JSON.parse(readFileSync(file, "utf8")) as ControlPlaneOptions;
  } catch {
    return undefined;
  }
}

function portsOfOtherClusters(optionsFile: string): Set<number> {
  const clusters = dirname(dirname(optionsFile));
  const files = readdirSync(clusters).map((name) => join(clusters, name, basename(optionsFile)));
  const ports = files.filter((file) => file !== optionsFile).map(readPort);
  return new Set(ports.filter((port) => port !== undefined));
}

async function isFree(port: number, addresses: readonly string[]): Promise<boolean> {
  const free = await Promise.all(addresses.map((address) => canListen(port, address)));
  return free.every(Boolean);
}

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}
