// Nodes as the one who turns the cluster up sees them: waits until they are Ready, labels them, removes their objects.

import { isNotFound, type Node, resources } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";

export interface WaitForNodesOptions {
  readonly signal: AbortSignal;
  /** Called with the names of the nodes that are not ready, whenever these change. */
  onProgress?(missing: readonly string[]): void;
  /** What is waited for. Default: that the node is Ready. */
  isWell?(node: Node): boolean;
}

/** Resolves when every node named is Ready, or as it is wanted. */
export async function waitForNodes(
  client: Client,
  names: readonly string[],
  options: WaitForNodesOptions,
): Promise<void> {
  const { signal, onProgress, isWell = isNodeReady } = options;
  const wanted = new Set(names);
  const missing = new Set(names);
  const note = (node: Node, gone = false) => {
    const name = node.metadata.name ?? "";
    if (!wanted.has(name)) return;
    if (isWell(node) && !gone) missing.delete(name);
    else missing.add(name);
  };
  while (missing.size > 0) {
    const list = await client.list(resources.nodes, { signal });
    for (const node of list.items) note(node);
    if (missing.size === 0) return;
    onProgress?.([...missing]);
    for await (const events of client.watch(resources.nodes, { resourceVersion: list.resourceVersion, signal })) {
      for (const { type, object } of events) {
        if (type === "ADDED" || type === "MODIFIED" || type === "DELETED") note(object, type === "DELETED");
      }
      if (missing.size === 0) return;
      onProgress?.([...missing]);
    }
    signal.throwIfAborted();
  }
}

export function isNodeReady(node: Node): boolean {
  return node.status?.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}

/** Whether there is such a node, in whatever state. */
export async function hasNode(client: Client, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    await client.get(resources.nodes, { name }, { signal });
    return true;
  } catch (error) {
    if (isNotFound(error)) return false;
    throw error;
  }
}

/** Removes the node's object; fine where there is none. */
export async function deleteNode(client: Client, name: string, signal: AbortSignal): Promise<void> {
  try {
    await client.delete(resources.nodes, { name }, { signal });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/**
 * Gives the node its labels, and takes away those that an earlier call gave it. Not left to the kubelet: it may not set most labels
 * of Kubernetes' own, such as a role.
 */
export async function labelNode(
  client: Client,
  name: string,
  labels: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<void> {
  const body = { apiVersion: "v1", kind: "Node", metadata: { name, labels } };
  await client.patch(
    resources.nodes,
    { name },
    { type: "apply", body, force: true },
    { fieldManager: "slipway", signal },
  );
}
