// Nodes that take pods, without anybody who runs them.

import { type Node, resources, type Taint } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

export interface TestNodeOptions {
  readonly labels?: Readonly<Record<string, string>>;
  readonly taints?: readonly Taint[];
  /** Besides 4 CPUs, 8Gi of memory and 110 pods. */
  readonly allocatable?: Readonly<Record<string, string>>;
}

/** Creates the node; the taint every new node is born with is taken off. */
export async function createNode(client: Client, name: string, options: TestNodeOptions = {}): Promise<Node> {
  const { labels, taints = [] } = options;
  const allocatable = { cpu: "4", memory: "8Gi", pods: "110", ...options.allocatable };
  await client.create(resources.nodes, {
    metadata: { name, labels: { "kubernetes.io/hostname": name, ...labels } },
    status: { allocatable, capacity: allocatable },
  });
  return client.patch(resources.nodes, { name }, { type: "merge", body: { spec: { taints } } });
}
