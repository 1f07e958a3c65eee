// What every decoded object of a resource goes through before anybody looks at it: the defaults of its kind.

import { type KubeObject, setDefaults, type UnknownObject } from "#kubernetes/api";
import type { ServedResource } from "../resources/served-resource.ts";

/** Sets defaults in an object of the resource, in place. */
export function settleObject(resource: ServedResource, object: KubeObject): void {
  if (resource.custom) resource.custom.setDefaults(object);
  else setDefaults(object as UnknownObject);
}
