// Keeps ranges of service addresses as long as services have addresses in them, and says that they are ready.

import { formatApiVersion, isNotFound, type KubeObject, resources, type ServiceCIDR } from "#kubernetes/api";
import {
  createController,
  done,
  formatTime,
  parseTime,
  type ReconcileContext,
  type ReconcileResult,
  requeueAfter,
  watch,
  watchKeys,
} from "#kubernetes/runtime";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { withProtection } from "../volumes/protection.ts";
import {
  blocked,
  finalizer,
  hasCondition,
  mayGo,
  overlapping,
  type ReadyCondition,
  rangesWith,
  ready,
} from "./plan.ts";

const name = "service-cidr-controller";
/** So long a range that goes is given, lest somebody still allocates from it. */
const graceMs = 10_000;

export function createServiceCidrController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const ranges = informers.informer(resources.serviceCIDRs);
  const addresses = informers.informer(
    resources.ipAddresses as typeof resources.ipAddresses & { objectType?: () => KubeObject },
  );

  const setCondition = async (
    range: ServiceCIDR,
    condition: ReadyCondition,
    writes: OwnWrites,
    now: string,
    signal: AbortSignal,
  ) => {
    if (hasCondition(range, condition)) return;
    const conditions = [{ type: "Ready", ...condition, lastTransitionTime: now }];
    const body = {
      apiVersion: formatApiVersion(resources.serviceCIDRs),
      kind: resources.serviceCIDRs.kind,
      metadata: { name: range.metadata.name },
      status: { conditions },
    };
    const patch = { type: "apply", body, force: true } as const;
    const options = { subresource: "status", fieldManager: name, signal };
    const key = { name: range.metadata.name ?? "" };
    writes.note(ranges, await client.patch(resources.serviceCIDRs, key, patch, options));
  };

  const protect = async (range: ServiceCIDR, plan: "add" | "remove", writes: OwnWrites, signal: AbortSignal) => {
    const { finalizers } = withProtection(range, finalizer, plan).metadata;
    const body = { metadata: { finalizers, resourceVersion: range.metadata.resourceVersion } };
    const key = { name: range.metadata.name ?? "" };
    try {
      writes.note(ranges, await client.patch(resources.serviceCIDRs, key, { type: "merge", body }, { signal }));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  };

  const reconcile = async (key: string, { clock, signal }: ReconcileContext): Promise<ReconcileResult> => {
    const range = ranges.get({ name: key });
    if (!range) return done;
    const writes = new OwnWrites();
    const { deletionTimestamp, finalizers } = range.metadata;
    const now = formatTime(clock.now());
    if (deletionTimestamp === undefined) {
      if (!finalizers?.includes(finalizer)) await protect(range, "add", writes, signal);
      await setCondition(range, ready, writes, now, signal);
    } else if (!mayGo(range, ranges.list(), addresses.list())) {
      await setCondition(range, blocked, writes, now, signal);
    } else {
      const leftMs = (parseTime(deletionTimestamp) ?? 0) + graceMs - clock.now();
      if (leftMs > 0) return requeueAfter(leftMs);
      if (finalizers?.includes(finalizer)) await protect(range, "remove", writes, signal);
    }
    await writes.seen(signal);
    return done;
  };

  return createController({
    ...context,
    name,
    reconcile,
    watches: [
      watchKeys(ranges, (range) => [range.metadata.name ?? "", ...overlapping(range, ranges.list())]),
      watch(addresses, (queue) => {
        // Ranges that live are ready whatever addresses come and go.
        const add = (address: KubeObject) => {
          for (const found of rangesWith(address, ranges.list())) {
            if (ranges.get({ name: found })?.metadata.deletionTimestamp !== undefined) queue.add(found);
          }
        };
        return { added: add, deleted: add };
      }),
    ],
  });
}
