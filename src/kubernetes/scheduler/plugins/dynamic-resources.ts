// DynamicResources: pods that use ResourceClaims go where their claims' devices are or can be had; devices are given to the claims,
// and the pods noted as their users, before the pods are bound.

import {
  type AllocationResult,
  deepEqual,
  keyOf,
  type Node,
  type Pod,
  parseDuration,
  type ResourceV1ResourceClaim as ResourceClaim,
  resources,
} from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { describeError } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import { amountIn } from "../cluster/resource.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { skip, success, unresolvable, unschedulable } from "../status.ts";
import { type AllocationScene, allocate, type WishedClaim } from "./dynamic-resources/allocate.ts";
import { bindClaim, deallocateClaim } from "./dynamic-resources/bind-claim.ts";
import {
  hasBindingConditions,
  isBindingHopeless,
  longestBindingMs,
  waitForBinding,
} from "./dynamic-resources/binding-conditions.ts";
import { ClaimTracker } from "./dynamic-resources/claim-tracker.ts";
import { DeviceMatcher } from "./dynamic-resources/device-matcher.ts";
import { createFindClaims, type FindClaims, isFull, isUsedBy } from "./dynamic-resources/pod-claims.ts";
import { scoreAlternatives } from "./dynamic-resources/score-alternatives.ts";
import { createSliceSource } from "./dynamic-resources/slice-source.ts";
import { wishesOf } from "./dynamic-resources/wishes.ts";
import { createDeviceClassNames } from "./node-resources/device-class-names.ts";
import { type NodeMatcher, strictNodeSelectorMatcher } from "./node-selection.ts";
import { normalizeToMost } from "./normalize.ts";

const name = "DynamicResources";
const inUse = unresolvable(name, "resourceclaim in use");
const notHere = unresolvable(name, "resourceclaim not available on the node");
const notAllocated = unresolvable(name, "cannot allocate all claims");

const nothingToFree = unschedulable(name, "no new claims to deallocate");
const freed = unschedulable(name, "deallocation of ResourceClaim completed");
const stillNot = unschedulable(name, "still not schedulable");

export interface DynamicResourcesArgs {
  /** How long devices may take to be made ready, as Go writes durations. Default: 10m. */
  readonly bindingTimeout?: string;
}

interface ClaimsState {
  readonly claims: readonly ResourceClaim[];
  /** Those that have devices already, and where these can be used. */
  readonly settled: readonly { readonly claim: ResourceClaim; readonly matches: NodeMatcher }[];
  /** Those that have nothing yet. */
  readonly open: readonly WishedClaim[];
  /** By node, what the open ones would be given there, in order. */
  readonly byNode: Map<string, readonly AllocationResult[]>;
  /** Resources that device classes stand for on nodes that have none of them themselves. */
  readonly deviceResources: readonly string[];
  /** Those whose devices cannot be used somewhere, or are not made ready. */
  readonly unavailable: Set<ResourceClaim>;
  /** Claims that were written for this pod. */
  readonly bound: Set<ResourceClaim>;
}

export function createDynamicResources(
  { bindingTimeout }: DynamicResourcesArgs,
  { client, informers, clock, recordEvent }: Pick<PluginHandle, "client" | "informers" | "clock" | "recordEvent">,
): Plugin<ClaimsState, ClaimsState> {
  const classes = informers.informer(resources.deviceClasses);
  const classNames = createDeviceClassNames(informers);
  const findClaims = createFindClaims(informers);
  const tracker = new ClaimTracker(informers);
  const slices = createSliceSource(informers);
  const matcher = new DeviceMatcher();
  const scene: AllocationScene = {
    slices,
    matcher,
    clock,
    isInUse: (id) => tracker.isInUse(id),
    consumedOf: (id) => tracker.consumedOf(id),
  };
  const states = new WeakMap<PodInfo, ClaimsState>();
  const releases = new Set<Promise<void>>();
  const inBackground = (work: Promise<void>) => {
    const release = work.finally(() => releases.delete(release));
    releases.add(release);
  };
  const patience = {
    clock,
    timeoutMs: bindingTimeout === undefined ? longestBindingMs : parseDuration(bindingTimeout),
  };
  const claimInformer = informers.informer(resources.resourceClaims);
  const wish = (claim: ResourceClaim): WishedClaim => {
    const { namespace, name: claimName, uid = "" } = claim.metadata;
    if (tracker.isPending(uid)) {
      throw new Error(`resource claim ${namespace}/${claimName} is in the process of being allocated`);
    }
    return { claim, requests: wishesOf(claim, (className) => classes.get({ name: className })) };
  };
  const givenOn = ({ open, byNode }: ClaimsState, nodeName: string) =>
    (byNode.get(nodeName) ?? []).map((allocation, index) => ({ claim: open[index]!.claim, allocation }));
  return {
    name,
    events: [claimChanged(findClaims), nodeChanged, claimsGenerated, classChanged, sliceChanged],
    preEnqueue({ pod }) {
      try {
        findClaims(pod);
        return success;
      } catch (error) {
        return unresolvable(name, describeError(error));
      }
    },
    preFilter(pod) {
      states.set(pod, noClaims());
      const deviceResources = [...(pod.requests.scalars ?? [])]
        .filter(([resource, amount]) => amount > 0 && classNames.classOf(resource) !== undefined)
        .map(([resource]) => resource);
      if (!pod.pod.spec?.resourceClaims?.length && deviceResources.length === 0) return skip;
      try {
        const claims = findClaims(pod.pod);
        if (claims.length === 0 && deviceResources.length === 0) return skip;
        if (claims.some((claim) => isFull(claim) && !isUsedBy(claim, pod.uid))) return inUse;
        const open = claims.filter(({ status }) => !status?.allocation).map(wish);
        const settled = claims.filter(({ status }) => status?.allocation).map(whereUsable);
        const [unavailable, bound] = [new Set<ResourceClaim>(), new Set<ResourceClaim>()];
        const state = { claims, settled, open, byNode: new Map(), deviceResources, unavailable, bound };
        states.set(pod, state);
        return { code: "Success", state };
      } catch (error) {
        return unresolvable(name, describeError(error));
      }
    },
    filter({ settled, open, byNode, deviceResources, unavailable }, _pod, { node, allocatable }) {
      const missing = settled.filter(({ claim, matches }) => !matches(node!) || isBindingHopeless(claim, patience));
      for (const { claim } of missing) unavailable.add(claim);
      if (missing.length > 0) return notHere;
      if (deviceResources.some((resource) => amountIn(allocatable, resource) === 0)) return notAllocated;
      if (open.length === 0) return success;
      const given = allocate(node as Node, open, scene);
      if (!given) return notAllocated;
      byNode.set(node!.metadata.name ?? "", given);
      return success;
    },
    postFilter({ pod }) {
      const state = states.get(pod);
      // Another plug-in has refused the pod before this one was asked, which upstream tells so.
      if (!state) throw new Error("not found");
      if (state.claims.length === 0) return { status: nothingToFree };
      const idle = [...state.unavailable].find(({ status }) =>
        (status?.reservedFor ?? []).every(({ uid }) => uid === pod.uid),
      );
      if (!idle) return { status: stillNot };
      inBackground(deallocateClaim(client, idle));
      return { status: freed };
    },
    preScore(pod) {
      const state = states.get(pod);
      const hasAlternatives = state?.claims.some(({ spec }) =>
        spec.devices?.requests?.some(({ firstAvailable }) => firstAvailable?.length),
      );
      return hasAlternatives ? { code: "Success", state: state! } : skip;
    },
    score(state, _pod, { name: nodeName }) {
      const given = new Map(givenOn(state, nodeName).map(({ claim, allocation }) => [claim, allocation]));
      return scoreAlternatives(state.claims, (claim) => claim.status?.allocation ?? given.get(claim));
    },
    normalizeScores: (scores) => normalizeToMost(scores),
    reserve(state, _pod, nodeName) {
      if (!state) return success;
      for (const { claim, allocation } of givenOn(state, nodeName)) {
        tracker.reserve(claim.metadata.uid ?? "", allocation);
      }
      return success;
    },
    unreserve(state, pod, nodeName) {
      if (!state) return;
      for (const { claim } of givenOn(state, nodeName)) {
        if (!state.bound.has(claim)) tracker.release(claim.metadata.uid ?? "");
      }
      for (const claim of state.bound) inBackground(releaseClaim(client, claim, pod));
    },
    preBindPreFlight: (state) => (state ? success : skip),
    parallelPreBind: true,
    async preBind(state, pod, nodeName, signal) {
      const given = new Map(givenOn(state!, nodeName).map(({ claim, allocation }) => [claim, allocation]));
      const bound: ResourceClaim[] = [];
      for (const claim of state!.claims) {
        const binding = { pod, allocation: given.get(claim), nowMs: clock.now(), signal };
        bound.push(isUsedBy(claim, pod.uid) ? claim : await bindClaim(client, claim, binding));
        state!.bound.add(claim);
      }
      if (!bound.some(hasBindingConditions)) return success;
      const note = `waiting for binding conditions for device on node ${nodeName}`;
      recordEvent({ pod, type: "Normal", reason: "BindingConditionsPending", action: "Scheduling", note });
      await waitForBinding(bound, claimInformer, { ...patience, signal });
      return success;
    },
    async stop() {
      tracker.stop();
      await Promise.all(releases);
    },
  };
}

function noClaims(): ClaimsState {
  const nothing = { claims: [], settled: [], open: [], deviceResources: [] };
  return { ...nothing, byNode: new Map(), unavailable: new Set(), bound: new Set() };
}

function whereUsable(claim: ResourceClaim): { claim: ResourceClaim; matches: NodeMatcher } {
  const { nodeSelector } = claim.status?.allocation ?? {};
  return { claim, matches: nodeSelector ? strictNodeSelectorMatcher(nodeSelector) : () => true };
}

/** The pod is no user any more; where that cannot be written, the pod's own end will free the claim. */
async function releaseClaim(client: Client, { metadata }: ResourceClaim, { uid }: PodInfo): Promise<void> {
  const body = { metadata: { uid: metadata.uid }, status: { reservedFor: [{ $patch: "delete", uid }] } };
  const patch = { type: "strategic", body } as const;
  const options = { subresource: "status" };
  await client.patch(resources.resourceClaims, keyOf({ metadata }), patch, options).catch(() => {});
}

const nodeChanged: EventInterest = { resource: "Node", actions: ["Add", "UpdateNodeLabel", "UpdateNodeAllocatable"] };
const classChanged: EventInterest = { resource: "resource.k8s.io/DeviceClass", actions: ["Add", "Update"] };
const sliceChanged: EventInterest = { resource: "resource.k8s.io/ResourceSlice", actions: ["Add", "Update"] };

/** Any claim that gives devices back may help; else only a pod's own. */
function claimChanged(findClaims: FindClaims): EventInterest<ResourceClaim> {
  return {
    resource: "resource.k8s.io/ResourceClaim",
    actions: ["Add", "Update"],
    isWorthTrying(pod, old, now) {
      try {
        const claims = findClaims(pod);
        if (old?.status?.allocation && !now?.status?.allocation) return true;
        const isOwn = claims.some(({ metadata }) => metadata.uid === now?.metadata.uid);
        return isOwn && !(old && deepEqual(old.status, now?.status));
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
