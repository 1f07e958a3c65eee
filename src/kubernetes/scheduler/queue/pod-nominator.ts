// Pods for which room is being made on a node: until they get there, less important pods must not take it.

import type { PodInfo } from "../cluster/pod-info.ts";
import type { Nominator } from "../framework.ts";

const none: readonly PodInfo[] = [];

export class PodNominator implements Nominator {
  readonly #byNode = new Map<string, readonly PodInfo[]>();
  readonly #nodeOf = new Map<string, string>();
  /** Whether the pod is there and has no node yet: one that is gone takes no room. */
  readonly #isPending: (info: PodInfo) => boolean;

  constructor(isPending: (info: PodInfo) => boolean) {
    this.#isPending = isPending;
  }

  podsNominatedFor(nodeName: string): readonly PodInfo[] {
    // The usual case, asked for node after node.
    return this.#byNode.size === 0 ? none : (this.#byNode.get(nodeName) ?? none);
  }

  /** `nodeName` undefined: as the pod itself says; "": none. In place of an earlier nomination. */
  add(info: PodInfo, nodeName = info.pod.status?.nominatedNodeName ?? ""): void {
    this.delete(info.uid);
    if (nodeName === "" || !this.#isPending(info)) return;
    this.#nodeOf.set(info.uid, nodeName);
    this.#byNode.set(nodeName, [...this.podsNominatedFor(nodeName), info]);
  }

  /** The pod has changed. What only we know so far of its nomination is kept until the pod says it itself. */
  update(old: PodInfo, info: PodInfo): void {
    const isUnsaid = !old.pod.status?.nominatedNodeName && !info.pod.status?.nominatedNodeName;
    const kept = isUnsaid ? this.#nodeOf.get(old.uid) : undefined;
    this.delete(old.uid);
    this.add(info, kept);
  }

  delete(uid: string): void {
    const nodeName = this.#nodeOf.get(uid);
    if (nodeName === undefined) return;
    this.#nodeOf.delete(uid);
    const rest = this.#byNode.get(nodeName)!.filter((info) => info.uid !== uid);
    if (rest.length > 0) this.#byNode.set(nodeName, rest);
    else this.#byNode.delete(nodeName);
  }
}
