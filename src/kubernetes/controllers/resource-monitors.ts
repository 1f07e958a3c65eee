// Watches every resource that can be deleted, and follows what the server serves as that changes.

import { formatApiVersion, type KubeObject, type Resource, resources } from "#kubernetes/api";
import { createBackoff, type Discovery, discoverResources, type Informer } from "#kubernetes/client";
import { describeError } from "#shared";
import type { ControllerContext } from "./controller-definition.ts";

/** Events come and go too fast to be anybody's dependents. */
const ignored = new Set(["events", "events.events.k8s.io"]);

const serverDelayMs = 2000;

export interface MonitorOptions {
  readonly context: ControllerContext;
  /** Called for each resource that begins to be watched; the answer ends what it began. */
  readonly onResource: (resource: Resource, informer: Informer<KubeObject>) => () => void;
  readonly signal: AbortSignal;
}

interface Monitor {
  readonly resource: Resource;
  readonly informer: Informer<KubeObject>;
  readonly end: () => void;
}

/** The resources the server serves, by kind and, those that can be watched and deleted, as informers. */
export class ResourceMonitors {
  readonly #options: MonitorOptions;
  readonly #monitors = new Map<string, Monitor>();
  #byKind = new Map<string, Resource>();
  #isStale = false;
  #cancelLater = () => {};
  #running: Promise<void> | undefined;

  constructor(options: MonitorOptions) {
    this.#options = options;
  }

  /** The resource that serves a kind in this version; undefined where none does, as far as known. */
  resourceOfKind(apiVersion: string, kind: string): Resource | undefined {
    return this.#byKind.get(`${apiVersion}/${kind}`);
  }

  /** Resolves when the resources served now are watched and their informers have synced. */
  async start(): Promise<void> {
    const { context, signal } = this.#options;
    const changed = () => this.#refreshNowAndLater();
    for (const resource of [resources.customResourceDefinitions, resources.apiServices]) {
      const informer = context.informers.informer<KubeObject>(resource);
      signal.addEventListener("abort", informer.addHandler({ added: changed, updated: changed, deleted: changed }));
    }
    this.refresh();
    await this.#running;
    await Promise.all(this.#monitors.values().map(({ informer }) => informer.synced(signal)));
  }

  /** Asks the server again what it serves; several calls in a row become one. */
  refresh(): void {
    this.#isStale = true;
    this.#running ??= this.#refreshUntilFresh().finally(() => {
      this.#running = undefined;
    });
  }

  end(): void {
    this.#cancelLater();
    for (const { end } of this.#monitors.values()) end();
    this.#monitors.clear();
  }

  /** The server takes a moment to serve what a definition says, or to stop serving it. */
  #refreshNowAndLater(): void {
    this.refresh();
    this.#cancelLater();
    this.#cancelLater = this.#options.context.clock.after(serverDelayMs, () => this.refresh());
  }

  async #refreshUntilFresh(): Promise<void> {
    const { context, signal } = this.#options;
    const backoff = createBackoff({ clock: context.clock });
    while (this.#isStale && !signal.aborted) {
      this.#isStale = false;
      try {
        const discovery = await discoverResources(context.client, signal);
        await this.#adopt(discovery);
        if (discovery.failures.size === 0) continue;
        context.logger.info({ failures: [...discovery.failures.keys()] }, "some API groups could not be discovered");
      } catch (error) {
        if (signal.aborted) return;
        context.logger.warn({ error: describeError(error) }, "resources could not be discovered, trying again");
      }
      this.#isStale = true;
      await backoff.wait(signal).catch(() => {});
    }
  }

  async #adopt({ resources: discovered, failures }: Discovery): Promise<void> {
    const byKind = new Map<string, Resource>();
    const wanted = new Map<string, Resource>();
    for (const { resource, verbs, isPreferred } of discovered) {
      byKind.set(`${formatApiVersion(resource)}/${resource.kind}`, resource);
      const isWatched = isPreferred && ["delete", "list", "watch"].every((verb) => verbs.includes(verb));
      if (isWatched && !ignored.has(nameOf(resource))) wanted.set(keyOf(resource), resource);
    }
    for (const [key, monitor] of this.#monitors) {
      // What could not be asked about is kept as it was.
      if (failures.has(formatApiVersion(monitor.resource))) {
        byKind.set(`${formatApiVersion(monitor.resource)}/${monitor.resource.kind}`, monitor.resource);
      } else if (!wanted.has(key)) {
        this.#monitors.delete(key);
        monitor.end();
        await this.#options.context.informers.forget(monitor.resource);
      }
    }
    this.#byKind = byKind;
    for (const [key, resource] of wanted) {
      if (this.#monitors.has(key)) continue;
      const informer = this.#options.context.informers.informer<KubeObject>(resource);
      this.#monitors.set(key, { resource, informer, end: this.#options.onResource(resource, informer) });
    }
  }
}

function nameOf({ resource, group }: Resource): string {
  return group === "" ? resource : `${resource}.${group}`;
}

function keyOf(resource: Resource): string {
  return `${nameOf(resource)}/${resource.version}`;
}
