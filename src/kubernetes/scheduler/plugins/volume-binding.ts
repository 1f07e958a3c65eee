// VolumeBinding: a pod goes where its volumes are or can be had; claims that wait for their first consumer are bound, or get their
// volume made, for the node it is placed on.

import { type PersistentVolumeClaim, resources } from "#kubernetes/api";
import { describeError } from "#shared";
import type { Plugin, PluginHandle } from "../framework.ts";
import { type Rejection, skip, success, unresolvable } from "../status.ts";
import { areBound, type BindingCheck, bindToClaim, writeVolumes } from "./volume-binding/bind-volumes.ts";
import {
  type Conflict,
  conflictReasons,
  findVolumes,
  type NodeVolumes,
  type StaticBinding,
  type VolumeSources,
  withSelectedNode,
} from "./volume-binding/find-volumes.ts";
import { volumeHints } from "./volume-binding/hints.ts";
import { type PodClaims, StorageState } from "./volume-binding/pod-claims.ts";
import { StorageWatch } from "./volume-binding/storage-watch.ts";
import { claimVolumesOf } from "./volumes/claims.ts";

export interface VolumeBindingArgs {
  /** How long PreBind waits for the volumes to be bound. Default 600. */
  readonly bindTimeoutSeconds?: number;
}

const name = "VolumeBinding";
const unbound = unresolvable(name, "pod has unbound immediate PersistentVolumeClaims");

interface PodVolumes {
  readonly claims: PodClaims;
  /** By node that would do, what the claims would get there; of the chosen one, as it is assumed. */
  readonly byNode: Map<string, NodeVolumes>;
}

export function createVolumeBinding(
  { bindTimeoutSeconds = 600 }: VolumeBindingArgs,
  { client, informers, clock }: Pick<PluginHandle, "client" | "informers" | "clock">,
): Plugin<PodVolumes> {
  const storage = new StorageState(informers);
  const watch = new StorageWatch(informers);
  const csiNodes = informers.informer(resources.csiNodes);
  const pods = informers.informer(resources.pods);
  const nodes = informers.informer(resources.nodes);
  const sources: VolumeSources = {
    classes: informers.informer(resources.storageClasses),
    drivers: informers.informer(resources.csiDrivers),
    capacities: informers.informer(resources.csiStorageCapacities),
    volume: (volumeName) => storage.volumes.get({ name: volumeName }),
    csiNode: (nodeName) => csiNodes.get({ name: nodeName }),
  };
  const check: BindingCheck = {
    storage,
    sources,
    isPodThere: (pod) => pods.get(pod) !== undefined,
    node: (nodeName) => nodes.get({ name: nodeName }),
  };
  const rejections = new Rejections();
  return {
    name,
    events: volumeHints,
    parallelPreBind: true,
    preFilter({ pod }) {
      if (claimVolumesOf(pod).length === 0) return skip;
      const problem = storage.problemOf(pod);
      if (problem !== undefined) return unresolvable(name, problem);
      const claims = storage.claimsOf(pod);
      return claims.immediate.length > 0 ? unbound : { code: "Success", state: { claims, byNode: new Map() } };
    },
    filter({ claims, byNode }, _pod, { node }) {
      const { conflicts, ...volumes } = findVolumes(claims, node!, sources);
      if (conflicts.length > 0) return rejections.of(conflicts);
      byNode.set(node!.metadata.name ?? "", volumes);
      return success;
    },
    reserve(state, _pod, nodeName) {
      const volumes = state?.byNode.get(nodeName);
      if (volumes) state!.byNode.set(nodeName, assume(volumes, nodeName, storage));
      return success;
    },
    unreserve(state, _pod, nodeName) {
      const volumes = state?.byNode.get(nodeName);
      if (volumes) restore(volumes, storage);
    },
    preBindPreFlight: (state) => (state && state.claims.delayed.length > 0 ? success : skip),
    async preBind(state, pod, nodeName, signal) {
      const volumes = state?.byNode.get(nodeName);
      if (!volumes) throw new Error(`no pod volume found for node "${nodeName}"`);
      const written = await writeVolumes(volumes, client, signal);
      const timeoutMs = bindTimeoutSeconds * 1000;
      try {
        await watch.until(() => areBound(pod, nodeName, written, check), { timeoutMs, clock, signal });
      } catch (error) {
        throw new Error(`binding volumes: ${describeError(error)}`, { cause: error });
      }
      return success;
    },
    async stop() {
      watch.stop();
    },
  };
}

/** Others must not take what this pod gets. Where something is not as it was, nothing is assumed. */
function assume({ bindings, provisions }: NodeVolumes, nodeName: string, storage: StorageState): NodeVolumes {
  const bound: StaticBinding[] = [];
  const asked: PersistentVolumeClaim[] = [];
  try {
    for (const { claim, volume } of bindings) {
      const assumed = bindToClaim(volume, claim);
      if (assumed !== volume) storage.volumes.assume(assumed);
      bound.push({ claim, volume: assumed });
    }
    for (const claim of provisions) {
      const assumed = withSelectedNode(claim, nodeName);
      storage.claims.assume(assumed);
      asked.push(assumed);
    }
  } catch (error) {
    restore({ bindings: bound, provisions: asked }, storage);
    throw error;
  }
  return { bindings: bound, provisions: asked };
}

function restore({ bindings, provisions }: NodeVolumes, { volumes, claims }: StorageState): void {
  for (const { volume } of bindings) volumes.restore(volume);
  for (const claim of provisions) claims.restore(claim);
}

/** Made once for each combination of reasons. */
class Rejections {
  readonly #known = new Map<string, Rejection>();

  of(conflicts: readonly Conflict[]): Rejection {
    const key = conflicts.join();
    let rejection = this.#known.get(key);
    if (!rejection) {
      rejection = unresolvable(name, ...conflicts.map((conflict) => conflictReasons[conflict]));
      this.#known.set(key, rejection);
    }
    return rejection;
  }
}
