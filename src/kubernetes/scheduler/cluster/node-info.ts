// A node with what runs on it, summed up, so that a filter or a score looks at numbers and not at pods.

import { equalJson, type Labels, type Node } from "#kubernetes/api";
import { HostPorts } from "./host-ports.ts";
import type { ImageState } from "./image-states.ts";
import { equalLabels, type PodInfo } from "./pod-info.ts";
import { addResource, copyResource, emptyResource, type Resource, resourceOfList } from "./resource.ts";

const noImages: ReadonlyMap<string, ImageState> = new Map();

/** Changed only by the cluster cache, and by whoever made a copy of it. */
export class NodeInfo {
  readonly name: string;
  /** A small number of its own while the node is there, for arrays by node. */
  readonly slot: number;
  /** Grows with every change; no two states of any nodes have the same. */
  generation = 0;
  /** Grows when a pod is replaced by a later state of it that is the same to filters and scores. */
  replacements = 0;
  /** undefined where pods name a node that is not (or no longer) there. */
  node: Node | undefined;
  allocatable: Resource = emptyResource();
  requested: Resource = emptyResource();
  nonZeroCPU = 0;
  nonZeroMemory = 0;
  hostPorts: HostPorts | undefined;
  images: ReadonlyMap<string, ImageState> = noImages;
  pods: PodInfo[] = [];
  /** How many of the pods have a pod affinity or anti-affinity section. */
  podsWithAffinity = 0;
  /** The neighbours in the cache's list of nodes by change; the cache's own business. */
  newer: NodeInfo | undefined;
  older: NodeInfo | undefined;

  constructor(name: string, slot: number) {
    this.name = name;
    this.slot = slot;
  }

  get labels(): Labels | undefined {
    return this.node?.metadata.labels;
  }

  setNode(node: Node): void {
    this.allocatable = resourceOfList(node.status?.allocatable);
    this.node = node;
  }

  addPod(pod: PodInfo): void {
    this.pods.push(pod);
    this.#count(pod, 1);
  }

  /** Takes the pod with this uid out; answers it, or undefined where it is not here. */
  removePod(uid: string): PodInfo | undefined {
    const at = this.#indexOf(uid);
    if (at < 0) return undefined;
    const pod = this.pods[at]!;
    const last = this.pods.pop()!;
    if (at < this.pods.length) this.pods[at] = last;
    this.#count(pod, -1);
    return pod;
  }

  /** Puts another state of the same pod in its place without counting anything anew. */
  replacePod(pod: PodInfo): void {
    const at = this.#indexOf(pod.uid);
    if (at < 0) return;
    this.pods[at] = pod;
    this.replacements++;
  }

  /** A copy to try things out on: same slot, same generation, own sums. */
  copy(): NodeInfo {
    const copy = new NodeInfo(this.name, this.slot);
    copy.generation = this.generation;
    copy.node = this.node;
    copy.allocatable = this.allocatable;
    copy.requested = copyResource(this.requested);
    copy.nonZeroCPU = this.nonZeroCPU;
    copy.nonZeroMemory = this.nonZeroMemory;
    copy.hostPorts = this.hostPorts?.copy();
    copy.images = this.images;
    copy.pods = this.pods.slice();
    copy.podsWithAffinity = this.podsWithAffinity;
    return copy;
  }

  #indexOf(uid: string): number {
    const { pods } = this;
    for (let at = pods.length - 1; at >= 0; at--) if (pods[at]!.uid === uid) return at;
    return -1;
  }

  #count(pod: PodInfo, sign: 1 | -1): void {
    addResource(this.requested, pod.requests, sign);
    this.nonZeroCPU += sign * pod.nonZeroCPU;
    this.nonZeroMemory += sign * pod.nonZeroMemory;
    if (pod.affinity.isPresent) this.podsWithAffinity += sign;
    for (const port of pod.hostPorts) {
      this.hostPorts ??= new HostPorts();
      if (sign > 0) this.hostPorts.add(port);
      else this.hostPorts.remove(port);
    }
  }
}

/** Whether nothing has changed that a filter or a score could look at. */
export function isSameForScheduling(old: Node, now: Node): boolean {
  const { spec: a = {}, status: before = {} } = old;
  const { spec: b = {}, status: after = {} } = now;
  return (
    (a.unschedulable ?? false) === (b.unschedulable ?? false) &&
    equalLabels(old.metadata.labels, now.metadata.labels) &&
    isSame(a.taints, b.taints) &&
    isSame(before.allocatable, after.allocatable) &&
    isSame(before.images, after.images) &&
    isSame(before.declaredFeatures, after.declaredFeatures)
  );
}

function isSame(a: unknown, b: unknown): boolean {
  return a === b || equalJson(a ?? null, b ?? null);
}

/** A node by itself, with these pods: for looking at one outside the cache. */
export function nodeInfoOf(node: Node, pods: readonly PodInfo[] = []): NodeInfo {
  const info = new NodeInfo(node.metadata.name ?? "", 0);
  info.setNode(node);
  for (const pod of pods) info.addPod(pod);
  return info;
}
