// The objects of simulated nodes. The control plane leads every node with KWOK's annotation through its life; here those of the
// cluster's own pools are made, brought in line with their pool, and taken away.

import { arch } from "node:os";
import { type Node, resources, type Taint } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { deleteNode } from "./nodes.ts";

export interface SimulatedNodeSpec {
  readonly name: string;
  readonly pool: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  /** Resources in which it differs from other simulated nodes. */
  readonly capacity: Readonly<Record<string, string>>;
}

/** Nodes of a pool of the configuration, as opposed to those a person has made. */
const poolLabel = "slipway.dev/pool";
const fieldManager = "slipway";
const annotations = { "kwok.x-k8s.io/node": "fake" };

export interface SimulatedNodeChanges {
  readonly apply: readonly SimulatedNodeSpec[];
  readonly remove: readonly string[];
}

/** What leads from the nodes there are to those that are wanted. Pure. */
export function planSimulatedNodes(
  present: readonly Node[],
  wanted: readonly SimulatedNodeSpec[],
): SimulatedNodeChanges {
  const known = new Map(present.map((node) => [node.metadata.name ?? "", node]));
  const names = new Set(wanted.map(({ name }) => name));
  const isOwn = ({ metadata: { labels } }: Node) => labels?.[poolLabel] !== undefined;
  return {
    apply: wanted.filter((spec) => !isAsWanted(known.get(spec.name), spec)),
    remove: present.filter((node) => isOwn(node) && !names.has(node.metadata.name ?? "")).map(nameOf),
  };
}

function isAsWanted(node: Node | undefined, spec: SimulatedNodeSpec): boolean {
  if (!node) return false;
  const applied = node.metadata.annotations?.[specAnnotation];
  return applied === markOf(spec);
}

/** What was last applied, so that later changes of the pool are seen. */
const specAnnotation = "slipway.dev/simulated-node";

function markOf({ labels, taints, capacity }: SimulatedNodeSpec): string {
  return JSON.stringify({ labels, taints, capacity });
}

/** Whether the nodes are as wanted, and no more of these pools. */
export async function areSimulatedNodesApplied(
  client: Client,
  wanted: readonly SimulatedNodeSpec[],
  signal: AbortSignal,
): Promise<boolean> {
  const { apply, remove } = planSimulatedNodes((await client.list(resources.nodes, { signal })).items, wanted);
  return apply.length === 0 && remove.length === 0;
}

/** Requests at a time. */
const width = 64;

/** Makes the nodes so; pods of those that go are the business of the controllers. */
export async function applySimulatedNodes(
  client: Client,
  wanted: readonly SimulatedNodeSpec[],
  signal: AbortSignal,
): Promise<void> {
  const { apply, remove } = planSimulatedNodes((await client.list(resources.nodes, { signal })).items, wanted);
  const work = [
    ...remove.map((name) => () => deleteNode(client, name, signal)),
    ...apply.map((spec) => () => applyNode(client, spec, signal)),
  ];
  const next = work.values();
  const worker = async () => {
    for (const run of next) await run();
  };
  await Promise.all(Array.from({ length: width }, worker));
}

async function applyNode(client: Client, spec: SimulatedNodeSpec, signal: AbortSignal): Promise<void> {
  const { name, taints, capacity } = spec;
  const identity = { apiVersion: "v1", kind: "Node" } as const;
  const body: Node = {
    ...identity,
    metadata: {
      name,
      labels: { ...defaultLabels(name), ...spec.labels, [poolLabel]: spec.pool },
      annotations: { ...annotations, [specAnnotation]: markOf(spec) },
    },
    // Others have taints of their own to put there.
    spec: taints.length > 0 ? { taints: [...taints] } : {},
  };
  const options = { fieldManager, signal };
  await client.patch(resources.nodes, { name }, { type: "apply", body, force: true }, options);
  if (Object.keys(capacity).length === 0) return;
  const status = { ...identity, metadata: { name }, status: { capacity, allocatable: capacity } };
  const patch = { type: "apply", body: status, force: true } as const;
  await client.patch(resources.nodes, { name }, patch, { ...options, subresource: "status" });
}

function defaultLabels(name: string): Record<string, string> {
  const architecture = arch() === "x64" ? "amd64" : arch();
  return { "kubernetes.io/arch": architecture, "kubernetes.io/hostname": name, "kubernetes.io/os": "linux" };
}

function nameOf({ metadata: { name = "" } }: Node): string {
  return name;
}
