// The built-in resources, put together from the resource table, the types table and the kinds' definitions.

import {
  builtInResources,
  checkPathName,
  formatApiVersion,
  type KubeObject,
  type ObjectSchema,
  type ResourceInfo,
  schemaOfKind,
  tableColumnsOf,
} from "#kubernetes/api";
import type { Store, StoredObject } from "#kubernetes/store";
import { createdColumn, describeColumn, nameColumn } from "../../presentation/columns.ts";
import { createWatchHub } from "../watch/watch-hub.ts";
import type { KindBehaviour, ResourceHooks, ResourceStorage, ServedColumn, ServedResource } from "./served-resource.ts";
import { storagePrefix } from "./storage-prefix.ts";
import { convertOwnedOf, versionPairOf } from "./versions/version-pair.ts";

export interface BuiltInOptions {
  readonly store: Store;
  /** What a kind adds; undefined where nothing is known of it. */
  readonly definitionOf: (group: string, version: string, kind: string) => KindBehaviour | undefined;
  readonly hooksOf: (group: string, resource: string) => ResourceHooks | undefined;
}

/** Every resource of the table, ready to be served. */
export function createBuiltInResources(options: BuiltInOptions): ServedResource[] {
  return builtInResources.map((info) => createBuiltIn(info, options));
}

function createBuiltIn(info: ResourceInfo, { store, definitionOf, hooksOf }: BuiltInOptions): ServedResource {
  const { group, version, kind } = info;
  const schema = requireSchema(info);
  const definition = definitionOf(group, version, kind) ?? assumeOf(schema);
  const hooks = hooksOf(group, info.resource);
  const convertOwned = convertOwnedOf(info);
  const keepsObjects = info.verbs.includes("watch");
  return {
    info,
    apiVersion: formatApiVersion(info),
    listKind: `${kind}List`,
    schema,
    definition,
    columns: columnsOf(info),
    subresources: new Map((info.subresources ?? []).map((each) => [each.name, each])),
    ...(keepsObjects && { storage: createStorage(info, store) }),
    ...(hooks && { hooks }),
    ...(convertOwned && { convertOwned }),
  };
}

function columnsOf({ group, version, resource }: ResourceInfo): readonly ServedColumn[] {
  const columns = tableColumnsOf(group, version, resource);
  return columns?.map((column) => describeColumn(column, `${group}/${resource}`)) ?? [nameColumn, createdColumn];
}

/** What is taken for granted of kinds that say nothing of themselves. */
function assumeOf(schema: ObjectSchema): KindBehaviour {
  return { hasGeneration: schema.fields.has("spec"), validateName: checkPathName };
}

function requireSchema({ group, version, kind }: ResourceInfo): ObjectSchema {
  const schema = schemaOfKind(group, version, kind);
  if (!schema) throw new Error(`Cannot serve ${kind}: the types table has no such kind`);
  return schema;
}

function createStorage(info: ResourceInfo, store: Store): ResourceStorage {
  const collection = store.collection(storagePrefix(info.group, info.resource));
  const pair = versionPairOf(info);
  const show = pair ? pair.show : (stored: StoredObject) => stored;
  const isPod = info.group === "" && info.resource === "pods";
  return {
    collection,
    isPlain: !pair,
    show,
    toStored: pair ? pair.toStored : (object) => object,
    hub: createWatchHub({ collection, view: show, ...(isPod && { partition: nodeOfPod }) }),
  };
}

function nodeOfPod(pod: KubeObject): string {
  return (pod as { spec?: { nodeName?: string } }).spec?.nodeName ?? "";
}
