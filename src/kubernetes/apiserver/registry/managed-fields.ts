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

/** The object, the caller's own, with what this write changes owned by its manager. */
export function trackWrite(
  { clock }: { readonly clock: Clock },
  request: ResourceCall,
  live: KubeObject | undefined,
  object: KubeObject,
  fieldManager: string,
): KubeObject {
  const manager = managerOf(fieldManager, request.call.request.headers["user-agent"]);
  return trackUpdate(live, object, ownershipOf(request, manager, clock.now()));
}

/** The live object with a configuration applied. Throws Conflict where others own what it sets. */
export function applyTracked(
  { clock }: { readonly clock: Clock },
  request: ResourceCall,
  live: KubeObject | undefined,
  applied: KubeObject,
  { fieldManager, force }: { readonly fieldManager: string; readonly force: boolean },
): KubeObject {
  const wish: ApplyRequest = {
    ...ownershipOf(request, fieldManager, clock.now()),
    kind: request.resource.info.kind,
    force,
  };
  return applyServerSide(live, applied, wish);
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
