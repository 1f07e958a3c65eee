// The claims of a pod, as they are now.

import {
  type Pod,
  type PodResourceClaim,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { notFoundMessage } from "../volumes/claims.ts";

/** So many pods may use a claim. */
const mostUsers = 256;

/** Each claim once, however often the pod names it. Throws an Error where a claim is missing or is another pod's. */
export type FindClaims = (pod: Pod) => ResourceClaim[];

export function createFindClaims(informers: InformerSet): FindClaims {
  const informer = informers.informer(resources.resourceClaims);
  return (pod) => {
    const found = (pod.spec?.resourceClaims ?? []).flatMap((podClaim) => {
      const name = claimNameOf(pod, podClaim);
      if (name === undefined) return [];
      const claim = informer.get({ namespace: pod.metadata.namespace, name });
      if (!claim) throw new Error(notFoundMessage("resourceclaim.resource.k8s.io", name));
      const problem = problemOf(claim, pod, podClaim.resourceClaimTemplateName !== undefined);
      if (problem !== undefined) throw new Error(problem);
      return [claim];
    });
    return [...new Set(found)];
  };
}

export function isFull({ status }: ResourceClaim): boolean {
  return (status?.reservedFor?.length ?? 0) >= mostUsers;
}

export function isUsedBy({ status }: ResourceClaim, uid: string): boolean {
  return status?.reservedFor?.some((user) => user.uid === uid) ?? false;
}

/** undefined where the pod turned out to need none. Throws where it has not been made yet. */
function claimNameOf({ metadata, status }: Pod, podClaim: PodResourceClaim): string | undefined {
  if (podClaim.resourceClaimName !== undefined) return podClaim.resourceClaimName;
  const made = status?.resourceClaimStatuses?.find((one) => one.name === podClaim.name);
  if (made) return made.resourceClaimName;
  throw new Error(`pod "${metadata.namespace}/${metadata.name}": ResourceClaim not created yet`);
}

function problemOf({ metadata }: ResourceClaim, pod: Pod, isGenerated: boolean): string | undefined {
  if (metadata.deletionTimestamp !== undefined) return `resourceclaim "${metadata.name}" is being deleted`;
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  if (!isGenerated || owner?.uid === pod.metadata.uid) return undefined;
  const { namespace, name: podName } = pod.metadata;
  const claim = `ResourceClaim ${metadata.namespace}/${metadata.name}`;
  return `${claim} was not created for Pod ${namespace}/${podName} (Pod is not owner)`;
}
