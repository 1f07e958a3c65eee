// The device taint eviction controller: deletes pods that use tainted devices, as soon as their claims stop tolerating that.

import {
  type Device,
  type DeviceRequestAllocationResult,
  formatKey,
  isNotFound,
  keyOf,
  type Pod,
  parseKey,
  type ResourceV1ResourceClaim as ResourceClaim,
  type ResourceSlice,
  resources,
} from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  type Watch,
  watch,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { disruptionTarget, patchPodStatus } from "../pods/disruption-target.ts";
import { evictionTime, type FindDevice } from "./plan.ts";

const workers = 8;
const poolIndex = "devicePool";
const userIndex = "user";

export function createDeviceTaintEvictionController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const claims = informers.informer(resources.resourceClaims);
  const slices = informers.informer(resources.resourceSlices);
  const pods = informers.informer(resources.pods);
  claims.addIndex(poolIndex, poolsOfClaim);
  claims.addIndex(userIndex, usersOfClaim);
  slices.addIndex(poolIndex, poolsOfSlice);
  const events = context.recorder("device-taint-eviction-controller");
  /** The claims that will evict a pod, by its uid. */
  const pending = new Map<string, Set<string>>();

  const isUser = (pod: Pod, { status }: ResourceClaim) =>
    pod.spec?.nodeName &&
    !pod.metadata.deletionTimestamp &&
    status?.reservedFor?.some(({ uid }) => uid === pod.metadata.uid);
  const tell = (pod: Pod, message: string) =>
    events.normal(referenceTo(resources.pods, pod), "DeviceTaintManagerEviction", message);

  const callOff = (key: string, claim: ResourceClaim | undefined) => {
    for (const [uid, keys] of pending) {
      if (!keys.delete(key) || keys.size > 0) continue;
      pending.delete(uid);
      const user = claim?.status?.reservedFor?.find((one) => one.uid === uid);
      const pod = user && pods.get({ namespace: claim!.metadata.namespace ?? "", name: user.name });
      if (pod && isUser(pod, claim!)) tell(pod, "Cancelling deletion");
    }
  };

  const evict = async (pod: Pod, { clock, signal }: ReconcileContext) => {
    tell(pod, "Marking for deletion");
    const why = {
      reason: "DeletionByDeviceTaintManager",
      message: "Device Taint manager: deleting due to NoExecute taint",
    };
    const condition = disruptionTarget(pod, why, clock.now());
    try {
      if (condition) await patchPodStatus(client, pod, { conditions: [condition] }, signal);
      const { uid } = pod.metadata;
      await client.delete(resources.pods, keyOf(pod), { ...(uid !== undefined && { preconditions: { uid } }), signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  const reconcile = async (key: string, reconcileContext: ReconcileContext): Promise<ReconcileResult> => {
    const claim = claims.get(parseKey(key));
    const whenMs = claim && evictionTime(claim, deviceFinder(slices));
    if (!claim || whenMs === undefined) {
      callOff(key, claim);
      return done;
    }
    const users = (claim.status?.reservedFor ?? []).flatMap(({ name }) => {
      const pod = pods.get({ namespace: claim.metadata.namespace ?? "", name });
      return pod && isUser(pod, claim) ? [pod] : [];
    });
    const waitMs = whenMs - reconcileContext.clock.now();
    for (const pod of users) {
      const uid = pod.metadata.uid ?? "";
      if (waitMs > 0) pending.set(uid, (pending.get(uid) ?? new Set()).add(key));
      else {
        await evict(pod, reconcileContext);
        pending.delete(uid);
      }
    }
    return waitMs > 0 && users.length > 0 ? requeueAfter(waitMs) : done;
  };

  return createController({
    ...context,
    name: "device-taint-eviction-controller",
    workers,
    reconcile,
    watches: [watchClaims(claims), watchSlices(slices, claims), watchPods(pods, claims)],
  });
}

function deviceFinder(slices: Informer<ResourceSlice>): FindDevice {
  return ({ driver, pool, device }) => {
    let found: { readonly device: Device; readonly generation: number } | undefined;
    for (const { spec } of slices.byIndex(poolIndex, `${driver}/${pool}`)) {
      const one = spec.devices?.find(({ name }) => name === device);
      const { generation } = spec.pool;
      if (one && generation > (found?.generation ?? -1)) found = { device: one, generation };
    }
    return found?.device;
  };
}

function poolsOfClaim({ status }: ResourceClaim): string[] {
  const results: readonly DeviceRequestAllocationResult[] = status?.allocation?.devices?.results ?? [];
  return [...new Set(results.map(({ driver, pool }) => `${driver}/${pool}`))];
}

function usersOfClaim({ status }: ResourceClaim): string[] {
  return (status?.reservedFor ?? []).map(({ uid }) => uid);
}

function poolsOfSlice({ spec }: ResourceSlice): string[] {
  return [`${spec.driver}/${spec.pool.name}`];
}

function watchClaims(claims: Informer<ResourceClaim>): Watch {
  return watch(claims, (queue) => {
    const add = (claim: ResourceClaim) => {
      if (claim.status?.allocation) queue.add(formatKey(keyOf(claim)));
    };
    const addEither = (claim: ResourceClaim, old: ResourceClaim) => add(claim.status?.allocation ? claim : old);
    return { added: add, updated: addEither, deleted: add };
  });
}

function watchSlices(slices: Informer<ResourceSlice>, claims: Informer<ResourceClaim>): Watch {
  return watch(slices, (queue) => {
    const addUsers = (slice: ResourceSlice) => {
      for (const pool of poolsOfSlice(slice)) {
        for (const claim of claims.byIndex(poolIndex, pool)) queue.add(formatKey(keyOf(claim)));
      }
    };
    return { added: addUsers, updated: addUsers, deleted: addUsers };
  });
}

function watchPods(pods: Informer<Pod>, claims: Informer<ResourceClaim>): Watch {
  return watch(pods, (queue) => {
    const addClaims = ({ metadata }: Pod) => {
      for (const claim of claims.byIndex(userIndex, metadata.uid ?? "")) queue.add(formatKey(keyOf(claim)));
    };
    return {
      added: (pod) => {
        if (pod.spec?.nodeName && pod.spec.resourceClaims?.length) addClaims(pod);
      },
      updated: (pod, old) => {
        if (pod.spec?.nodeName && !old.spec?.nodeName && pod.spec.resourceClaims?.length) addClaims(pod);
      },
    };
  });
}
