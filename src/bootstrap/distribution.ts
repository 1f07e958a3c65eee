// Phase 2's contract: a distribution says what a machine becomes, in the neutral form of a machine description. Pure but for what it is
// given; carried out by a connection, by cloud-init or by Ignition. One folder per distribution with the same file names.

import type { ClusterConfig } from "#config";
import type { MachineSpec } from "#provision";
import type { CommandSpec, MachineDescription } from "./machine-description.ts";
import type { KeyPair } from "./pki/certificates.ts";

/** What a machine is to do for the cluster. Control planes join one at a time, after the one that starts the cluster. */
export type MachineDuty = "init" | "join-control-plane" | "join-worker";

/** A machine as phase 2 sees it. Where user data is rendered before the machine exists, nobody knows its address yet. */
export interface BootstrapMachine extends MachineSpec {
  readonly address?: string;
}

/** The authorities, made on the client and kept there: every control plane gets them. */
export interface ClusterAuthorities {
  readonly kubernetes: KeyPair;
  readonly frontProxy: KeyPair;
  readonly etcd: KeyPair;
  /** Signs and checks service accounts' tokens: PEM of both halves. */
  readonly serviceAccounts: { readonly key: string; readonly publicKey: string };
}

export interface BootstrapInput {
  readonly config: ClusterConfig;
  readonly machine: BootstrapMachine;
  readonly duty: MachineDuty;
  /**
   * Where machines reach the API: a load balancer, a virtual address, or the only control plane. People reach it at publicHost where
   * that is another one; it is in the API server's certificate, too.
   */
  readonly endpoint: { readonly host: string; readonly port: number; readonly publicHost?: string };
  /** All control planes that are wanted, in order; the first starts the cluster. */
  readonly controlPlanes: readonly BootstrapMachine[];
  readonly authorities: ClusterAuthorities;
  /** A bootstrap token, "abcdef.0123456789abcdef", by which machines join. */
  readonly token: string;
  /** What the machine is, as "linux-amd64". */
  readonly platform: string;
}

export interface Distribution {
  readonly name: ClusterConfig["distribution"]["type"];
  /** Versions of Kubernetes it can turn up, newest first: "1.36.2". */
  readonly versions: readonly string[];
  /** The whole machine, from a bare operating system to a member of the cluster. The same input gives the same description. */
  describeMachine(input: BootstrapInput): Promise<MachineDescription>;
  /** Whether machines join by a bootstrap token, a Secret in the cluster that whoever turns it up keeps valid meanwhile. */
  readonly joinsByBootstrapToken?: boolean;
  /** Images that its nodes run besides add-ons'; what a bundle must hold. Absent: none that its artifacts do not bring. */
  images?(config: ClusterConfig, platform: string): DistributionImages;
  /** The command, run on a machine, that imports an archive of images lying there. Absent: images cannot be loaded by hand. */
  importImages?(archive: string): readonly string[];
  /**
   * What, run on a control plane, saves the data to a file there. Absent, or empty for a configuration: the data is in no etcd that runs on
   * control planes by this distribution.
   */
  describeSnapshot?(config: ClusterConfig, file: string): readonly CommandSpec[];
  /** What takes all of it off the machine again, in order, for machines that stay (providers ssh). */
  describeRemoval(input: Pick<BootstrapInput, "config" | "machine">): MachineDescription;
  /**
   * What is run on another control plane before one goes for good, because what it is a member of must be told (etcd). The machine that
   * goes may be dead. Absent: nothing.
   */
  describeLeave?(input: Pick<BootstrapInput, "config" | "machine">): MachineDescription;
  /** What is known of the certificates on a machine. */
  certificates(config: ClusterConfig): CertificateCare;
  /** How saved data is put in the place of what the control planes have. Asked only where it is in no etcd of one's own. */
  describeRestore(config: ClusterConfig, options: RestoreOptions): DataRestore;
}

export interface RestoreOptions {
  /** All that are to have the data, the one that started the cluster before all. */
  readonly controlPlanes: readonly BootstrapMachine[];
  /** Tells the new etcd cluster from all others. */
  readonly token: string;
}

export interface DistributionImages {
  /** As pods name them. */
  readonly names: readonly string[];
  /** Archives of several, by their names in the catalogue of artifacts. */
  readonly archives: readonly string[];
}

export interface DataRestore {
  /** What keeps the data: an etcd on the control planes, or the API server itself. */
  readonly engine: "etcd" | "embedded";
  /** A folder that is made anew on every control plane for the file with the data, which keeps its name. */
  readonly arrivalFolder: string;
  /** Makes of that file what takes the data's place. Changes nothing that runs. */
  prepare(machine: BootstrapMachine, file: string): readonly CommandSpec[];
  /** Each ends on all control planes before the next begins on any. May be run again from the first, wherever they were cut off. */
  readonly phases: readonly RestorePhase[];
}

export interface RestorePhase {
  /** What one of the control planes does in it; empty where it is left alone. */
  commands(machine: BootstrapMachine): readonly CommandSpec[];
  /** One control plane after the other, in the order of RestoreOptions. Default: side by side. */
  readonly inTurn?: boolean;
}

export interface CertificateCare {
  /** Where certificates lie on a machine: folders, with all below them, and kubeconfigs that hold one. What is not there is fine. */
  readonly places: readonly string[];
  /**
   * What issues those of these names anew on a machine (as readMachineCertificates names them) and starts what uses them, by the
   * authorities there; may issue others of the machine anew, too. Ends when what uses them serves again. May be run again wherever it
   * was cut off.
   */
  renew(machine: BootstrapMachine, names: readonly string[]): readonly CommandSpec[];
  /** Those that `renew` leaves alone, by name, with who issues them anew in words for a person: "the kubelet renews it itself". */
  readonly leftAlone?: Readonly<Record<string, string>>;
  /** Whether workers ask for theirs by a bootstrap token, which must be valid meanwhile. */
  readonly renewsByToken?: boolean;
  /** Whether authorities can be put in old ones' place by carrying out descriptions with others in them. */
  readonly rotates: boolean;
  /** What to do by hand, in words for a person, where slipway does not rotate. */
  readonly insteadOfRotation?: string;
}
