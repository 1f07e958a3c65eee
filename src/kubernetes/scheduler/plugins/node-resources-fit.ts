// NodeResourcesFit: a node must have left what the pod requests; and of those that do, the emptier ones are better (or the fuller
// ones, or as a curve says).

import type { DeviceClass, Node, Pod } from "#kubernetes/api";
import { type NodeInfo, nodeInfoOf } from "../cluster/node-info.ts";
import { defaultRequests, podRequests } from "../cluster/pod-requests.ts";
import {
  type Amounts,
  amountIn,
  isExtendedResource,
  isScalarResource,
  type Resource,
  resourceOfAmounts,
} from "../cluster/resource.ts";
import type { EventInterest } from "../events.ts";
import type { Plugin } from "../framework.ts";
import { type Rejection, type Success, success } from "../status.ts";
import { type DeviceClassNames, implicitPrefix } from "./node-resources/device-class-names.ts";
import {
  type RequestedAmounts,
  requestedAmounts,
  requestsKey,
  resourceComparison,
} from "./node-resources/node-resources.ts";
import { type ScoringStrategy, weightedResources } from "./node-resources/resource-args.ts";
import { strategyScorer } from "./node-resources/resource-scorers.ts";

const name = "NodeResourcesFit";

export interface NodeResourcesFitArgs {
  /** Extended resources that are not looked at, by name and by what stands before the "/". */
  readonly ignoredResources?: readonly string[];
  readonly ignoredResourceGroups?: readonly string[];
  /** Default: LeastAllocated. */
  readonly scoringStrategy?: ScoringStrategy;
}

export interface FitDependencies {
  /** Extended resources that device classes stand for: these are DynamicResources' business where nodes have none of them. */
  readonly deviceClasses?: DeviceClassNames;
}

export function createNodeResourcesFit(
  args: NodeResourcesFitArgs = {},
  { deviceClasses }: FitDependencies = {},
): Plugin<Resource, RequestedAmounts> {
  const strategy = args.scoringStrategy ?? { type: "LeastAllocated" };
  const resources = weightedResources(strategy.resources);
  const compare = resourceComparison({ resources, scorer: strategyScorer(strategy, resources), countsMissing: true });
  const isIgnored = ignoredBy(args);
  const isDelegated = (resource: string) => deviceClasses?.classOf(resource) !== undefined;
  const check: FitCheck = { isPassedOver: isIgnored, isDelegated };
  return {
    name,
    scope: "node",
    events: [podLeft, nodeGrew(check), deviceClassNamed],
    sign({ pod }) {
      const requests = podRequests(pod);
      const isDynamic = requests.entries().some(([resource, amount]) => amount !== 0 && isDelegated(resource));
      return isDynamic ? undefined : requestsKey(requests);
    },
    preFilter: ({ pod }) => ({ code: "Success", state: requestsToFit(pod) }),
    filter: (wanted, _pod, node) => checkFit(wanted, node, check),
    preScore: ({ pod }) => ({ code: "Success", state: requestedAmounts(requestsToCompare(pod), resources) }),
    score: (wanted, _pod, node) => compare(wanted, node),
  };
}

interface FitCheck {
  readonly isPassedOver: (resource: string) => boolean;
  readonly isDelegated: (resource: string) => boolean;
}

function requestsToFit(pod: Pod): Resource {
  return resourceOfAmounts(podRequests(pod));
}

/** Upstream compares by what containers say, whatever the pod says of itself. */
function requestsToCompare(pod: Pod): Amounts {
  return podRequests(pod, { defaults: defaultRequests, skipPodLevel: true });
}

function ignoredBy({ ignoredResources = [], ignoredResourceGroups = [] }: NodeResourcesFitArgs) {
  const names = new Set(ignoredResources);
  const groups = new Set(ignoredResourceGroups);
  return (resource: string) =>
    (names.has(resource) || groups.has(resource.slice(0, resource.indexOf("/")))) && isExtendedResource(resource);
}

interface Shortage {
  readonly reason: string;
  /** More than the node has at all. */
  readonly isHopeless: boolean;
}

function checkFit(wanted: Resource, node: NodeInfo, check: FitCheck): Success | Rejection {
  const { allocatable, requested } = node;
  // The usual case, without making anything.
  if (
    node.pods.length < allocatable.allowedPodNumber &&
    (wanted.milliCPU === 0 || wanted.milliCPU <= allocatable.milliCPU - requested.milliCPU) &&
    (wanted.memory === 0 || wanted.memory <= allocatable.memory - requested.memory) &&
    wanted.ephemeralStorage === 0 &&
    !wanted.scalars
  ) {
    return success;
  }
  const shortages = findShortages(wanted, node, check);
  return shortages.length === 0 ? success : rejectionFor(shortages);
}

function findShortages(wanted: Resource, node: NodeInfo, { isPassedOver, isDelegated }: FitCheck): Shortage[] {
  const { allocatable, requested, pods } = node;
  const shortages: Shortage[] = [];
  if (pods.length + 1 > allocatable.allowedPodNumber) shortages.push({ reason: "Too many pods", isHopeless: false });
  const look = (resource: string, amount: number) => {
    const capacity = amountIn(allocatable, resource);
    if (amount === 0 || amount <= capacity - amountIn(requested, resource)) return;
    shortages.push({ reason: `Insufficient ${resource}`, isHopeless: amount > capacity });
  };
  look("cpu", wanted.milliCPU);
  look("memory", wanted.memory);
  look("ephemeral-storage", wanted.ephemeralStorage);
  for (const [resource, amount] of wanted.scalars ?? []) {
    if (isPassedOver(resource)) continue;
    if (amountIn(allocatable, resource) === 0 && isDelegated(resource)) continue;
    look(resource, amount);
  }
  return shortages;
}

/** The same shortage on thousands of nodes is one object. */
const rejections = new Map<string, Rejection>();

function rejectionFor(shortages: readonly Shortage[]): Rejection {
  const reasons = shortages.map(({ reason }) => reason);
  const isHopeless = shortages.some((shortage) => shortage.isHopeless);
  const code = isHopeless ? "UnschedulableAndUnresolvable" : "Unschedulable";
  const key = `${code} ${reasons.join()}`;
  let rejection = rejections.get(key);
  if (!rejection) {
    rejection = { code, reasons, plugin: name };
    if (rejections.size >= 1000) rejections.clear();
    rejections.set(key, rejection);
  }
  return rejection;
}

const podLeft: EventInterest<Pod> = {
  resource: "Pod",
  actions: ["Delete", "UpdatePodScaleDown"],
  isWorthTrying(pod, old, now) {
    if (!now) return Boolean(old?.spec?.nodeName || old?.status?.nominatedNodeName);
    if (now.metadata.uid === pod.metadata.uid) return true;
    return Boolean(now.spec?.nodeName) && old !== undefined && freesWhatIsWanted(pod, old, now);
  },
};

function freesWhatIsWanted(pod: Pod, old: Pod, now: Pod): boolean {
  const before = resourceOfAmounts(podRequests(old, { useStatus: true }));
  const after = resourceOfAmounts(podRequests(now, { useStatus: true }));
  return podRequests(pod, { useStatus: true })
    .entries()
    .some(([resource, amount]) => amount !== 0 && amountIn(before, resource) > amountIn(after, resource));
}

function nodeGrew(check: FitCheck): EventInterest<Node> {
  return {
    resource: "Node",
    actions: ["Add", "UpdateNodeAllocatable"],
    isWorthTrying(pod, old, now) {
      if (!now) return false;
      const wanted = requestsToFit(pod);
      const after = nodeInfoOf(now);
      const fits = checkFit(wanted, after, { ...check, isPassedOver: () => false }) === success;
      return fits && (!old || hasMore(wanted, nodeInfoOf(old).allocatable, after.allocatable, check));
    },
  };
}

function hasMore(wanted: Resource, before: Resource, after: Resource, { isDelegated }: FitCheck): boolean {
  if (after.allowedPodNumber > before.allowedPodNumber) return true;
  const grew = (resource: string, amount: number) =>
    amount > 0 && amountIn(after, resource) > amountIn(before, resource);
  if (grew("cpu", wanted.milliCPU) || grew("memory", wanted.memory)) return true;
  if (grew("ephemeral-storage", wanted.ephemeralStorage)) return true;
  return [...(wanted.scalars ?? [])].some(
    ([resource, amount]) =>
      grew(resource, amount) || (amount > 0 && amountIn(after, resource) === 0 && isDelegated(resource)),
  );
}

const deviceClassNamed: EventInterest<DeviceClass> = {
  resource: "resource.k8s.io/DeviceClass",
  actions: ["Add", "Update"],
  isWorthTrying(pod, old, now) {
    const named = now?.spec.extendedResourceName;
    if (old && old.spec.extendedResourceName === named) return false;
    const requests = podRequests(pod);
    const isImplicit = !old && requests.has(implicitPrefix + (now?.metadata.name ?? ""));
    return isImplicit || (named !== undefined && isScalarResource(named) && requests.has(named));
  },
};
