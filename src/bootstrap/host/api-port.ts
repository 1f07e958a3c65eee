// Where each control plane's API server listens, in every distribution.

import type { ClusterConfig } from "#config";

const defaultPort = 6443;

/** Of each API server; what is before them may listen at another one. */
export function apiPort({ network }: ClusterConfig): number {
  return network.apiServerPort || defaultPort;
}
