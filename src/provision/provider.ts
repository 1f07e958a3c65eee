// Phase 1's contract: an infrastructure provider makes machines for a cluster, finds them again, and takes them away. Providers
// live in one folder each with the same file names. They know nothing of Kubernetes: a machine is a place where commands run.

import type { ClusterConfig } from "#config";
import type { Exec, ExecOptions, ExecResult } from "#shared";

export type MachineRole = "control-plane" | "worker";

/** A machine as wished for, before it exists. */
export interface MachineSpec {
  /** Unique in the cluster, stable, a DNS label: "demo-control-plane-1". Also the node's name. */
  readonly name: string;
  readonly role: MachineRole;
  /** The worker pool it belongs to; "" for control planes. */
  readonly pool: string;
}

/** How one gets onto a machine to run things there. No secrets: keys are named by their files. */
export type MachineAccess =
  /** It shares this host: a network namespace. */
  | { readonly kind: "local" }
  /** The system's own OpenSSH client, with the person's configuration, agent and known hosts. */
  | {
      readonly kind: "ssh";
      readonly host: string;
      /** Default: what OpenSSH takes. */
      readonly port?: number;
      readonly user?: string;
      readonly identityFile?: string;
      /** Hosts to go through first, "user@host:port" each. */
      readonly jumpHosts?: readonly string[];
      /** The file of host keys; absent: the person's own. */
      readonly knownHostsFile?: string;
      /** Whether commands need sudo to be root. */
      readonly sudo?: boolean;
    }
  /** Nobody gets there: its user data does it all, and what became of it is seen through the API. */
  | { readonly kind: "none" };

/** A machine that exists. Plain data: it is what phase 1 hands to phase 2, written to a file one can read. */
export interface Machine extends MachineSpec {
  /** The address by which the other machines of the cluster reach it. */
  readonly address: string;
  readonly access: MachineAccess;
  /** What the provider needs to find it again: a namespace path, a host, an instance id. No secrets. */
  readonly handle: Readonly<Record<string, string>>;
}

/** What the machines share, once it exists. Plain data, as a machine is. */
export interface Network {
  /** The addresses of the machines lie in here. */
  readonly machineCIDR: string;
  /** Where machines and people reach the API: the host's end of the bridge, a load balancer's name or address. Absent: the first control plane's. */
  readonly controlPlaneAddress?: string;
  /** Where machines reach it, if elsewhere: an internal load balancer beside a guarded public one. */
  readonly internalControlPlaneAddress?: string;
}

/** Runs things on a machine, by connectMachine. Commands are argument lists, as root. */
export interface MachineConnection {
  readonly exec: Exec;
  /** Writes a file on the machine, whole or not at all; makes its folder. */
  writeFile(path: string, content: string | Uint8Array, mode?: number): Promise<void>;
  readFile(path: string): Promise<Uint8Array | undefined>;
  /** Brings a file of this host to the machine, however big, whole or not at all; one that is there already is not sent again. */
  uploadFile(localPath: string, path: string, mode?: number): Promise<void>;
  close(): Promise<void>;
}

export type { ExecOptions, ExecResult };

export interface ProviderContext {
  readonly config: ClusterConfig;
  /** The folder of this cluster's own files. */
  readonly folder: string;
  /** All machines that are wanted: a provider that makes them at one go makes these. */
  readonly machines: readonly MachineSpec[];
  readonly signal: AbortSignal;
  /** What a new machine does at its first boot, as cloud-init user data. Undefined: nothing; phase 2 goes there through its access. */
  userData?(spec: MachineSpec): Promise<string | undefined>;
  /** Tells the person what is going on; one short line. */
  report?(detail: string): void;
}

/** A problem found before anything was done, with what to do about it. */
export interface Problem {
  readonly message: string;
  readonly hint?: string;
  /** Nothing the person could quickly do about it would help: this machine cannot do what the provider wants at all. */
  readonly unsupported?: boolean;
}

/** The API of a control plane that the cloud runs, and how one logs in there. */
export interface ManagedApi {
  /** Such as https://ABC.gr7.eu-central-1.eks.amazonaws.com. */
  readonly server: string;
  /** PEM of the authority. */
  readonly authority: string;
  /** A program that hands out tokens, in kubeconfig's own words. */
  readonly exec: Readonly<Record<string, unknown>>;
}

/** In what something that is there is not as it is wanted. */
export interface Difference {
  readonly change: "in place" | "replace";
  /** What differs, in one short line: "instance_type: t3.large → t3.xlarge". */
  readonly reason: string;
}

export interface DeleteMachineOptions {
  /** What the machine has on its disk stays, and createMachine finds it again: how a cluster is stopped. Default: false. */
  readonly keepDisk?: boolean;
}

/** What first-boot data a provider's machines take. */
export interface UserDataKind {
  /** Bytes, as the provider counts them: before it writes them in base64 or after. */
  readonly limitBytes: number;
  /** It is handed over packed by gzip, and counts so. */
  readonly isPacked?: boolean;
}

/**
 * Every method may be called again after a crash at any point of an earlier call: it then finishes or finds the work done. Methods may
 * run at the same time for different machines; a provider whose tool cannot (OpenTofu) puts its own calls in a row.
 */
export interface Provider {
  readonly name: string;
  /** The machines were there before and stay when the cluster goes: what was put on them must be taken off again. */
  readonly machinesStay?: boolean;
  /** Absent: its machines take no user data. */
  readonly userData?: UserDataKind;
  /** What stands in the way on this machine or in this account. Empty: go ahead. Changes nothing. */
  check(context: ProviderContext): Promise<readonly Problem[]>;
  /** Makes what all machines share: networks, bridges, load balancers. */
  createNetwork(context: ProviderContext): Promise<Network>;
  /** The network if it exists and can be used. */
  findNetwork(context: ProviderContext): Promise<Network | undefined>;
  /** Where the cloud runs the control plane: its API, once it is there. Absent: control planes are machines of ours. */
  findManagedApi?(context: ProviderContext): Promise<ManagedApi | undefined>;
  /** In what the network that is there differs from the wanted one. Absent: it never does. createNetwork mends it. */
  compareNetwork?(context: ProviderContext): Promise<Difference | undefined>;
  createMachine(context: ProviderContext, spec: MachineSpec): Promise<Machine>;
  /** The machine if it exists and can be used. */
  findMachine(context: ProviderContext, spec: MachineSpec): Promise<Machine | undefined>;
  /** In what the machine that is there differs from the wanted one. Absent: it never does. createMachine mends it, or makes another. */
  compareMachine?(context: ProviderContext, spec: MachineSpec): Promise<Difference | undefined>;
  /** Removes a machine and all that was made for it; one that is gone already is fine. */
  deleteMachine(context: ProviderContext, spec: MachineSpec, options?: DeleteMachineOptions): Promise<void>;
  deleteNetwork(context: ProviderContext): Promise<void>;
  /** Whatever of this cluster is still there, one line each: the proof of a complete `down`. */
  findLeftovers(context: ProviderContext): Promise<readonly string[]>;
}
