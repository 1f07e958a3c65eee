// The services and slices of the cluster as informers have them, and which services have changed since somebody last looked.

import { type EndpointSlice, formatKey, keyOf, parseKey, resources, type Service } from "#kubernetes/api";
import type { Informer, InformerSet } from "#kubernetes/client";
import type { ProxyMetrics } from "../metrics.ts";

const serviceLabel = "kubernetes.io/service-name";
const triggerAnnotation = "endpoints.kubernetes.io/last-change-trigger-time";
const byService = "proxy/service";

/** What has changed, by service ("namespace/name"). */
export interface ServiceChanges {
  readonly keys: ReadonlySet<string>;
  /** When the changes began that led to new endpoints, in milliseconds. */
  readonly triggeredAt: readonly number[];
}

export interface WatchedServicesOptions {
  readonly informers: InformerSet;
  readonly metrics: ProxyMetrics;
  /** Changes that began earlier say nothing about how long rules take. */
  readonly startedAt: number;
  onChange(): void;
}

export class WatchedServices {
  readonly #services: Informer<Service>;
  readonly #slices: Informer<EndpointSlice>;
  readonly #metrics: ProxyMetrics;
  readonly #startedAt: number;
  readonly #release: (() => void)[];
  #changed = new Set<string>();
  #triggeredAt: number[] = [];
  #pendingServices = 0;
  #pendingSlices = 0;

  constructor({ informers, metrics, startedAt, onChange }: WatchedServicesOptions) {
    this.#metrics = metrics;
    this.#startedAt = startedAt;
    this.#services = informers.informer(resources.services);
    this.#slices = informers.informer(resources.endpointSlices);
    this.#slices.addIndex(byService, servicesOfSlice);
    const service = (object: Service) => {
      this.#noteService(object);
      onChange();
    };
    const slice = (object: EndpointSlice, old?: EndpointSlice) => {
      this.#noteSlice(object, old);
      onChange();
    };
    this.#release = [
      this.#services.addHandler({ added: service, updated: service, deleted: service }),
      this.#slices.addHandler({ added: (it) => slice(it), updated: slice, deleted: (it) => slice(it) }),
    ];
  }

  async synced(signal: AbortSignal): Promise<void> {
    await Promise.all([this.#services.synced(signal), this.#slices.synced(signal)]);
  }

  service(key: string): Service | undefined {
    return this.#services.get(parseKey(key));
  }

  slices(key: string): readonly EndpointSlice[] {
    return this.#slices.byIndex(byService, key);
  }

  all(): readonly Service[] {
    return this.#services.list();
  }

  /** All that changed since the last call. */
  take(): ServiceChanges {
    const changes = { keys: this.#changed, triggeredAt: this.#triggeredAt };
    this.#changed = new Set();
    this.#triggeredAt = [];
    this.#pendingServices = 0;
    this.#pendingSlices = 0;
    this.#metrics.pending("service", 0);
    this.#metrics.pending("endpoint", 0);
    return changes;
  }

  /** What was taken could not be carried out. */
  giveBack({ keys, triggeredAt }: ServiceChanges): void {
    for (const key of keys) this.#changed.add(key);
    this.#triggeredAt.push(...triggeredAt);
  }

  markAll(): void {
    for (const service of this.all()) this.#changed.add(formatKey(keyOf(service)));
  }

  stop(): void {
    for (const release of this.#release) release();
  }

  #noteService(service: Service): void {
    this.#changed.add(formatKey(keyOf(service)));
    this.#metrics.changed("service");
    this.#metrics.pending("service", ++this.#pendingServices);
  }

  #noteSlice(slice: EndpointSlice, old: EndpointSlice | undefined): void {
    for (const key of servicesOfSlice(slice)) this.#changed.add(key);
    if (old) for (const key of servicesOfSlice(old)) this.#changed.add(key);
    this.#metrics.changed("endpoint");
    this.#metrics.pending("endpoint", ++this.#pendingSlices);
    const trigger = slice.metadata.annotations?.[triggerAnnotation];
    const at =
      trigger === undefined || trigger === old?.metadata.annotations?.[triggerAnnotation] ? NaN : Date.parse(trigger);
    if (at > this.#startedAt) this.#triggeredAt.push(at);
  }
}

function servicesOfSlice({ metadata }: EndpointSlice): string[] {
  const name = metadata.labels?.[serviceLabel];
  return name ? [`${metadata.namespace}/${name}`] : [];
}
