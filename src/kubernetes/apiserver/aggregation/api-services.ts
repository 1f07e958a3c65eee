// The APIServices there are: which versions of which groups other servers answer for, and in which order groups are shown.

import type { APIService, APIServiceSpec } from "#kubernetes/api";
import type { Collection } from "#kubernetes/store";
import { mirrorCollection, type StoreMirror } from "../store-mirror.ts";

/** An APIService that leads to another server. */
export type RemoteService = APIService & {
  readonly spec: { readonly service: NonNullable<APIServiceSpec["service"]> };
};

export interface ApiServices {
  /** By its name, "v1.apps"; whoever answers for it. */
  get(name: string): APIService | undefined;
  /** The one that leads a group's version to another server; undefined: this server answers itself. */
  remote(group: string, version: string): RemoteService | undefined;
  readonly remotes: ReadonlyMap<string, RemoteService>;
  /** How far to the front a group belongs, and a version within its group; undefined where nobody has said so. */
  priorityOf(group: string, version: string): Priority | undefined;
  /** Counts changes. */
  readonly generation: number;
  /** Resolves when all are known. */
  start(changed: (name: string) => void): Promise<void>;
  stop(): void;
}

export interface Priority {
  readonly group: number;
  readonly version: number;
}

export function createApiServices(collection: Collection): ApiServices {
  const all = new Map<string, APIService>();
  const remotes = new Map<string, RemoteService>();
  let generation = 0;
  let mirror: StoreMirror | undefined;
  return {
    remotes,
    get generation() {
      return generation;
    },
    get: (name) => all.get(name),
    remote: (group, version) => (remotes.size === 0 ? undefined : remotes.get(nameOf(group, version))),
    priorityOf(group, version) {
      const spec = all.get(nameOf(group, version))?.spec;
      return spec && { group: spec.groupPriorityMinimum, version: spec.versionPriority };
    },
    start(changed) {
      mirror = mirrorCollection<APIService>(collection, {
        put(name, service) {
          all.set(name, service);
          if (isRemote(service)) remotes.set(name, service);
          else remotes.delete(name);
          generation++;
          changed(name);
        },
        remove(name) {
          all.delete(name);
          remotes.delete(name);
          generation++;
          changed(name);
        },
      });
      return mirror.ready;
    },
    stop: () => mirror?.stop(),
  };
}

export function nameOf(group: string, version: string): string {
  return `${version}.${group}`;
}

export function isAvailable({ status }: APIService): boolean {
  return status?.conditions?.some((each) => each.type === "Available" && each.status === "True") ?? false;
}

function isRemote(service: APIService): service is RemoteService {
  return service.spec?.service != null;
}
