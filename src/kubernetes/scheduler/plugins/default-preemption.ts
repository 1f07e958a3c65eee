// DefaultPreemption: makes room for a pod that fits nowhere by deleting less important ones.

import { type Pod, resources } from "#kubernetes/api";
import type { EventInterest } from "../events.ts";
import type { Plugin, PluginHandle } from "../framework.ts";
import { DisruptionBudgets } from "../preemption/disruption-budgets.ts";
import { evaluatePreemption } from "../preemption/preemption-evaluator.ts";
import { PreemptionExecutor } from "../preemption/preemption-executor.ts";
import { success, unresolvable } from "../status.ts";

const name = "DefaultPreemption";
const isUnderWay = unresolvable(name, "waiting for the preemption for this pod to be finished");

export interface DefaultPreemptionArgs {
  /** How many nodes are looked at as candidates: so many percent of all (default 10), but at least so many (default 100). */
  readonly minCandidateNodesPercentage?: number;
  readonly minCandidateNodesAbsolute?: number;
}

/** Says nothing by itself: only that a pod kept waiting for its victims may come back when one of them has gone. */
const victimGone: EventInterest<Pod> = { resource: "Pod", actions: ["Delete"], isWorthTrying: () => false };

export function createDefaultPreemption(args: DefaultPreemptionArgs, handle: PluginHandle): Plugin {
  const { informers, clock, metrics } = handle;
  const { minCandidateNodesPercentage = 10, minCandidateNodesAbsolute = 100 } = args;
  const pods = informers.informer(resources.pods);
  const budgets = informers.informer(resources.podDisruptionBudgets);
  const executor = new PreemptionExecutor(handle, name);
  return {
    name,
    events: [victimGone],
    preEnqueue: ({ uid }) => (executor.isRunningFor(uid) ? isUnderWay : success),
    postFilter(cycle, diagnosis) {
      const { pod } = cycle;
      const evaluation = evaluatePreemption(cycle, diagnosis, {
        pluginName: name,
        current: pods.get({ namespace: pod.namespace, name: pod.name }) ?? pod.pod,
        budgets: new DisruptionBudgets(budgets.list()),
        minCandidateNodesPercentage,
        minCandidateNodesAbsolute,
        random: Math.random,
        nowMs: clock.now(),
      });
      if ("rejection" in evaluation) {
        const { rejection, isFinal } = evaluation;
        return { status: rejection, nominatedNodeName: isFinal ? "" : undefined };
      }
      executor.start(pod, evaluation);
      metrics.preempted(evaluation.victims.length);
      return { status: success, nominatedNodeName: evaluation.node.name };
    },
    stop: () => executor.stop(),
  };
}
