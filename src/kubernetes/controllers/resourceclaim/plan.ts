// Which claims for devices a pod still needs, and which consumers of a claim are over. Pure.

import type {
  ResourceV1ResourceClaim as DeviceClaim,
  Pod,
  PodResourceClaim,
  ResourceClaimConsumerReference,
  ResourceClaimTemplate,
} from "#kubernetes/api";
import { isPodFinished } from "../pods/pod-state.ts";

export const claimAnnotation = "resource.kubernetes.io/pod-claim-name";
export const finalizer = "resource.kubernetes.io/delete-protection";

/** It has run, or never will. */
export function isPodOver(pod: Pod): boolean {
  return isPodFinished(pod) || (pod.metadata.deletionTimestamp !== undefined && !pod.spec?.nodeName);
}

export type ClaimName =
  | { readonly kind: "named"; readonly name: string; readonly isGenerated: boolean }
  /** The pod's status says that none is needed. */
  | { readonly kind: "none" }
  | { readonly kind: "missing" };

/** The claim behind an entry of a pod's spec. */
export function claimNameOf({ status }: Pod, entry: PodResourceClaim): ClaimName {
  if (entry.resourceClaimName !== undefined)
    return { kind: "named", name: entry.resourceClaimName, isGenerated: false };
  const noted = status?.resourceClaimStatuses?.find(({ name }) => name === entry.name);
  if (!noted) return { kind: "missing" };
  const { resourceClaimName } = noted;
  return resourceClaimName === undefined
    ? { kind: "none" }
    : { kind: "named", name: resourceClaimName, isGenerated: true };
}

export function ownerPodOf({ metadata }: DeviceClaim): { readonly name: string; readonly uid: string } | undefined {
  const owner = metadata.ownerReferences?.find(({ controller }) => controller);
  return owner?.kind === "Pod" && owner.apiVersion === "v1" ? owner : undefined;
}

/** The entries of a pod for which a claim is to be made (or found, if it was made and not noted). */
export function entriesToFill(pod: Pod, claimOf: (name: string) => DeviceClaim | undefined): PodResourceClaim[] {
  return (pod.spec?.resourceClaims ?? []).filter((entry) => {
    if (entry.resourceClaimTemplateName === undefined) return false;
    const found = claimNameOf(pod, entry);
    if (found.kind !== "named") return found.kind === "missing";
    const claim = claimOf(found.name);
    return !claim || ownerPodOf(claim)?.uid !== pod.metadata.uid;
  });
}

/** Room is left for what the server appends. */
const longestBase = 57;

export function claimFromTemplate(pod: Pod, entry: PodResourceClaim, template: ResourceClaimTemplate): DeviceClaim {
  const { name: podName = "", namespace = "", uid = "" } = pod.metadata;
  const { metadata = {}, spec } = template.spec;
  const base = `${podName}-${entry.name}-`;
  const cut = (text: string, length: number) => text.slice(0, Math.floor((text.length * longestBase) / length));
  const shortPod = cut(podName, base.length);
  const shortBase = `${shortPod}-${cut(entry.name, base.length)}`;
  return {
    metadata: {
      generateName: base.length > longestBase ? shortBase : base,
      namespace,
      ownerReferences: [{ apiVersion: "v1", kind: "Pod", name: podName, uid, controller: true }],
      annotations: { ...metadata.annotations, [claimAnnotation]: entry.name },
      ...(metadata.labels && { labels: { ...metadata.labels } }),
    },
    spec: structuredClone(spec),
  };
}

const mostConsumers = 256;

/** The claim with this pod among its consumers; undefined where it is, or cannot be. */
export function reservedForPod(claim: DeviceClaim, { metadata }: Pod): DeviceClaim | undefined {
  const { name = "", uid = "" } = metadata;
  const { reservedFor = [], allocation } = claim.status ?? {};
  const isReserved = reservedFor.some((consumer) => consumer.uid === uid);
  if (!allocation || isReserved || reservedFor.length >= mostConsumers) return undefined;
  return { ...claim, status: { ...claim.status, reservedFor: [...reservedFor, { resource: "pods", name, uid }] } };
}

export interface ClaimPlan {
  /** The claim with another status. */
  readonly status: DeviceClaim | undefined;
  /** It is not allocated any more, so nothing is lost with it. */
  readonly dropsFinalizer: boolean;
  /** It was made for a pod that does not need it. */
  readonly isUseless: boolean;
}

/** @param owner The pod it was made for: what is known of it; undefined where that is nothing. */
export function planClaim(
  claim: DeviceClaim,
  remaining: readonly ResourceClaimConsumerReference[],
  owner: Pod | undefined,
): ClaimPlan {
  const { reservedFor = [], allocation, ...rest } = claim.status ?? {};
  const isProtected = claim.metadata.finalizers?.includes(finalizer) ?? false;
  const isFree = remaining.length === 0;
  const hasLost = remaining.length < reservedFor.length;
  const isGoing = claim.metadata.deletionTimestamp !== undefined && isFree;
  const deallocates = isProtected && allocation !== undefined && isFree && (hasLost || isGoing);
  const kept = { ...rest, ...(!isFree && { reservedFor: [...remaining] }) };
  const status = { ...kept, ...(allocation && !deallocates && { allocation }) };
  const made = ownerPodOf(claim);
  return {
    status: hasLost || deallocates ? { ...claim, status } : undefined,
    dropsFinalizer: isProtected && isFree && (hasLost || isGoing) && (deallocates || allocation === undefined),
    isUseless:
      isFree && made !== undefined && owner !== undefined && (owner.metadata.uid !== made.uid || isPodOver(owner)),
  };
}
