// DynamicResources: pods that use ResourceClaims go where what was allocated to these can be used, and are noted as their users.
// Allocating devices is not done here yet: a claim that has none fits on no node, as on a cluster whose nodes have no devices.

import {
  isConflict,
  type Pod,
  type PodResourceClaim,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import { describeError } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import { amountIn } from "../cluster/resource.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { skip, success, unresolvable } from "../status.ts";
import { createDeviceClassNames } from "./node-resources/device-class-names.ts";
import { type NodeMatcher, strictNodeSelectorMatcher } from "./node-selection.ts";
import { notFoundMessage } from "./volumes/claims.ts";

const name = "DynamicResources";
const inUse = unresolvable(name, "resourceclaim in use");
const notHere = unresolvable(name, "resourceclaim not available on the node");
const notAllocated = unresolvable(name, "cannot allocate all claims");

/** So many pods may use a claim. */
const mostUsers = 256;
const mostTries = 5;

interface ClaimsState {
  readonly claims: readonly ResourceClaim[];
  /** Where all that is allocated can be used. */
  readonly matchers: readonly NodeMatcher[];
  readonly isAllAllocated: boolean;
  /** Resources that device classes stand for on nodes that have none of them themselves. */
  readonly deviceResources: readonly string[];
}

export function createDynamicResources(
  _args: object,
  { client, informers }: Pick<PluginHandle, "client" | "informers">,
): Plugin<ClaimsState> {
  const informer = informers.informer(resources.resourceClaims);
  const deviceClasses = createDeviceClassNames(informers);
  const findClaims = (pod: Pod): ResourceClaim[] =>
    (pod.spec?.resourceClaims ?? []).flatMap((podClaim) => {
      const claimName = claimNameOf(pod, podClaim);
      if (claimName === undefined) return [];
      const claim = informer.get({ namespace: pod.metadata.namespace, name: claimName });
      if (!claim) throw new Error(notFoundMessage("resourceclaim.resource.k8s.io", claimName));
      const isGenerated = podClaim.resourceClaimTemplateName !== undefined;
      const problem = problemOf(claim, pod, isGenerated);
      if (problem !== undefined) throw new Error(problem);
      return [claim];
    });
  const reserve = async ({ namespace, name: podName, uid }: PodInfo, claim: ResourceClaim, signal: AbortSignal) => {
    const user = { resource: "pods", name: podName, uid };
    const key = { namespace, name: claim.metadata.name ?? "" };
    for (let tries = 1, current = claim; !isUsedBy(current, uid); tries++) {
      const status = { ...current.status, reservedFor: [...(current.status?.reservedFor ?? []), user] };
      try {
        await client.update(resources.resourceClaims, { ...current, status }, { subresource: "status", signal });
        return;
      } catch (error) {
        if (!isConflict(error) || tries === mostTries) throw error;
        current = await client.get(resources.resourceClaims, key, { signal });
        if (!current.status?.allocation) throw new Error(`claim ${key.name} got deallocated elsewhere in the meantime`);
      }
    }
  };
  return {
    name,
    events: [
      claimChanged((pod) => findClaims(pod)),
      { resource: "Node", actions: ["Add", "UpdateNodeLabel"] },
      claimsGenerated,
    ],
    preEnqueue({ pod }) {
      try {
        findClaims(pod);
        return success;
      } catch (error) {
        return unresolvable(name, describeError(error));
      }
    },
    preFilter({ pod, uid, requests }) {
      const deviceResources = [...(requests.scalars ?? [])]
        .filter(([resource, amount]) => amount > 0 && deviceClasses.classOf(resource) !== undefined)
        .map(([resource]) => resource);
      if (!pod.spec?.resourceClaims?.length && deviceResources.length === 0) return skip;
      let claims: readonly ResourceClaim[];
      try {
        claims = findClaims(pod);
      } catch (error) {
        return unresolvable(name, describeError(error));
      }
      if (claims.length === 0 && deviceResources.length === 0) return skip;
      if (claims.some((claim) => isFull(claim) && !isUsedBy(claim, uid))) return inUse;
      const allocations = claims.map(({ status }) => status?.allocation);
      const selectors = allocations.flatMap((allocation) => allocation?.nodeSelector ?? []);
      const matchers = selectors.map(strictNodeSelectorMatcher);
      const isAllAllocated = !allocations.includes(undefined);
      return { code: "Success", state: { claims, matchers, isAllAllocated, deviceResources } };
    },
    filter({ matchers, isAllAllocated, deviceResources }, _pod, { node, allocatable }) {
      if (!matchers.every((matches) => matches(node!))) return notHere;
      const needsDevices = deviceResources.some((resource) => amountIn(allocatable, resource) === 0);
      return isAllAllocated && !needsDevices ? success : notAllocated;
    },
    preBindPreFlight: (state) => (state ? success : skip),
    async preBind(state, pod, _nodeName, signal) {
      for (const claim of state?.claims ?? []) await reserve(pod, claim, signal);
      return success;
    },
  };
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

function isFull({ status }: ResourceClaim): boolean {
  return (status?.reservedFor?.length ?? 0) >= mostUsers;
}

function isUsedBy({ status }: ResourceClaim, uid: string): boolean {
  return status?.reservedFor?.some((user) => user.uid === uid) ?? false;
}

function claimChanged(findClaims: (pod: Pod) => readonly ResourceClaim[]): EventInterest<ResourceClaim> {
  return {
    resource: "resource.k8s.io/ResourceClaim",
    actions: ["Add", "Update"],
    isWorthTrying(pod, _old, now) {
      try {
        return findClaims(pod).some(({ metadata }) => metadata.uid === now?.metadata.uid);
      } catch {
        return false;
      }
    },
  };
}

const claimsGenerated: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["UpdatePodGeneratedResourceClaim"],
  isWorthTrying: (pod, _old, now) => now?.metadata.uid === pod.metadata.uid,
};
