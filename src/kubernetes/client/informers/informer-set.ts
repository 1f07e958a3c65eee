// The informers of a process, one per resource and scope, started and stopped together.

import type { KubeObject, Resource } from "#kubernetes/api";
import { type Clock, type Logger, silentLogger, systemClock } from "#shared";
import type { Client } from "../client.ts";
import type { Informer, InformerScope, InformerSet } from "../informer.ts";
import { runReflector } from "./reflector.ts";
import { SharedInformer } from "./shared-informer.ts";

export interface InformerSetOptions {
  readonly clock?: Clock;
  readonly logger?: Logger;
}

interface Entry {
  readonly resource: Resource<KubeObject>;
  readonly informer: SharedInformer<KubeObject>;
  readonly controller: AbortController;
  run(): void;
  /** Resolves when its reflector has ended; at once where it never ran. */
  ended: Promise<void>;
}

export function createInformerSet(client: Client, options: InformerSetOptions = {}): InformerSet {
  const { clock = systemClock, logger = silentLogger } = options;
  const entries = new Map<string, Entry>();
  let isStarted = false;

  const add = <T extends KubeObject>(resource: Resource<T>, scope: InformerScope): Entry => {
    const informer = new SharedInformer<T>(logger);
    const controller = new AbortController();
    const { signal } = controller;
    const entry: Entry = {
      resource,
      informer: informer as unknown as SharedInformer<KubeObject>,
      controller,
      ended: Promise.resolve(),
      run() {
        entry.run = () => {};
        entry.ended = runReflector({ client, resource, scope, sink: informer, clock, logger, signal });
      },
    };
    return entry;
  };

  const end = async (entry: Entry): Promise<void> => {
    entry.run = () => {};
    entry.controller.abort();
    entry.informer.stop();
    await entry.ended;
  };

  return {
    informer<T extends KubeObject>(resource: Resource<T>, scope: InformerScope = {}): Informer<T> {
      const key = keyOfScope(resource, scope);
      let entry = entries.get(key);
      if (!entry) {
        entry = add(resource, scope);
        entries.set(key, entry);
        if (isStarted) entry.run();
      }
      return entry.informer as unknown as Informer<T>;
    },
    start() {
      isStarted = true;
      for (const entry of entries.values()) entry.run();
    },
    async synced(signal) {
      await Promise.all(entries.values().map((entry) => entry.informer.synced(signal)));
    },
    async forget(resource) {
      const prefix = keyOfResource(resource);
      const gone = [...entries].filter(([key]) => key.startsWith(prefix));
      for (const [key] of gone) entries.delete(key);
      await Promise.all(gone.map(([, entry]) => end(entry)));
    },
    async stop() {
      const all = [...entries.values()];
      entries.clear();
      isStarted = false;
      await Promise.all(all.map(end));
    },
  };
}

function keyOfResource({ group, version, resource }: Resource<KubeObject>): string {
  return `${group}/${version}/${resource}?`;
}

function keyOfScope(resource: Resource<KubeObject>, scope: InformerScope): string {
  const { namespace = "", labelSelector = "", fieldSelector = "" } = scope;
  return `${keyOfResource(resource)}${namespace}&${labelSelector}&${fieldSelector}`;
}
