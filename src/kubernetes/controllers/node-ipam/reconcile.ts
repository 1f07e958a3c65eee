// The node IPAM controller: gives every node its own range of pod addresses, one per family.

import { isStatusError, type Node, parseCIDRSloppy, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  watch,
} from "#kubernetes/runtime";
import type { Logger } from "#shared";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import type { NodeIpamSettings } from "../controller-settings.ts";
import { OwnWrites } from "../own-writes.ts";
import { RangePool } from "./range-pool.ts";

interface Parts {
  readonly client: Client;
  readonly nodes: Informer<Node>;
  readonly events: EventRecorder;
  readonly logger: Logger;
  /** One per family, in the order nodes list their ranges. */
  readonly pools: readonly RangePool[];
}

const defaultIpv4PrefixLength = 24;
const defaultIpv6PrefixLength = 64;
const workers = 30;

/** Undefined where nobody has said what to take the ranges from. */
export function createNodeIpamController(context: ControllerContext): ControllerProcess | undefined {
  const { client, informers, settings, logger } = context;
  if (!settings.nodeIpam) return undefined;
  const parts: Parts = {
    client,
    nodes: informers.informer(resources.nodes),
    events: context.recorder("cidrAllocator"),
    logger,
    pools: createPools(settings.nodeIpam),
  };
  const nameOf = ({ metadata }: Node) => metadata.name ?? "";
  return createController({
    ...context,
    name: "cidrallocator_node",
    workers,
    reconcile: (key, reconcileContext) => reconcileNode(key, parts, reconcileContext),
    watches: [
      watch(parts.nodes, (queue) => ({
        // Ranges in use are known before the first new one is given away.
        added(node) {
          if (rangesOf(node).length > 0) occupy(node, parts);
          else queue.add(nameOf(node));
        },
        updated(node, old) {
          if (rangesOf(node).length === 0) queue.add(nameOf(node));
          else if (rangesOf(old).length === 0) occupy(node, parts);
        },
        deleted: (node) => release(rangesOf(node), parts),
      })),
    ],
  });
}

function createPools(settings: NodeIpamSettings): RangePool[] {
  const { podCIDRs, serviceCIDRs = [] } = settings;
  const pools = podCIDRs.map((cidr) => new RangePool(cidr, prefixLengthFor(cidr, settings)));
  for (const pool of pools) {
    for (const cidr of serviceCIDRs) if (pool.overlaps(cidr)) pool.occupy(cidr);
  }
  return pools;
}

function prefixLengthFor(cidr: string, settings: NodeIpamSettings): number {
  const isIPv6 = parseCIDRSloppy(cidr)?.range.family === 6;
  if (isIPv6) return settings.ipv6PrefixLength ?? defaultIpv6PrefixLength;
  return settings.ipv4PrefixLength ?? defaultIpv4PrefixLength;
}

function rangesOf({ spec }: Node): readonly string[] {
  return spec?.podCIDRs ?? (spec?.podCIDR ? [spec.podCIDR] : []);
}

/** A range from elsewhere is none of ours: nothing to do about it but say so. */
function occupy(node: Node, { pools, logger }: Parts): void {
  rangesOf(node).forEach((cidr, position) => {
    try {
      pools[position]?.occupy(cidr);
    } catch (error) {
      logger.warn({ node: node.metadata.name, cidr, error: (error as Error).message }, "node has a foreign pod range");
    }
  });
}

function release(ranges: readonly string[], { pools }: Parts): void {
  ranges.forEach((cidr, position) => {
    if (pools[position]?.overlaps(cidr)) pools[position].release(cidr);
  });
}

async function reconcileNode(name: string, parts: Parts, { signal }: ReconcileContext): Promise<ReconcileResult> {
  const { client, nodes } = parts;
  const node = nodes.get({ name });
  if (!node || node.metadata.deletionTimestamp || rangesOf(node).length > 0) return done;
  const podCIDRs = allocate(node, parts);
  const writes = new OwnWrites();
  const body = { metadata: { uid: node.metadata.uid }, spec: { podCIDR: podCIDRs[0], podCIDRs } };
  try {
    writes.note(nodes, await client.patch(resources.nodes, { name }, { type: "strategic", body }, { signal }));
  } catch (error) {
    // Where the server has not refused, the node may have them nevertheless: better lost than given twice.
    if (isStatusError(error)) release(podCIDRs, parts);
    statusEvent(node, "CIDRAssignmentFailed", parts);
    throw error;
  }
  await writes.seen(signal);
  return done;
}

/** One range of each pool, or none at all. */
function allocate(node: Node, parts: Parts): string[] {
  const allocated: string[] = [];
  for (const [position, pool] of parts.pools.entries()) {
    const cidr = pool.allocate();
    if (cidr !== undefined) {
      allocated.push(cidr);
      continue;
    }
    release(allocated, parts);
    statusEvent(node, "CIDRNotAvailable", parts);
    throw new Error(
      `failed to allocate cidr from cluster cidr at idx:${position}: CIDR allocation failed; there are no remaining CIDRs left to allocate in the accepted range`,
    );
  }
  return allocated;
}

function statusEvent(node: Node, status: string, { events }: Parts): void {
  events.normal(referenceTo(resources.nodes, node), status, `Node ${node.metadata.name} status is now: ${status}`);
}
