// What each node may read because of the pods that run on it. Started when the first kubelet asks; until then it costs nothing.

import { type PersistentVolume, type Pod, resources } from "#kubernetes/api";
import type { LiveObjects } from "../live-objects.ts";
import { mirrorCollection, type StoreMirror } from "../store-mirror.ts";
import { podReferences, volumeSecrets } from "./pod-references.ts";

export interface NodeIndex {
  /** Whether a pod on the node refers to the object (or is it). Resolves at once but for the first call. */
  isRelated(node: string, resource: string, namespace: string, name: string): Promise<boolean>;
  stop(): void;
}

export function createNodeIndex(objects: LiveObjects): NodeIndex {
  const pods = new PodTable();
  const volumes = new VolumeTable();
  let mirrors: readonly StoreMirror[] | undefined;
  const start = () => {
    mirrors ??= [
      mirrorCollection<Pod>(objects.collection(resources.pods), pods),
      mirrorCollection<PersistentVolume>(objects.collection(resources.persistentVolumes), volumes),
    ];
    return Promise.all(mirrors.map((mirror) => mirror.ready));
  };
  return {
    async isRelated(node, resource, namespace, name) {
      await start();
      if (resource === "persistentvolumes") {
        const claim = volumes.claimOf(name);
        return claim !== undefined && pods.has(node, `persistentvolumeclaims ${claim}`);
      }
      if (pods.has(node, `${resource} ${namespace}/${name}`)) return true;
      if (resource !== "secrets") return false;
      return volumes
        .claimsUsing(`${namespace}/${name}`)
        .some((claim) => pods.has(node, `persistentvolumeclaims ${claim}`));
    },
    stop() {
      for (const mirror of mirrors ?? []) mirror.stop();
    },
  };
}

/** Counts, per node, how many of its pods refer to an object. */
class PodTable {
  readonly #byPod = new Map<string, { readonly node: string; readonly references: ReadonlySet<string> }>();
  readonly #byNode = new Map<string, Map<string, number>>();

  put(key: string, pod: Pod): void {
    this.remove(key);
    const node = pod.spec?.nodeName;
    if (!node) return;
    const references = new Set([`pods ${key}`]);
    // Mirror pods are the kubelet's own writing: they give it nothing.
    if (!pod.metadata.annotations?.["kubernetes.io/config.mirror"]) {
      for (const [resource, name] of podReferences(pod))
        references.add(`${resource} ${pod.metadata.namespace}/${name}`);
    }
    this.#byPod.set(key, { node, references });
    let counts = this.#byNode.get(node);
    if (!counts) {
      counts = new Map();
      this.#byNode.set(node, counts);
    }
    for (const reference of references) counts.set(reference, (counts.get(reference) ?? 0) + 1);
  }

  remove(key: string): void {
    const pod = this.#byPod.get(key);
    if (!pod) return;
    this.#byPod.delete(key);
    const counts = this.#byNode.get(pod.node);
    for (const reference of pod.references) {
      const left = (counts?.get(reference) ?? 0) - 1;
      if (left > 0) counts?.set(reference, left);
      else counts?.delete(reference);
    }
    if (counts?.size === 0) this.#byNode.delete(pod.node);
  }

  has(node: string, reference: string): boolean {
    return this.#byNode.get(node)?.has(reference) ?? false;
  }
}

/** Volumes' claims and the Secrets their sources name. */
class VolumeTable {
  readonly #volumes = new Map<string, { readonly claim: string; readonly secrets: readonly string[] }>();

  put(key: string, volume: PersistentVolume): void {
    const claim = volume.spec?.claimRef;
    if (!volume.spec || !claim?.name) return void this.#volumes.delete(key);
    const secrets = volumeSecrets(volume.spec, claim.namespace ?? "");
    this.#volumes.set(key, { claim: `${claim.namespace}/${claim.name}`, secrets });
  }

  remove(key: string): void {
    this.#volumes.delete(key);
  }

  claimOf(volume: string): string | undefined {
    return this.#volumes.get(volume)?.claim;
  }

  claimsUsing(secret: string): string[] {
    return [...this.#volumes.values()].filter(({ secrets }) => secrets.includes(secret)).map(({ claim }) => claim);
  }
}
