// The cluster as names are answered from it: services, endpoint slices and namespaces, kept by informers.

import { type EndpointSlice, type Namespace, resources, type Service } from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import type { Clock } from "#shared";
import type { ClusterView } from "./records/cluster-view.ts";
import { canonical } from "./records/reverse-name.ts";

const serviceLabel = "kubernetes.io/service-name";
const byService = "dns/service";
const byAddress = "dns/address";

export class WatchedCluster implements ClusterView {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #namespaces: Informer<Namespace>;
  readonly #release: (() => void)[];
  #changedAt: number;

  constructor(informers: InformerSet, clock: Clock) {
    this.#services = informers.informer(resources.services);
    this.#slices = informers.informer(resources.endpointSlices);
    this.#namespaces = informers.informer(resources.namespaces);
    this.#services.addIndex(byAddress, addressesOfService);
    this.#slices.addIndex(byAddress, addressesOfSlice);
    this.#slices.addIndex(byService, servicesOfSlice);
    this.#changedAt = clock.now();
    const changed = () => {
      this.#changedAt = clock.now();
    };
    const handler = { added: changed, updated: changed, deleted: changed };
    this.#release = [this.#services.addHandler(handler), this.#slices.addHandler(handler)];
  }

  get isComplete(): boolean {
    return this.#services.hasSynced && this.#slices.hasSynced && this.#namespaces.hasSynced;
  }

  get serial(): number {
    return Math.floor(this.#changedAt / 1000);
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services, this.#slices, this.#namespaces].map((informer) => informer.synced(signal)));
  }

  hasNamespace(name: string): boolean {
    return this.#namespaces.get({ name }) !== undefined;
  }

  service(namespace: string, name: string): Service | undefined {
    return this.#services.get({ namespace, name });
  }

  slicesOf(namespace: string, service: string): readonly EndpointSlice[] {
    return this.#slices.byIndex(byService, `${namespace}/${service}`);
  }

  servicesAt(address: string): readonly Service[] {
    return this.#services.byIndex(byAddress, address);
  }

  slicesAt(address: string): readonly EndpointSlice[] {
    return this.#slices.byIndex(byAddress, address);
  }

  stop(): void {
    for (const release of this.#release) release();
  }
}

function addressesOfService({ spec }: Service): string[] {
  return (spec?.clusterIPs ?? []).map(canonical).filter((address) => address !== undefined);
}

function addressesOfSlice(slice: EndpointSlice): string[] {
  if (servicesOfSlice(slice).length === 0) return [];
  const addresses = (slice.endpoints ?? []).flatMap((endpoint) => endpoint.addresses).map(canonical);
  return [...new Set(addresses.filter((address) => address !== undefined))];
}

function servicesOfSlice({ metadata }: EndpointSlice): string[] {
  const service = metadata.labels?.[serviceLabel];
  return service ? [`${metadata.namespace}/${service}`] : [];
}
