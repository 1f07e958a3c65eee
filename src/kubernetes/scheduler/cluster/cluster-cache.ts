// What the scheduler knows of the cluster: nodes with their pods, those included that it has placed but not yet seen bound.
// A scheduling cycle runs to its end in one turn, so it reads this cache itself as its snapshot: nothing can change under it.

import type { Node, Pod } from "#kubernetes/api";
import { ImageStates } from "./image-states.ts";
import { isSameForScheduling, NodeInfo } from "./node-info.ts";
import { NodeOrder } from "./node-order.ts";
import { isSameForOthers, makePodInfo, type PodInfo } from "./pod-info.ts";
import type { Snapshot } from "./snapshot.ts";
import { TermRegistry } from "./term-registry.ts";
import { TopologyCounters } from "./topology-counters.ts";

interface Placement {
  readonly info: PodInfo;
  readonly nodeName: string;
  /** Placed by us, not yet seen bound. */
  readonly isAssumed: boolean;
}

export class ClusterCache implements Snapshot {
  readonly #nodes = new Map<string, NodeInfo>();
  readonly #order = new NodeOrder();
  readonly #images = new ImageStates();
  readonly #placements = new Map<string, Placement>();
  readonly #claims = new Map<string, number>();
  readonly #freeSlots: number[] = [];
  /** The states nodes had when they went, by slot, until the slot is taken again: counters must hear of them. */
  readonly #gone = new Map<number, NodeInfo>();
  #list: readonly NodeInfo[] | undefined;
  #newest: NodeInfo | undefined;
  #generation = 0;
  #nodeSetVersion = 0;
  readonly terms = new TermRegistry();
  readonly counters = new TopologyCounters(this);
  slots = 0;

  get nodes(): readonly NodeInfo[] {
    this.#list ??= this.#order.list().map((name) => this.#nodes.get(name)!);
    return this.#list;
  }

  get generation(): number {
    return this.#generation;
  }

  get sharedVersion(): number {
    return this.#nodeSetVersion + this.#images.version;
  }

  node(name: string): NodeInfo | undefined {
    const info = this.#nodes.get(name);
    return info?.node ? info : undefined;
  }

  isClaimUsed(key: string): boolean {
    return this.#claims.has(key);
  }

  forEachChangedSince(generation: number, visit: (node: NodeInfo) => void): void {
    for (let info = this.#newest; info && info.generation > generation; info = info.older) visit(info);
  }

  /** Adds a node or notes its new state. A heartbeat changes nothing for scheduling. */
  putNode(node: Node): void {
    const info = this.#infoFor(node.metadata.name ?? "");
    if (info.node && isSameForScheduling(info.node, node)) {
      info.node = node;
      return;
    }
    const isNew = info.node === undefined;
    info.images = this.#images.replace(info.node, node);
    info.setNode(node);
    if (isNew) this.#nodeSetVersion++;
    if (this.#order.put(node)) this.#list = undefined;
    this.#touch(info);
  }

  removeNode(name: string): void {
    const info = this.#nodes.get(name);
    if (!info?.node) return;
    info.images = this.#images.replace(info.node, undefined);
    info.node = undefined;
    this.#nodeSetVersion++;
    this.#order.remove(name);
    this.#list = undefined;
    this.#touch(info);
    this.#dropIfEmpty(info);
  }

  /** Places a pod before it is bound. Throws where the pod is placed already. */
  assume(info: PodInfo, nodeName: string): void {
    if (this.#placements.has(info.uid)) {
      throw new Error(`pod ${info.uid}(${info.namespace}/${info.name}) is in the cache, so can't be assumed`);
    }
    this.#place(info, nodeName, true);
  }

  /** Takes back what was assumed. A pod that has been seen bound meanwhile stays. */
  forget(uid: string): void {
    if (this.#placements.get(uid)?.isAssumed) this.#displace(uid);
  }

  /** A pod with a node has appeared or changed: what was assumed of it is confirmed, or corrected. */
  putPod(pod: Pod): PodInfo {
    const nodeName = pod.spec?.nodeName ?? "";
    const known = this.#placements.get(pod.metadata.uid ?? "");
    const info = makePodInfo(pod, known?.info);
    if (known?.nodeName === nodeName && isSameForOthers(known.info, info)) {
      this.#nodes.get(nodeName)!.replacePod(info);
      this.#placements.set(info.uid, { info, nodeName, isAssumed: false });
      return info;
    }
    if (known) this.#displace(info.uid);
    this.#place(info, nodeName, false);
    return info;
  }

  removePod(uid: string): void {
    if (this.#placements.has(uid)) this.#displace(uid);
  }

  isAssumed(uid: string): boolean {
    return this.#placements.get(uid)?.isAssumed ?? false;
  }

  /** The pod as it is placed, and where. */
  placementOf(uid: string): { readonly info: PodInfo; readonly nodeName: string } | undefined {
    return this.#placements.get(uid);
  }

  get podCount(): number {
    return this.#placements.size;
  }

  #place(info: PodInfo, nodeName: string, isAssumed: boolean): void {
    const node = this.#infoFor(nodeName);
    node.addPod(info);
    this.#placements.set(info.uid, { info, nodeName, isAssumed });
    for (const key of info.claimKeys) this.#claims.set(key, (this.#claims.get(key) ?? 0) + 1);
    this.terms.add(info);
    this.#touch(node);
  }

  #displace(uid: string): void {
    const { info, nodeName } = this.#placements.get(uid)!;
    this.#placements.delete(uid);
    const node = this.#nodes.get(nodeName)!;
    node.removePod(uid);
    for (const key of info.claimKeys) this.#releaseClaim(key);
    this.terms.remove(info);
    this.#touch(node);
    this.#dropIfEmpty(node);
  }

  #releaseClaim(key: string): void {
    const users = this.#claims.get(key) ?? 0;
    if (users > 1) this.#claims.set(key, users - 1);
    else this.#claims.delete(key);
  }

  #infoFor(name: string): NodeInfo {
    const known = this.#nodes.get(name);
    if (known) return known;
    const slot = this.#freeSlots.pop() ?? this.slots++;
    const gone = this.#gone.get(slot);
    if (gone) {
      this.#unlink(gone);
      this.#gone.delete(slot);
    }
    const info = new NodeInfo(name, slot);
    this.#nodes.set(name, info);
    return info;
  }

  #dropIfEmpty(info: NodeInfo): void {
    if (info.node || info.pods.length > 0) return;
    this.#nodes.delete(info.name);
    this.#freeSlots.push(info.slot);
    this.#gone.set(info.slot, info);
  }

  /** Gives the node a new generation and moves it to the front of the list by change. */
  #touch(info: NodeInfo): void {
    info.generation = ++this.#generation;
    if (this.#newest === info) return;
    this.#unlink(info);
    info.older = this.#newest;
    if (this.#newest) this.#newest.newer = info;
    this.#newest = info;
  }

  #unlink(info: NodeInfo): void {
    if (info.newer) info.newer.older = info.older;
    if (info.older) info.older.newer = info.newer;
    if (this.#newest === info) this.#newest = info.older;
    info.newer = undefined;
    info.older = undefined;
  }
}
