// The disruption controller: says of every PodDisruptionBudget how many of its pods may be evicted now.

import { formatKey, isConflict, keyOf, type Pod, type PodDisruptionBudget, parseKey, resources } from "#kubernetes/api";
import type { Client, Informer } from "#kubernetes/client";
import {
  createController,
  done,
  type EventRecorder,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  type Watch,
  watch,
  watchOwn,
} from "#kubernetes/runtime";
import { type ControllerContext, type ControllerProcess, combineProcesses } from "../controller-definition.ts";
import { OwnWrites } from "../own-writes.ts";
import { compileSelector, matchesLabels } from "../ownership/selectors.ts";
import { selectorText } from "../selector-text.ts";
import { expectedScale, type Workloads, workloadsOf } from "./expected-scale.ts";
import { type Expected, expectedPods, needsScale, planBudget, planFailure } from "./plan.ts";
import { createStaleTargetController } from "./stale-targets.ts";

interface Parts extends Workloads {
  readonly client: Client;
  readonly pods: Informer<Pod>;
  readonly budgets: Informer<PodDisruptionBudget>;
  readonly events: EventRecorder;
}

export function createDisruptionController(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const parts: Parts = {
    ...workloadsOf(client, informers),
    pods: informers.informer(resources.pods),
    budgets: informers.informer(resources.podDisruptionBudgets),
    events: context.recorder("controllermanager"),
  };
  const { replicationControllers, replicaSets, deployments, statefulSets } = parts;
  const budgetController = createController({
    ...context,
    name: "disruption",
    reconcile: (key, reconcileContext) => reconcileBudget(key, parts, reconcileContext),
    watches: [
      watchOwn(parts.budgets),
      watchPods(parts),
      // Read only, but to be there before anything is counted.
      ...[replicationControllers, replicaSets, deployments, statefulSets].map((informer) =>
        watch(informer as Informer<never>, () => ({})),
      ),
    ],
  });
  return combineProcesses(budgetController, createStaleTargetController(context));
}

function watchPods({ pods, budgets, events }: Parts): Watch {
  return watch(pods, (queue) => {
    const add = (pod: Pod) => {
      const matching = budgetsOf(pod, budgets);
      const [first] = matching;
      if (!first) return;
      if (matching.length > 1) {
        const { namespace, name } = pod.metadata;
        const message = `Pod "${namespace}"/"${name}" matches multiple PodDisruptionBudgets.  Chose "${first.metadata.name}" arbitrarily.`;
        events.warning(referenceTo(resources.pods, pod), "MultiplePodDisruptionBudgets", message);
      }
      for (const budget of matching) queue.add(formatKey(keyOf(budget)));
    };
    return {
      added: add,
      updated(pod, old) {
        for (const budget of budgetsOf(old, budgets)) queue.add(formatKey(keyOf(budget)));
        add(pod);
      },
      deleted: add,
    };
  });
}

function budgetsOf(pod: Pod, budgets: Informer<PodDisruptionBudget>): PodDisruptionBudget[] {
  return budgets.list(pod.metadata.namespace ?? "").filter((budget) => {
    const selector = compileSelector(budget.spec?.selector);
    return selector !== undefined && matchesLabels(selector, pod);
  });
}

async function reconcileBudget(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const budget = parts.budgets.get(parseKey(key));
  if (!budget) return done;
  const { clock, signal, logger } = context;
  try {
    return await syncBudget(budget, parts, context);
  } catch (error) {
    if (isConflict(error) || signal.aborted) throw error;
    const { message } = error as Error;
    logger.warn({ key, error: message }, "budget cannot be counted: it allows no disruptions");
    await writeStatus(budget, planFailure(budget, message, clock.now()), parts, signal);
    return done;
  }
}

async function syncBudget(
  budget: PodDisruptionBudget,
  parts: Parts,
  { clock, signal }: ReconcileContext,
): Promise<ReconcileResult> {
  const { pods, events } = parts;
  const regarding = referenceTo(resources.podDisruptionBudgets, budget);
  const selector = compileSelector(budget.spec?.selector);
  const members = pods.list(budget.metadata.namespace ?? "").filter((pod) => selector && matchesLabels(selector, pod));
  if (members.length === 0) events.normal(regarding, "NoPods", "No matching pods found");
  const expected = await findExpected(budget, members, parts, signal);
  const { status, notDeleted, recheckMs } = planBudget(budget, members, expected, clock.now());
  for (const pod of notDeleted) {
    const { namespace, name } = budget.metadata;
    const message = `Pod was expected by PDB ${namespace}/${name} to be deleted but it wasn't`;
    events.warning(referenceTo(resources.pods, pod), "NotDeleted", message);
  }
  if (status) await writeStatus(budget, status, parts, signal);
  return recheckMs === undefined ? done : requeueAfter(recheckMs);
}

async function findExpected(
  budget: PodDisruptionBudget,
  members: readonly Pod[],
  parts: Parts,
  signal: AbortSignal,
): Promise<Expected> {
  const { events } = parts;
  const regarding = referenceTo(resources.podDisruptionBudgets, budget);
  try {
    if (!needsScale(budget)) return expectedPods(budget, members.length);
    const { count, unmanaged } = await expectedScale(members, parts, signal);
    if (unmanaged.length > 0) {
      const message = `Pods selected by this PodDisruptionBudget (selector: ${selectorText(budget.spec?.selector)}) were found to be unmanaged. As a result, the status of the PDB cannot be calculated correctly, which may result in undefined behavior. To account for these pods please set ".spec.minAvailable" field of the PDB to an integer value.`;
      events.warning(regarding, "UnmanagedPods", message);
    }
    return expectedPods(budget, count);
  } catch (error) {
    const message = `Failed to calculate the number of expected pods: ${(error as Error).message}`;
    events.warning(regarding, "CalculateExpectedPodCountFailed", message);
    throw error;
  }
}

async function writeStatus(
  budget: PodDisruptionBudget,
  status: NonNullable<PodDisruptionBudget["status"]>,
  { client, budgets }: Parts,
  signal: AbortSignal,
): Promise<void> {
  const writes = new OwnWrites();
  const options = { subresource: "status", signal };
  writes.note(budgets, await client.update(resources.podDisruptionBudgets, { ...budget, status }, options));
  await writes.seen(signal);
}
