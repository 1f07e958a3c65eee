// Resources that are served in two versions but stored in one: how a stored object looks in the other, and back.

import {
  autoscalerToV1,
  autoscalerToV2,
  type ConvertVersion,
  eventToCore,
  eventToNew,
  formatApiVersion,
  type KubeObject,
  parseApiVersion,
  type ResourceInfo,
  schemaOfKind,
} from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";

export interface VersionPair {
  readonly show: (stored: StoredObject) => StoredObject;
  readonly toStored: (object: KubeObject) => KubeObject;
}

interface Conversion {
  readonly fromStored: (object: KubeObject) => KubeObject;
  readonly toStored: (object: KubeObject) => KubeObject;
}

/** The versions that are not the stored one. */
const conversions: Readonly<Record<string, Conversion>> = {
  "autoscaling/v1/horizontalpodautoscalers": {
    fromStored: (object) => autoscalerToV1(whole(object)),
    toStored: (object) => autoscalerToV2(whole(object)),
  },
  "events.k8s.io/v1/events": {
    fromStored: (object) => eventToNew(object as never),
    toStored: (object) => eventToCore(object as never),
  },
};

/** The apiVersions of one kind, that of the stored form first. */
const versionsOf: Readonly<Record<string, readonly string[]>> = {
  HorizontalPodAutoscaler: ["autoscaling/v2", "autoscaling/v1"],
  Event: ["v1", "events.k8s.io/v1"],
};

/** Configurations of autoscalers that are applied may lack what decoding always writes. */
function whole<T>(object: KubeObject): T {
  return { spec: {}, status: {}, ...object } as T;
}

/** Undefined where objects are stored as they are served. */
export function versionPairOf(info: ResourceInfo): VersionPair | undefined {
  const conversion = conversions[`${info.group}/${info.version}/${info.resource}`];
  if (!conversion) return undefined;
  return { show: rememberViews(conversion.fromStored), toStored: conversion.toStored };
}

/** Objects of the kind at each of its versions, for fields owned at another; undefined where all versions are alike. */
export function convertOwnedOf(info: ResourceInfo): ConvertVersion | undefined {
  const versions = versionsOf[info.kind];
  const own = formatApiVersion(info);
  if (!versions?.includes(own)) return undefined;
  return (object, apiVersion) => {
    const { group, version } = parseApiVersion(apiVersion);
    const schema = schemaOfKind(group, version, info.kind);
    if (!schema || !versions.includes(apiVersion)) return undefined;
    if (apiVersion === own) return { object, schema };
    const conversion = conversionOf(own === versions[0] ? apiVersion : own, info.resource);
    const convert = own === versions[0] ? conversion.fromStored : conversion.toStored;
    return { object: withoutAdded(object, convert(object as unknown as KubeObject)), schema };
  };
}

function conversionOf(apiVersion: string, resource: string): Conversion {
  return conversions[`${apiVersion}/${resource}`]!;
}

/** The parts that were made up to convert the object go again. */
function withoutAdded(object: object, converted: KubeObject): Record<string, unknown> {
  const result: Record<string, unknown> = { ...converted };
  for (const part of ["spec", "status"]) if (!(part in object)) delete result[part];
  return result;
}

/** Shows a stored object in another form; the same stored object always gives the same view. */
export function rememberViews(convert: (object: KubeObject) => KubeObject): (stored: StoredObject) => StoredObject {
  const views = new WeakMap<StoredObject, StoredObject>();
  return (stored) => {
    let view = views.get(stored);
    if (!view) {
      view = new ConvertedObject(stored, convert);
      views.set(stored, view);
    }
    return view;
  };
}

/** A stored object in another form, made on first use. */
class ConvertedObject implements StoredObject {
  readonly key: string;
  readonly revision: number;
  readonly #stored: StoredObject;
  readonly #convert: (object: KubeObject) => KubeObject;
  #object: KubeObject | undefined;
  #bytes: Uint8Array | undefined;

  constructor(stored: StoredObject, convert: (object: KubeObject) => KubeObject) {
    this.key = stored.key;
    this.revision = stored.revision;
    this.#stored = stored;
    this.#convert = convert;
  }

  get object(): KubeObject {
    this.#object ??= this.#convert(this.#stored.object);
    return this.#object;
  }

  get bytes(): Uint8Array {
    this.#bytes ??= Buffer.from(JSON.stringify(this.object));
    return this.#bytes;
  }
}
