// Resources that are served in two versions but stored in one: how a stored object looks in the other, and back.

import type { KubeObject, ResourceInfo } from "#kubernetes/api";
import type { StoredObject } from "#kubernetes/store";
import { coreEventToNew, newEventToCore } from "./event.ts";
import { hpaToV1, hpaToV2 } from "./horizontal-pod-autoscaler.ts";

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
  "autoscaling/v1/horizontalpodautoscalers": { fromStored: hpaToV1, toStored: hpaToV2 },
  "events.k8s.io/v1/events": { fromStored: coreEventToNew, toStored: newEventToCore },
};

/** Undefined where objects are stored as they are served. */
export function versionPairOf(info: ResourceInfo): VersionPair | undefined {
  const conversion = conversions[`${info.group}/${info.version}/${info.resource}`];
  if (!conversion) return undefined;
  return { show: rememberViews(conversion.fromStored), toStored: conversion.toStored };
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
