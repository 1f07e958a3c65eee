// What of the cluster names are answered from. Everything is answered from memory, at once.

import type { EndpointSlice, Service } from "#kubernetes/api";

export interface ClusterView {
  /** Whether all there is has been heard of: before, nobody can say that a name does not exist. */
  readonly isComplete: boolean;
  /** Seconds since the epoch of the last change: the zone's serial number. */
  readonly serial: number;
  hasNamespace(name: string): boolean;
  service(namespace: string, name: string): Service | undefined;
  slicesOf(namespace: string, service: string): readonly EndpointSlice[];
  /** Services with this cluster address; slices with this endpoint. Addresses in canonical form. */
  servicesAt(address: string): readonly Service[];
  slicesAt(address: string): readonly EndpointSlice[];
}
