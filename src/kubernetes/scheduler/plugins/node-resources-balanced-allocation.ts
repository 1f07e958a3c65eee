// NodeResourcesBalancedAllocation: prefers nodes on which the pod brings the shares of cpu and memory taken closer together.

import { podRequests } from "../cluster/pod-requests.ts";
import type { Plugin } from "../framework.ts";
import { skip } from "../status.ts";
import {
  type RequestedAmounts,
  requestedAmounts,
  requestsKey,
  resourceComparison,
} from "./node-resources/node-resources.ts";
import { type ResourceSpec, weightedResources } from "./node-resources/resource-args.ts";
import { balanceScorer } from "./node-resources/resource-scorers.ts";

export interface NodeResourcesBalancedAllocationArgs {
  /** Default: cpu and memory. */
  readonly resources?: readonly ResourceSpec[];
}

export function createNodeResourcesBalancedAllocation(
  args: NodeResourcesBalancedAllocationArgs = {},
): Plugin<undefined, RequestedAmounts> {
  const resources = weightedResources(args.resources);
  const compare = resourceComparison({ resources, scorer: balanceScorer, countsMissing: false });
  return {
    name: "NodeResourcesBalancedAllocation",
    scope: "node",
    sign: ({ pod }) => requestsKey(podRequests(pod, { useStatus: true })),
    preScore({ pod }) {
      const wanted = requestedAmounts(podRequests(pod, { useStatus: true }), resources);
      return wanted.every((amount) => amount === 0) ? skip : { code: "Success", state: wanted };
    },
    score: (wanted, _pod, node) => compare(wanted, node),
  };
}
