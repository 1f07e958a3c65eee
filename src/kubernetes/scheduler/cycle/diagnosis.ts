// Why a pod could not be placed: the nodes' answers, and the sentence people read about it.

import type { NodeInfo } from "../cluster/node-info.ts";
import type { NodeStatuses } from "../framework.ts";
import { type Rejection, unresolvable } from "../status.ts";

const noStatus = unresolvable("");

export class Diagnosis implements NodeStatuses {
  readonly nodes: NodeInfo[] = [];
  readonly statuses: Rejection[] = [];
  others: Rejection = noStatus;
  readonly unschedulablePlugins = new Set<string>();
  readonly pendingPlugins = new Set<string>();
  /** Why no node was looked at; undefined where nodes were. */
  preFilterMessage: string | undefined;
  postFilterMessage = "";

  /** Notes a node's rejection. */
  add(node: NodeInfo, status: Rejection): void {
    this.nodes.push(node);
    this.statuses.push(status);
    this.addPlugin(status);
  }

  /** Notes who says no. */
  addPlugin({ plugin, code }: Rejection): void {
    if (plugin === "") return;
    this.unschedulablePlugins.add(plugin);
    if (code === "Pending") this.pendingPlugins.add(plugin);
  }

  /** "0/3 nodes are available: 1 Insufficient cpu, 2 node(s) had untolerated taint(s). preemption: …". */
  describe(nodeCount: number): string {
    const parts = [`0/${nodeCount} nodes are available:`];
    const reasons = this.preFilterMessage ?? this.#countReasons(nodeCount);
    if (reasons) parts.push(`${reasons}.`);
    if (this.postFilterMessage) parts.push(this.postFilterMessage);
    return parts.join(" ");
  }

  #countReasons(nodeCount: number): string {
    const byStatus = new Map<Rejection, number>();
    for (const status of this.statuses) byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    const others = nodeCount - this.nodes.length;
    if (others > 0) byStatus.set(this.others, (byStatus.get(this.others) ?? 0) + others);
    const counts = new Map<string, number>();
    for (const [status, count] of byStatus) {
      for (const reason of status.reasons) counts.set(reason, (counts.get(reason) ?? 0) + count);
    }
    return [...counts]
      .map(([reason, count]) => `${count} ${reason}`)
      .sort()
      .join(", ");
  }
}

/** The nodes of a code: what preemption may look at. */
export function nodesWithCode(
  { nodes, statuses, others }: NodeStatuses,
  code: Rejection["code"],
  all: readonly NodeInfo[],
): readonly NodeInfo[] {
  const rejected = nodes.filter((_, at) => statuses[at]!.code === code);
  if (others.code !== code) return rejected;
  if (nodes.length === 0) return all;
  const known = new Set(nodes);
  return [...rejected, ...all.filter((node) => !known.has(node))];
}
