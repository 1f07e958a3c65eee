// managedFields: who set which field. Every write goes through here before admission sees it.

import {
  type ApplyRequest,
  applyServerSide,
  formatApiVersion,
  type KubeObject,
  type RequestOwnership,
  trackUpdate,
} from "#kubernetes/api";
import type { Clock } from "#shared";
import { bodyKindOf } from "./bodies/body-kind.ts";
import type { ResourceCall } from "./context.ts";
import { formatTime } from "./object-meta.ts";
import { ownableFields } from "./ownable-fields.ts";
import { withConversions } from "./owned-conversions.ts";

/** The object, the caller's own, with what this write changes owned by its manager. */
export function trackWrite(
  { clock }: { readonly clock: Clock },
  request: ResourceCall,
  live: KubeObject | undefined,
  object: KubeObject,
  fieldManager: string,
): KubeObject | Promise<KubeObject> {
  const manager = managerOf(fieldManager, request.call.request.headers["user-agent"]);
  const ownership = ownershipOf(request, manager, clock.now());
  return settleOwners(request, ownership, (scope) => trackUpdate(live, object, scope));
}

/** The live object with a configuration applied. Throws Conflict where others own what it sets. */
export function applyTracked(
  { clock }: { readonly clock: Clock },
  request: ResourceCall,
  live: KubeObject | undefined,
  applied: KubeObject,
  { fieldManager, force }: { readonly fieldManager: string; readonly force: boolean },
): KubeObject | Promise<KubeObject> {
  const wish: ApplyRequest = {
    ...ownershipOf(request, fieldManager, clock.now()),
    kind: bodyKindOf(request.resource, request.subresource).kind,
    force,
  };
  return settleOwners(request, wish, (scope) => applyServerSide(live, applied, scope));
}

/** At once, unless versions are converted by others. */
function settleOwners<T extends RequestOwnership>(
  { resource }: ResourceCall,
  ownership: T,
  settle: (ownership: T) => KubeObject,
): KubeObject | Promise<KubeObject> {
  if (!resource.convertOwnedLater) return settle(ownership);
  return withConversions(resource.convertOwnedLater, (convert) => settle({ ...ownership, convert }));
}

function ownershipOf({ resource, subresource }: ResourceCall, manager: string, now: number): RequestOwnership {
  const body = bodyKindOf(resource, subresource);
  return {
    manager,
    subresource,
    now: formatTime(now),
    apiVersion: formatApiVersion(body),
    schema: body.schema,
    ownable: ownableFields(resource, subresource),
    convert: resource.convertOwned,
  };
}

/** The manager's name: the one asked for, else the user agent up to a slash, without what cannot be printed. */
export function managerOf(fieldManager: string, userAgent: string | undefined): string {
  if (fieldManager !== "") return fieldManager;
  const word = (userAgent ?? "").split("/")[0]!;
  return word.slice(0, 128).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, "");
}
