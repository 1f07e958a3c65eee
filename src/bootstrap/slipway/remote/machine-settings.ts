// What a machine of distribution "slipway" is told by whoever sets it up: one JSON file, from which the machine itself makes what depends
// on the machine (prepare-machine.ts). No secrets.

import type { VirtualAddressSettings } from "../../host/keepalived-config.ts";
import type { ClusterPkiOptions } from "../../pki/cluster-pki.ts";
import type { ControlPlaneOptions } from "../control-plane.ts";
import type { AgentOptions } from "../node.ts";

export interface MachineSettings {
  readonly name: string;
  readonly address: string | OwnAddress;
  readonly agent: Omit<AgentOptions, "nodeAddress" | "resolverFile" | "sandbox">;
  /** Where containerd finds the registries' mirrors. */
  readonly registryFolders: readonly string[];
  readonly controlPlane?: ControlPlaneSettings;
}

/** Not known before the machine is there: the address from which it reaches the API. */
export interface OwnAddress {
  readonly reaching: { readonly host: string; readonly port: number };
}

export interface ControlPlaneSettings {
  readonly options: ControlPlaneOptions & { readonly certificates: ClusterPkiOptions };
  readonly etcd?: EtcdSettings;
  readonly virtualAddress?: VirtualAddressSettings;
}

export interface EtcdSettings {
  /** It is the first; all others join. */
  readonly starts: boolean;
  /** Addresses of the other members that are wanted. */
  readonly others: readonly string[];
}
