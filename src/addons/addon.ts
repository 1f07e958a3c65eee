// An add-on: what is installed into a cluster, as objects. Each in the catalogue is a pure function from the configuration.

import type { ClusterConfig } from "#config";
import type { UnknownObject } from "#kubernetes/api";

export interface AddonInput {
  readonly config: ClusterConfig;
  /** The API server as people reach it. */
  readonly server: string;
  /** PEM of the cluster's authority. */
  readonly authority: string;
}

export interface Addon {
  /** As in the configuration's list. */
  readonly name: string;
  /** For people: what one gets. */
  readonly description: string;
  /** Installed whether it is listed or not. */
  readonly always?: boolean;
  /** Its objects, each with apiVersion, kind and name; the same for the same input. */
  build(input: AddonInput): readonly UnknownObject[];
}
