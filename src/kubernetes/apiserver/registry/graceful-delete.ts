// The grace a DELETE leaves an object of a kind that ends gracefully (upstream's rest.BeforeDelete), and its preconditions.

import { conflict, type DeleteOptions, type KubeObject, type ObjectMeta } from "#kubernetes/api";
import { formatTime } from "./object-meta.ts";
import type { ServedResource } from "./resources/served-resource.ts";

export type Grace =
  /** The kind knows no grace, or it has run out. */
  | { readonly kind: "immediate" }
  /** It is already on its way out, and this request does not hasten it. */
  | { readonly kind: "pending" }
  /** To be marked by this metadata; with 0 seconds it goes right after. */
  | { readonly kind: "graceful"; readonly seconds: number; readonly metadata: ObjectMeta };

/** Throws Conflict where the object is not the one that was meant. */
export function checkPreconditions(resource: ServedResource, object: KubeObject, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  // The kind stands where a resource is named, as upstream has it here.
  const subject = { group: resource.info.group, resource: resource.info.kind };
  if (uid !== undefined && uid !== metadata.uid) {
    const why = `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`;
    throw conflict(subject, metadata.name ?? "", why);
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    const why = `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`;
    throw conflict(subject, metadata.name ?? "", why);
  }
}

export function beginGracefulDelete(
  resource: ServedResource,
  object: KubeObject,
  options: DeleteOptions,
  now: number,
): Grace {
  const graceOf = resource.definition.gracePeriodSeconds;
  if (!graceOf) return { kind: "immediate" };
  const asked = options.gracePeriodSeconds;
  const requested = asked !== undefined && asked < 0 ? 1 : asked;
  const { metadata } = object;
  if (metadata.deletionTimestamp !== undefined)
    return shortenGrace(metadata, metadata.deletionTimestamp, requested, now);
  const seconds = graceOf(object as never, requested);
  const marked: ObjectMeta = {
    ...metadata,
    deletionTimestamp: formatTime(now + seconds * 1000),
    deletionGracePeriodSeconds: seconds,
  };
  if (metadata.generation) marked.generation = metadata.generation + 1;
  return { kind: "graceful", seconds, metadata: marked };
}

/** A second DELETE may only shorten what is left. */
function shortenGrace(
  metadata: ObjectMeta,
  deletionTimestamp: string,
  requested: number | undefined,
  now: number,
): Grace {
  const current = Math.max(metadata.deletionGracePeriodSeconds ?? 0, 0);
  if (current === 0) return { kind: "immediate" };
  if (requested === undefined || requested >= current) return { kind: "pending" };
  const wished = Date.parse(deletionTimestamp) - current * 1000 + requested * 1000;
  // Asked for some grace that is already over: the least there is, so that whoever ends it still gets to.
  const seconds = wished < now && requested !== 0 ? 1 : requested;
  return {
    kind: "graceful",
    seconds,
    metadata: {
      ...metadata,
      deletionTimestamp: formatTime(Math.max(wished, now)),
      deletionGracePeriodSeconds: seconds,
    },
  };
}
