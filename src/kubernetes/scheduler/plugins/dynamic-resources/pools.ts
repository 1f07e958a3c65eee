// The devices a node can use, pool by pool, as ResourceSlices tell of them. A pool of which slices are missing, or that contradicts
// itself, is known but gives nothing.

import type { CounterSet, Device, Node, NodeSelector, ResourceSlice } from "#kubernetes/api";
import { strictNodeSelectorMatcher } from "../node-selection.ts";

export interface PoolDevice {
  /** Unlike that of any other device. */
  readonly id: string;
  readonly device: Device;
  readonly slice: ResourceSlice;
  readonly pool: Pool;
}

export interface Pool {
  /** "driver/name". */
  readonly id: string;
  /** Why nothing of it can be had. */
  readonly state: "complete" | "incomplete" | "invalid";
  /** Those the node can use. */
  readonly devices: readonly PoolDevice[];
  /** All that may use its counters, on whatever node. */
  readonly consumers: readonly PoolDevice[];
  readonly counters: ReadonlyMap<string, CounterSet>;
}

/** Where slices are found; lists are shared. */
export interface SliceSource {
  /** Slices of that node alone. */
  ofNode(nodeName: string): readonly ResourceSlice[];
  /** Slices that are not one node's. */
  shared(): readonly ResourceSlice[];
  /** Of a pool, on whatever node. */
  ofPool(poolId: string): readonly ResourceSlice[];
}

export function poolIdOf({ spec }: ResourceSlice): string {
  return `${spec.driver}/${spec.pool.name}`;
}

export function deviceIdOf(driver: string, pool: string, device: string): string {
  return `${driver}/${pool}/${device}`;
}

export function gatherPools(node: Node, source: SliceSource): Pool[] {
  const found = new Map<string, ResourceSlice[]>();
  for (const slice of [...source.ofNode(node.metadata.name ?? ""), ...source.shared()]) {
    if (!concernsNode(slice, node)) continue;
    const id = poolIdOf(slice);
    const known = found.get(id);
    const newest = known?.[0]?.spec.pool.generation ?? -1;
    const { generation } = slice.spec.pool;
    if (!known || generation > newest) found.set(id, [slice]);
    else if (generation === newest) known.push(slice);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([id, slices]) => makePool(id, slices, node, source));
}

/** Counters matter on every node: who uses them is not known yet. */
function concernsNode({ spec }: ResourceSlice, node: Node): boolean {
  if (spec.sharedCounters?.length) return true;
  if (spec.perDeviceNodeSelection) return (spec.devices ?? []).some((device) => isUsableOn(device, node));
  return isUsableOn(spec, node);
}

interface Placement {
  readonly nodeName?: string;
  readonly allNodes?: boolean;
  readonly nodeSelector?: NodeSelector;
}

function isUsableOn({ nodeName, allNodes, nodeSelector }: Placement, node: Node): boolean {
  if (nodeName) return nodeName === node.metadata.name;
  return allNodes === true || (nodeSelector !== undefined && strictNodeSelectorMatcher(nodeSelector)(node));
}

function makePool(id: string, slices: readonly ResourceSlice[], node: Node, source: SliceSource): Pool[] {
  const { generation, resourceSliceCount } = slices[0]!.spec.pool;
  let all = slices;
  if (slices.length !== resourceSliceCount) {
    const others = source.ofPool(id);
    // What the node can see is being replaced.
    if (others.some(({ spec }) => spec.pool.generation > generation)) return [];
    all = others.filter(({ spec }) => spec.pool.generation === generation);
  }
  const none = { id, devices: [], consumers: [], counters: new Map<string, CounterSet>() };
  if (all.length !== resourceSliceCount) return [{ ...none, state: "incomplete" }];
  const counters = new Map(slices.flatMap(({ spec }) => (spec.sharedCounters ?? []).map((set) => [set.name, set])));
  const devices: PoolDevice[] = [];
  const consumers: PoolDevice[] = [];
  const pool: Pool = { id, state: "complete", devices, consumers, counters };
  const names = new Set<string>();
  const own = new Set(slices);
  for (const slice of all) {
    for (const device of slice.spec.devices ?? []) {
      const { driver } = slice.spec;
      const made = { id: deviceIdOf(driver, slice.spec.pool.name, device.name), device, slice, pool };
      if (!hasCounters(device, counters)) return [{ ...none, state: "invalid" }];
      consumers.push(made);
      if (!own.has(slice)) continue;
      if (names.has(device.name)) return [{ ...none, state: "invalid" }];
      names.add(device.name);
      if (!slice.spec.perDeviceNodeSelection || isUsableOn(device, node)) devices.push(made);
    }
  }
  return [pool];
}

function hasCounters({ consumesCounters = [] }: Device, sets: ReadonlyMap<string, CounterSet>): boolean {
  return consumesCounters.every(({ counterSet, counters }) => {
    const known = sets.get(counterSet)?.counters;
    return known !== undefined && Object.keys(counters).every((counter) => Object.hasOwn(known, counter));
  });
}
