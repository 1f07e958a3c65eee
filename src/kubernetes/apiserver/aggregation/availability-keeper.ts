// Keeps the Available condition of APIServices that lead to other servers: looks again whenever the APIService, its service or
// that service's endpoints change, and every half minute besides, since a server may fall silent without any of these changing.

import type { APIService, KubeObject } from "#kubernetes/api";
import type { Clock, Logger } from "#shared";
import type { LiveObjects } from "../live-objects.ts";
import { modifyObject } from "../registry/modify.ts";
import { formatTime } from "../registry/object-meta.ts";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import { mirrorCollection, type StoreMirror } from "../store-mirror.ts";
import type { ApiServices } from "./api-services.ts";
import { checkAvailability, type Finding } from "./check-availability.ts";
import type { ServerConnections } from "./server-connections.ts";

export interface AvailabilityKeeperOptions {
  readonly services: ApiServices;
  readonly objects: LiveObjects;
  readonly connections: ServerConnections;
  /** What APIServices are stored as. */
  readonly resource: () => ServedResource;
  /** Called after each check. */
  readonly checked: (name: string, finding: Finding) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

const recheckMs = 30_000;
const firstRetryMs = 250;

interface Watched {
  failures: number;
  isBusy: boolean;
  /** Something has changed since the check began. */
  isStale: boolean;
  cancel: () => void;
}

export class AvailabilityKeeper {
  readonly #options: AvailabilityKeeperOptions;
  readonly #watched = new Map<string, Watched>();
  readonly #stopping = new AbortController();
  readonly #running = new Set<Promise<void>>();
  #mirrors: readonly StoreMirror[] | undefined;

  constructor(options: AvailabilityKeeperOptions) {
    this.#options = options;
  }

  /** An APIService has come, changed or gone. */
  changed(name: string): void {
    if (this.#options.services.remotes.has(name)) {
      this.#mirrors ??= this.#follow();
      this.#enqueue(name);
      return;
    }
    this.#watched.get(name)?.cancel();
    this.#watched.delete(name);
    if (this.#watched.size === 0) this.#unfollow();
  }

  async stop(): Promise<void> {
    this.#stopping.abort(new Error("the server stops"));
    this.#unfollow();
    for (const { cancel } of this.#watched.values()) cancel();
    await Promise.all(this.#running);
  }

  /** Services and endpoints are followed only as long as any APIService leads to one. */
  #follow(): readonly StoreMirror[] {
    const { objects } = this.#options;
    const services = objects.collection({ group: "", resource: "services" });
    const slices = objects.collection({ group: "discovery.k8s.io", resource: "endpointslices" });
    const serviceOfSlice = new Map<string, string>();
    const changed = (key: string) => this.#serviceChanged(key);
    return [
      mirrorCollection(services, { put: changed, remove: changed }),
      mirrorCollection<KubeObject>(slices, {
        put: (key, { metadata }) => {
          const service = `${metadata.namespace}/${metadata.labels?.["kubernetes.io/service-name"] ?? ""}`;
          serviceOfSlice.set(key, service);
          changed(service);
        },
        remove: (key) => {
          changed(serviceOfSlice.get(key) ?? "");
          serviceOfSlice.delete(key);
        },
      }),
    ];
  }

  #unfollow(): void {
    for (const mirror of this.#mirrors ?? []) mirror.stop();
    this.#mirrors = undefined;
  }

  #serviceChanged(key: string): void {
    for (const [name, { spec }] of this.#options.services.remotes) {
      if (`${spec.service.namespace}/${spec.service.name}` === key) this.#enqueue(name);
    }
  }

  #enqueue(name: string): void {
    if (this.#stopping.signal.aborted) return;
    let watched = this.#watched.get(name);
    if (!watched) {
      watched = { failures: 0, isBusy: false, isStale: false, cancel: () => {} };
      this.#watched.set(name, watched);
    }
    watched.isStale = true;
    if (watched.isBusy) return;
    watched.isBusy = true;
    const run = this.#run(name, watched).finally(() => this.#running.delete(run));
    this.#running.add(run);
  }

  async #run(name: string, watched: Watched): Promise<void> {
    // After the events at hand have been told to everybody.
    await Promise.resolve();
    watched.cancel();
    while (watched.isStale && !this.#stopping.signal.aborted) {
      watched.isStale = false;
      try {
        await this.#check(name, watched);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        watched.failures++;
        this.#options.logger.warn({ err: error, name }, "cannot settle whether an APIService is available");
      }
    }
    watched.isBusy = false;
    if (this.#stopping.signal.aborted || this.#watched.get(name) !== watched) return;
    const delay = watched.failures === 0 ? recheckMs : firstRetryMs * 2 ** Math.min(watched.failures - 1, 7);
    watched.cancel = this.#options.clock.after(Math.min(delay, recheckMs), () => this.#enqueue(name));
  }

  async #check(name: string, watched: Watched): Promise<void> {
    const { services, objects, connections, checked } = this.#options;
    const service = services.remotes.get(name);
    if (!service) return;
    const { signal } = this.#stopping;
    const finding = await checkAvailability({ objects, connections, signal }, service);
    if (signal.aborted) return;
    watched.failures = finding.reason === "FailedDiscoveryCheck" ? watched.failures + 1 : 0;
    await this.#write(name, finding);
    await checked(name, finding);
  }

  async #write(name: string, finding: Finding): Promise<void> {
    const { resource, clock, services } = this.#options;
    const now = formatTime(clock.now());
    try {
      await modifyObject<APIService>(resource(), { namespace: "", name }, (live) => withFinding(live, finding, now));
    } catch (error) {
      // Deleted meanwhile: there is nobody to be told.
      if (services.remotes.has(name)) throw error;
    }
  }
}

/** The very same object where it says so already. */
function withFinding(service: APIService, { status, reason, message }: Finding, now: string): APIService {
  const conditions = service.status?.conditions ?? [];
  const before = conditions.find(({ type }) => type === "Available");
  if (before?.status === status && before.reason === reason && before.message === message) return service;
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : now;
  const condition = { type: "Available", status, reason, message, ...(lastTransitionTime && { lastTransitionTime }) };
  const written = before ? conditions.map((each) => (each === before ? condition : each)) : [...conditions, condition];
  return { ...service, status: { ...service.status, conditions: written } };
}
