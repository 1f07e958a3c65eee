// A resource as one version of the API serves it: what discovery says of it, the shape of its objects, and where they are kept.
// Built-in resources come from the table, custom ones from their definitions; the verbs treat both alike.

import type {
  ConvertVersion,
  FieldError,
  KindDefinition,
  KubeObject,
  ObjectSchema,
  OpenApiDialect,
  ResourceInfo,
  Subresource,
  TableColumn,
} from "#kubernetes/api";
import type { Collection, StoredObject } from "#kubernetes/store";
import type { Call } from "../../call.ts";
import type { ConvertLater } from "../owned-conversions.ts";
import type { WatchHub } from "../watch/watch-hub.ts";

export interface ServedResource {
  readonly info: ResourceInfo;
  readonly apiVersion: string;
  readonly listKind: string;
  readonly schema: ObjectSchema;
  /** What the kind adds; {} where nothing is known of it. */
  readonly definition: KindBehaviour;
  /** Absent of resources that keep nothing, such as reviews. */
  readonly storage?: ResourceStorage;
  /** Columns of Table answers. */
  readonly columns: readonly ServedColumn[];
  readonly subresources: ReadonlyMap<string, Subresource>;
  /** What the server does around writes of this resource that needs more than the object: allocating addresses, … */
  readonly hooks?: ResourceHooks;
  /** Where a custom resource keeps its replicas; built-in ones in spec.replicas and status.replicas. */
  readonly scale?: ScalePaths;
  /** Objects at the versions of the resource, for fields owned at another than this one; absent where all are alike. */
  readonly convertOwned?: ConvertVersion;
  /** In place of convertOwned where others (a webhook) convert. */
  readonly convertOwnedLater?: ConvertLater;
  /** Custom resources: no strategic merge patches, other words for some refusals. */
  readonly custom?: CustomBehaviour;
}

/** Upstream's texts on built-in columns are documentation, not behaviour: those stay without one. */
export interface ServedColumn extends TableColumn {
  readonly description?: string;
}

/** A KindDefinition without its names. */
export type KindBehaviour = Partial<Omit<KindDefinition, "group" | "version" | "kind">>;

/** Paths from the object's root. */
export interface ScalePaths {
  readonly spec: readonly string[];
  readonly status: readonly string[];
  /** A label selector as text. */
  readonly selector?: readonly string[];
}

export interface ResourceStorage {
  readonly collection: Collection;
  readonly hub: WatchHub;
  /** Objects are shown as they are stored: `show` and `toStored` answer what they are given. */
  readonly isPlain: boolean;
  /** A stored object as this version shows it; of a storage with `prepare`, only of objects that have been prepared. */
  readonly show: (stored: StoredObject) => StoredObject;
  /** Gets objects ready to be shown, where others (a webhook) have to be asked; undefined where they are ready. */
  readonly prepare?: (stored: readonly StoredObject[]) => Promise<void> | undefined;
  /** An object of this version as it is stored. */
  readonly toStored: (object: KubeObject) => KubeObject | Promise<KubeObject>;
  /** Whether an object, as shown, is stored in a form that a write would replace even if it changed nothing. */
  readonly isStale?: (shown: StoredObject) => boolean;
}

/** Stored objects as a version shows them. */
export async function showAll(
  storage: ResourceStorage,
  items: readonly StoredObject[],
): Promise<readonly StoredObject[]> {
  if (storage.isPlain) return items;
  await storage.prepare?.(items);
  return items.map(storage.show);
}

/** A stored object as a version shows it. */
export async function showOne(storage: ResourceStorage, stored: StoredObject): Promise<StoredObject> {
  if (storage.prepare) await storage.prepare([stored]);
  return storage.show(stored);
}

/** Each may be absent. What a begin… hook answers is called when the write has succeeded or failed. */
export interface ResourceHooks {
  beginCreate?(object: KubeObject, context: HookContext): Promise<Finish | undefined>;
  beginUpdate?(object: KubeObject, old: KubeObject, context: HookContext): Promise<Finish | undefined>;
  /** What is wrong that others have to be asked for; it is told before all else. `old`: absent for a new object. */
  askOthers?(object: KubeObject, old: KubeObject | undefined, context: HookContext): Promise<readonly FieldError[]>;
  /** As askOthers, for updates through the subresource "status". */
  askOthersOfStatus?(object: KubeObject, old: KubeObject, context: HookContext): Promise<readonly FieldError[]>;
  /** What is wrong with the object's expressions. */
  checkExpressions?(object: KubeObject): readonly FieldError[];
  /** The object has left the store. */
  afterDelete?(object: KubeObject, context: HookContext): Promise<void>;
  /** Seconds after which the store drops the object by itself. */
  timeToLive?(object: KubeObject): number | undefined;
  /** Replaces the usual way of a delete. */
  keepWhileDeleting?(object: KubeObject): boolean;
}

export interface HookContext {
  readonly dryRun: boolean;
  readonly call: Call;
}

export type Finish = (succeeded: boolean) => Promise<void> | void;

/** What custom resources do in place of the compiled-in functions of built-in kinds. */
export interface CustomBehaviour {
  /** An object of what a body or patch holds, which belongs to this function: pruned, with defaults. Throws CodecError. */
  readonly decode: (value: unknown) => { readonly object: KubeObject; readonly problems: readonly string[] };
  /** The schema as OpenAPI publishes it; undefined where it says no more than that there are objects. */
  readonly openApi: (
    dialect: OpenApiDialect,
    metadata: () => Record<string, unknown>,
  ) => Record<string, unknown> | undefined;
  /** What every request is to be warned of: that the version is going. */
  readonly warnings: readonly string[];
  /** Changes with the definition. */
  readonly fingerprint: string;
  /** The version objects are stored in. */
  readonly storageVersion: string;
}

/** "configmaps", or "deployments.apps" apart into group and resource, as errors name it. */
export function groupResourceOf(resource: ServedResource): { group: string; resource: string } {
  return { group: resource.info.group, resource: resource.info.resource };
}

/** The key of an object below the collection's prefix. */
export function storageKey(resource: ServedResource, namespace: string, name: string): string {
  return resource.info.namespaced ? `${namespace}/${name}` : name;
}
