// What is written into a claim that was given devices: which, with which settings, and where they can be used. Pure but for the names of shares.

import { randomUUID } from "node:crypto";
import {
  type AllocationResult,
  type DeviceAllocationConfiguration,
  type DeviceRequestAllocationResult,
  formatQuantity,
  type NodeSelector,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  type ResourceV1ResourceClaim as ResourceClaim,
} from "#kubernetes/api";
import type { Amounts } from "./capacity.ts";
import type { PoolDevice } from "./pools.ts";
import type { Wish } from "./wishes.ts";

export interface Grant {
  readonly wish: Wish;
  readonly device: PoolDevice;
  /** Of a device that can be given several times, what is taken of it. */
  readonly share?: Amounts;
}

export interface Granted {
  /** Of each request the one that was granted. */
  readonly wishes: readonly Wish[];
  readonly grants: readonly Grant[];
  readonly nodeName: string;
}

export function allocationResult(claim: ResourceClaim, { wishes, grants, nodeName }: Granted): AllocationResult {
  const config = [...classSettings(wishes), ...claimSettings(claim, wishes)];
  const nodeSelector = nodesOf(
    grants.map(({ device }) => device),
    nodeName,
  );
  return {
    devices: { results: grants.map(resultOf), ...(config.length > 0 && { config }) },
    ...(nodeSelector && { nodeSelector }),
  };
}

function resultOf({ wish, device, share }: Grant): DeviceRequestAllocationResult {
  const { driver, pool } = device.slice.spec;
  const { bindingConditions, bindingFailureConditions } = device.device;
  return {
    request: wish.name,
    driver,
    pool: pool.name,
    device: device.device.name,
    ...(wish.adminAccess && { adminAccess: true }),
    ...(wish.tolerations.length > 0 && { tolerations: [...wish.tolerations] }),
    ...(bindingConditions?.length && { bindingConditions }),
    ...(bindingFailureConditions?.length && { bindingFailureConditions }),
    ...(share && { shareID: randomUUID() }),
    ...(share && share.size > 0 && { consumedCapacity: textsOf(share) }),
  };
}

function textsOf(amounts: Amounts): Record<string, string> {
  return Object.fromEntries(Array.from(amounts, ([name, amount]) => [name, formatQuantity(amount)]));
}

/** The settings of each class once, for all requests it is used for. */
function classSettings(wishes: readonly Wish[]): DeviceAllocationConfiguration[] {
  const byClass = Map.groupBy(wishes, ({ deviceClass }) => deviceClass);
  return [...byClass].flatMap(([{ spec }, of]) =>
    (spec.config ?? []).map((settings) => ({
      source: "FromClass",
      requests: of.map(({ name }) => name),
      ...settings,
    })),
  );
}

/** Settings for alternatives that were not chosen are left out. */
function claimSettings({ spec }: ResourceClaim, wishes: readonly Wish[]): DeviceAllocationConfiguration[] {
  return (spec.devices?.config ?? []).flatMap((settings) => {
    const { requests } = settings;
    if (!requests?.length) return [{ source: "FromClaim", ...settings }];
    return wishes
      .filter(({ name, request }) => requests.includes(request) || requests.includes(name))
      .map(() => ({ source: "FromClaim", ...settings }));
  });
}

/** undefined where they can be used everywhere. */
function nodesOf(devices: readonly PoolDevice[], chosen: string): NodeSelector | undefined {
  const term: NodeSelectorTerm & {
    matchFields: NodeSelectorRequirement[];
    matchExpressions: NodeSelectorRequirement[];
  } = { matchFields: [], matchExpressions: [] };
  for (const { device, slice } of devices) {
    const { nodeName, nodeSelector } = slice.spec.perDeviceNodeSelection ? device : slice.spec;
    if (nodeName || device.bindsToNode) {
      const isThatNode = { key: "metadata.name", operator: "In", values: [chosen] };
      return { nodeSelectorTerms: [{ matchFields: [isThatNode] }] };
    }
    const [own] = nodeSelector?.nodeSelectorTerms ?? [];
    addNew(term.matchFields, own?.matchFields);
    addNew(term.matchExpressions, own?.matchExpressions);
  }
  const { matchFields, matchExpressions } = term;
  if (matchFields.length === 0 && matchExpressions.length === 0) return undefined;
  return {
    nodeSelectorTerms: [
      { ...(matchFields.length > 0 && { matchFields }), ...(matchExpressions.length > 0 && { matchExpressions }) },
    ],
  };
}

function addNew(known: NodeSelectorRequirement[], added: readonly NodeSelectorRequirement[] = []): void {
  const textOf = ({ key, operator, values }: NodeSelectorRequirement) =>
    JSON.stringify([key, operator, [...(values ?? [])].sort()]);
  for (const one of added) if (!known.some((other) => textOf(other) === textOf(one))) known.push(one);
}
