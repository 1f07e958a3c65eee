// What a cloud is to the OpenTofu provider: a pure function from a cluster's configuration and its machines to files.

import { createHash } from "node:crypto";
import {
  type CloudInfrastructure,
  type ClusterConfig,
  isCloudInfrastructure,
  isManagedInfrastructure,
  type MachineInfrastructure,
  type NodeTaint,
} from "#config";
import type { MachineSpec, UserDataKind } from "../provider.ts";
import type { TofuBlock, TofuDocument, TofuFiles } from "./document.ts";
import { asObject } from "./json.ts";

/** What is asked of machines, each cloud in its own words. */
export interface MachineShape {
  /** Its type, or where there are none its size in words. */
  readonly type: string;
  readonly cpus?: number;
  readonly memoryGB?: number;
  readonly diskGB: number;
  readonly spot: boolean;
}

/** A machine with everything its cloud must know of it. */
export interface CloudMachine extends MachineShape {
  readonly name: string;
  readonly role: MachineSpec["role"];
  /** "" for control planes. */
  readonly pool: string;
  /** The zone, as the configuration names it. */
  readonly zone: string;
  /** Where in the folder its cloud-init user data lies. */
  readonly userData?: string;
}

/** A pool of workers, for clouds that make the nodes themselves. */
export interface CloudPool extends MachineShape {
  readonly name: string;
  readonly count: number;
  readonly zones: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly NodeTaint[];
}

/** What the files of one cluster are made from. */
export interface CloudInput<I extends CloudInfrastructure = CloudInfrastructure> {
  readonly cluster: string;
  readonly infrastructure: I;
  /** "1.36" or "1.36.2"; undefined: the cloud's newest. */
  readonly kubernetesVersion?: string;
  /** None where the cloud makes them itself. */
  readonly machines: readonly CloudMachine[];
  readonly pools: readonly CloudPool[];
  readonly podCIDR: string;
  readonly serviceCIDR: string;
  readonly apiPort: number;
  /** An address that one of the control planes always has, where no load balancer is before them. */
  readonly virtualAddress?: string;
}

export interface Cloud {
  readonly name: CloudInfrastructure["provider"];
  /** All files of the cluster. Pure: the same input gives the same bytes. */
  files(input: CloudInput): TofuFiles;
  /** What a person can do where the cloud does not know them. */
  readonly credentialsHint: string;
  /** How its machines are made; absent where the cloud makes them itself. */
  readonly machine?: MachineKind;
}

export interface MachineKind {
  /** The type of the resource that is a machine; its name is "machine", its key the machine's. */
  readonly resource: string;
  /** The account that the SSH key opens, in the usual image. */
  readonly user: string;
  /** What a machine has to be made anew for; other changes are made in place. */
  readonly replacedFor: readonly (keyof CloudMachine)[];
  readonly userData: UserDataKind;
}

/** What a cloud says of itself: the provider's pin and settings, and its parts, each a file. */
export interface CloudDefinition<I extends CloudInfrastructure> extends Omit<Cloud, "name" | "files"> {
  readonly name: I["provider"];
  /** As people call it: "AWS". */
  readonly title: string;
  /** OpenTofu's provider, in the version that the files were checked against. */
  readonly plugin: { readonly name: string; readonly source: string; readonly version: string };
  settings(input: CloudInput<I>): TofuBlock;
  readonly parts: Readonly<Record<string, (input: CloudInput<I>) => TofuDocument>>;
}

/** What all clouds have in common: terraform.tf.json with versions, state and settings, and a file for each part. */
export function defineCloud<I extends CloudInfrastructure>(definition: CloudDefinition<I>): Cloud {
  const { name, title, plugin, settings, parts, ...rest } = definition;
  const isOwn = (input: CloudInput): input is CloudInput<I> => input.infrastructure.provider === name;
  return {
    ...rest,
    name,
    files(input) {
      if (!isOwn(input))
        throw new Error(`Cannot make files for ${name}: the provider is ${input.infrastructure.provider}`);
      const files = Object.entries(parts).map(([part, make]) => [`${part}.tf.json`, make(input)] as const);
      return {
        "terraform.tf.json": document(
          `Cluster ${input.cluster} on ${title}, as slipway wrote it: versions, state, region.`,
          {
            terraform: {
              required_version: ">= 1.6.0",
              required_providers: { [plugin.name]: { source: plugin.source, version: plugin.version } },
              backend: stateBackend(input),
            },
            provider: { [plugin.name]: settings(input) },
          },
        ),
        ...Object.fromEntries(files),
      };
    },
  };
}

const defaultApiPort = 6443;

export function cloudInput(config: ClusterConfig, specs: readonly MachineSpec[]): CloudInput {
  const { infrastructure, network, controlPlane, kubernetesVersion } = config;
  if (!isCloudInfrastructure(infrastructure)) {
    throw new Error(`Cannot make cloud files: ${infrastructure.provider} is no cloud`);
  }
  return {
    cluster: config.name,
    infrastructure,
    ...(kubernetesVersion !== undefined && { kubernetesVersion: kubernetesVersion.replace(/^v/, "") }),
    machines: isManagedInfrastructure(infrastructure) ? [] : specs.map((spec) => placeMachine(infrastructure, spec)),
    pools: config.workers.map(({ name, count, labels, taints = [] }): CloudPool => {
      const { zones, ...shape } = shapeOf(infrastructure, "worker", name);
      return { ...shape, name, count, labels, taints, zones: zones ?? infrastructure.zones };
    }),
    podCIDR: network.podCIDR,
    serviceCIDR: network.serviceCIDR,
    apiPort: network.apiServerPort || defaultApiPort,
    ...(controlPlane.virtualAddress !== undefined && { virtualAddress: controlPlane.virtualAddress }),
  };
}

/** A machine's zone follows from its number, so that it stays where it is when others come and go. */
function placeMachine(infrastructure: MachineInfrastructure, { name, role, pool }: MachineSpec): CloudMachine {
  const { zones: own, ...shape } = shapeOf(infrastructure, role, pool);
  const zones = own ?? infrastructure.zones;
  const number = Number(/\d+$/.exec(name)?.[0] ?? 1);
  return {
    name,
    role,
    pool,
    zone: zones[(number - 1) % zones.length]!,
    ...shape,
  };
}

interface WishedShape extends MachineShape {
  readonly zones?: readonly string[];
}

function shapeOf(infrastructure: CloudInfrastructure, role: MachineSpec["role"], pool: string): WishedShape {
  const isWorker = role === "worker" || !("controlPlane" in infrastructure);
  const base = isWorker ? infrastructure.workers : infrastructure.controlPlane;
  const own = isWorker ? definedOf(infrastructure.pools[pool]) : {};
  const { type, cpus, memoryGB, diskGB, spot = false, zones }: Partial<WishedShape> = { ...base, ...own };
  return {
    type: type ?? `${cpus} CPUs, ${memoryGB} GB`,
    ...(cpus !== undefined && { cpus }),
    ...(memoryGB !== undefined && { memoryGB }),
    diskGB: diskGB!,
    spot,
    ...(zones !== undefined && { zones }),
  };
}

function definedOf(pool: object = {}): Partial<WishedShape> {
  return Object.fromEntries(Object.entries(pool).filter(([, value]) => value !== undefined));
}

export const userDataFolder = "user-data";

export function userDataFile(machine: string): string {
  return `${userDataFolder}/${machine}.yaml`;
}

interface GuardedNetwork {
  readonly network: { readonly private: boolean };
  readonly access: { readonly api: readonly string[] };
}

/** Load balancers in front of the API: a public one only where that is wanted, and one of the machines' own where it is guarded. */
export function apiAccess({ network, access }: GuardedNetwork): readonly ("public" | "internal")[] {
  if (network.private) return ["internal"];
  return access.api.includes("0.0.0.0/0") ? ["public"] : ["public", "internal"];
}

/** The text, or where it is too long its beginning and a part of its hash. */
export function fitName(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const hash = createHash("sha256").update(text).digest("hex").slice(0, 6);
  return `${text.slice(0, longest - 7).replace(/-+$/, "")}-${hash}`;
}

/** Where the state is kept: beside the files, unless the configuration says otherwise. */
function stateBackend({ cluster, infrastructure: { state } }: CloudInput): TofuBlock {
  const usual = {
    s3: { key: `slipway/${cluster}.tfstate` },
    gcs: { prefix: `slipway/${cluster}` },
    azurerm: { key: `slipway/${cluster}.tfstate` },
    http: {},
  };
  if (state.backend === "local") return { local: { path: "terraform.tfstate" } };
  return { [state.backend]: { ...usual[state.backend], ...state.settings } };
}

/** The machines as data, which everything made once for each machine runs over. */
export function machinesLocal(machines: readonly CloudMachine[]): TofuBlock {
  const entry = ({ role, pool, zone, type, cpus, memoryGB, diskGB, spot, userData }: CloudMachine): TofuBlock => {
    const size = cpus === undefined ? {} : { cpus, memory_gb: memoryGB };
    return { role, pool, zone, type, ...size, disk_gb: diskGB, spot, user_data: userData ?? null };
  };
  return Object.fromEntries(machines.map((machine) => [machine.name, entry(machine)]));
}

/** The machines of a file that machinesLocal is part of: what was wished for when it was written. */
export function readMachines(text: string | undefined): CloudMachine[] {
  const machines = asObject(asObject(JSON.parse(text ?? "{}"))["locals"])["machines"];
  return Object.entries(asObject(machines)).map(([name, value]): CloudMachine => {
    const entry = asObject(value);
    const [cpus, memory] = [entry["cpus"], entry["memory_gb"]];
    return {
      name,
      role: entry["role"] === "control-plane" ? "control-plane" : "worker",
      pool: String(entry["pool"]),
      zone: String(entry["zone"]),
      type: String(entry["type"]),
      ...(typeof cpus === "number" && { cpus }),
      ...(typeof memory === "number" && { memoryGB: memory }),
      diskGB: Number(entry["disk_gb"]),
      spot: entry["spot"] === true,
    };
  });
}

/** A document whose parts may be absent. */
export function document(purpose: string, parts: Omit<TofuDocument, "//">): TofuDocument {
  return { "//": purpose, ...parts };
}

/** An expression for what is there for each control plane machine: a map by its name. */
export const controlPlaneMachines = `\${{ for name, machine in local.machines : name => machine if machine.role == "control-plane" }}`;

/** The value that depends on the machine's role, as an expression. */
export function byRole(controlPlane: string, worker: string): string {
  return `\${each.value.role == "control-plane" ? ${controlPlane} : ${worker}}`;
}
