// The horizontal pod autoscaler: sets the size of workloads by what metrics say of them, looking again every 15 seconds.

import {
  formatKey,
  type HorizontalPodAutoscaler,
  keyOf,
  type MetricStatus,
  type Pod,
  parseKey,
  parseSelector,
  resources,
  type Selector,
} from "#kubernetes/api";
import {
  createController,
  done,
  formatTime,
  type ReconcileContext,
  type ReconcileResult,
  referenceTo,
  requeueAfter,
  watch,
} from "#kubernetes/runtime";
import { isSameJson } from "../canonical-json.ts";
import type { ControllerContext, ControllerProcess } from "../controller-definition.ts";
import { defaultAutoscaler } from "../controller-settings.ts";
import { normalizeReplicas, pruneHistory } from "./behavior.ts";
import { Draft, type Parts } from "./draft.ts";
import { evaluateMetric, MetricFailure, type MetricProposal, tolerancesOf } from "./evaluate-metric.ts";
import { createMetricsClient } from "./metrics-client.ts";
import { groupOf, KindResources, readScale, type ScaleTarget, writeScale } from "./scale-target.ts";

export function createHorizontalPodAutoscaler(context: ControllerContext): ControllerProcess {
  const { client, informers } = context;
  const autoscalers = informers.informer(resources.horizontalPodAutoscalers);
  const parts: Parts = {
    client,
    autoscalers,
    pods: informers.informer(resources.pods),
    events: context.recorder("horizontal-pod-autoscaler"),
    settings: { ...defaultAutoscaler, ...context.settings.horizontalPodAutoscaler },
    kinds: new KindResources(client),
    histories: new Map(),
    selectors: new Map(),
  };
  return createController({
    ...context,
    name: "horizontalpodautoscaler",
    reconcile: (key, reconcileContext) => reconcileKey(key, parts, reconcileContext),
    watches: [
      watch(autoscalers, (queue) => {
        const add = (autoscaler: HorizontalPodAutoscaler) => queue.add(formatKey(keyOf(autoscaler)));
        return {
          added: add,
          updated(autoscaler, old) {
            if (!isSameJson(autoscaler.spec, old.spec)) add(autoscaler);
          },
          deleted: add,
        };
      }),
      // Pods are looked up, not waited for.
      watch(parts.pods, () => ({})),
    ],
  });
}

async function reconcileKey(key: string, parts: Parts, context: ReconcileContext): Promise<ReconcileResult> {
  const autoscaler = parts.autoscalers.get(parseKey(key));
  if (!autoscaler) {
    parts.histories.delete(key);
    parts.selectors.delete(key);
    return done;
  }
  const draft = new Draft(autoscaler, key, parts, context);
  try {
    await scale(draft);
  } catch (error) {
    if (context.signal.aborted) throw error;
    context.logger.debug({ key, error: (error as Error).message }, "autoscaling failed, trying again");
  }
  await draft.save();
  // Failures are looked at again as everything else: metrics come when they come.
  return requeueAfter(parts.settings.syncPeriodMs);
}

async function scale(draft: Draft): Promise<void> {
  const { parts, key, autoscaler, nowMs } = draft;
  const target = await findTarget(draft);
  const currentReplicas = target.scale.spec?.replicas ?? 0;
  const first = { recommendations: [{ replicas: currentReplicas, atMs: nowMs }], ups: [], downs: [] };
  if (!parts.histories.has(key)) parts.histories.set(key, first);
  const { minReplicas = 1, maxReplicas } = autoscaler.spec ?? { maxReplicas: 0 };
  if (currentReplicas === 0) {
    const message = "scaling is disabled since the replica count of the target is zero";
    draft.set("ScalingActive", false, { reason: "ScalingDisabled", message });
    draft.status = { currentReplicas, desiredReplicas: 0, currentMetrics: [] };
  } else if (currentReplicas > maxReplicas) {
    await rescale(target, maxReplicas, "Current number of replicas above Spec.MaxReplicas", [], draft);
  } else if (currentReplicas < minReplicas) {
    await rescale(target, minReplicas, "Current number of replicas below Spec.MinReplicas", [], draft);
  } else {
    await scaleByMetrics(target, draft);
  }
}

async function findTarget(draft: Draft): Promise<ScaleTarget> {
  const { autoscaler, parts, signal } = draft;
  const { scaleTargetRef } = autoscaler.spec ?? { scaleTargetRef: { kind: "", name: "" } };
  const { kind, name } = scaleTargetRef;
  const group = groupOf(scaleTargetRef);
  try {
    const found = await parts.kinds.of(group, kind, signal);
    const key = { namespace: autoscaler.metadata.namespace ?? "", name };
    const target = await readScale(parts.client, found, key, signal);
    const message = "the HPA controller was able to get the target's current scale";
    draft.set("AbleToScale", true, { reason: "SucceededGetScale", message });
    return target;
  } catch (error) {
    parts.kinds.forget(group, kind);
    const { message } = error as Error;
    draft.warn("FailedGetScale", message);
    const told = `the HPA controller was unable to get the target's current scale: ${message}`;
    draft.set("AbleToScale", false, { reason: "FailedGetScale", message: told });
    throw error;
  }
}

async function scaleByMetrics(target: ScaleTarget, draft: Draft): Promise<void> {
  const { autoscaler, parts, key, nowMs } = draft;
  const { minReplicas: min = 1, maxReplicas: max = 0, behavior } = autoscaler.spec ?? {};
  const current = target.scale.spec?.replicas ?? 0;
  const { replicas: wanted, name, statuses } = await askMetrics(target, draft);
  const history = parts.histories.get(key) ?? { recommendations: [], ups: [], downs: [] };
  const { downscaleStabilizationMs } = parts.settings;
  const normalized = normalizeReplicas({
    current,
    wanted,
    min,
    max,
    behavior,
    history,
    downscaleStabilizationMs,
    nowMs,
  });
  const recommendations = [...history.recommendations, { replicas: wanted, atMs: nowMs }];
  parts.histories.set(key, pruneHistory({ ...history, recommendations }, nowMs));
  const { isLimited, ...limited } = normalized.limited;
  draft.set("AbleToScale", true, normalized.able);
  draft.set("ScalingLimited", isLimited, limited);
  if (normalized.replicas === current) {
    draft.status = { currentReplicas: current, desiredReplicas: current, currentMetrics: [...statuses] };
    return;
  }
  const reason = wanted > current ? `${name} above target` : wanted < current ? "All metrics below target" : "";
  await rescale(target, normalized.replicas, reason, statuses, draft);
}

async function rescale(
  target: ScaleTarget,
  replicas: number,
  why: string,
  currentMetrics: readonly MetricStatus[],
  draft: Draft,
): Promise<void> {
  const { parts, autoscaler, key, nowMs, signal } = draft;
  const currentReplicas = target.scale.spec?.replicas ?? 0;
  const told = `New size: ${replicas}; reason: ${why}`;
  draft.status = { currentReplicas, currentMetrics: [...currentMetrics] };
  try {
    await writeScale(parts.client, target, replicas, signal);
  } catch (error) {
    const { message } = error as Error;
    draft.warn("FailedRescale", `${told}; error: ${message}`);
    const problem = `the HPA controller was unable to update the target scale: ${message}`;
    draft.set("AbleToScale", false, { reason: "FailedUpdateScale", message: problem });
    throw error;
  }
  const message = `the HPA controller was able to update the target scale to ${replicas}`;
  draft.set("AbleToScale", true, { reason: "SucceededRescale", message });
  parts.events.normal(referenceTo(resources.horizontalPodAutoscalers, autoscaler), "SuccessfulRescale", told);
  remember(replicas - currentReplicas, key, nowMs, parts);
  draft.status = { ...draft.status, desiredReplicas: replicas, lastScaleTime: formatTime(nowMs) };
}

function remember(change: number, key: string, atMs: number, { histories }: Parts): void {
  const history = histories.get(key);
  if (!history) return;
  const ups = change > 0 ? [...history.ups, { change, atMs }] : history.ups;
  const downs = change < 0 ? [...history.downs, { change: -change, atMs }] : history.downs;
  histories.set(key, { ...history, ups, downs });
}

interface MetricsAnswer {
  readonly replicas: number;
  readonly name: string;
  readonly statuses: readonly MetricStatus[];
}

/** The most that any metric asks for. Where some fail, the others may still ask for more pods, never for fewer. */
async function askMetrics(target: ScaleTarget, draft: Draft): Promise<MetricsAnswer> {
  const { autoscaler } = draft;
  const specs = autoscaler.spec?.metrics ?? [];
  const currentReplicas = target.scale.spec?.replicas ?? 0;
  const statuses: MetricStatus[] = [];
  try {
    const context = await metricContext(target, draft);
    const failures: MetricFailure[] = [];
    let most: MetricProposal | undefined;
    for (const spec of specs) {
      const proposal = await evaluateMetric(spec, context).catch((error: unknown) => {
        if (!(error instanceof MetricFailure)) throw error;
        draft.warn(error.reason, error.detail);
        failures.push(error);
      });
      statuses.push(proposal?.status ?? { type: "" });
      if (proposal && (!most || most.replicas === 0 || proposal.replicas > most.replicas)) most = proposal;
    }
    const [failure] = failures;
    if (!most || (failure && most.replicas < currentReplicas)) {
      const count = `${failures.length} invalid out of ${specs.length}`;
      const message = `the HPA was unable to compute the replica count: ${failure?.detail}`;
      draft.set("ScalingActive", false, { reason: failure?.reason ?? "", message });
      throw new Error(`invalid metrics (${count}), first error is: ${failure?.message}`);
    }
    const message = `the HPA was able to successfully calculate a replica count from ${most.name}`;
    draft.set("ScalingActive", true, { reason: "ValidMetricFound", message });
    return { replicas: most.replicas, name: most.name, statuses };
  } catch (error) {
    draft.status = { currentReplicas, currentMetrics: statuses };
    draft.warn("FailedComputeMetricsReplicas", (error as Error).message);
    throw error;
  }
}

async function metricContext({ scale: { spec, status } }: ScaleTarget, draft: Draft) {
  const { autoscaler, parts, signal, nowMs } = draft;
  const { namespace = "" } = autoscaler.metadata;
  const selector = readSelector(status?.selector ?? "", draft);
  const pods = parts.pods.list(namespace).filter(({ metadata }) => selector.matches(metadata.labels));
  refuseSharedPods(pods, selector, draft);
  const resourceOf = async (group: string, kind: string) => {
    const [found] = await parts.kinds.of(group, kind, signal);
    return found?.resource ?? "";
  };
  return {
    namespace,
    selector: selector.toString(),
    pods,
    specReplicas: spec?.replicas ?? 0,
    statusReplicas: status?.replicas ?? 0,
    tolerances: tolerancesOf(autoscaler, parts.settings.tolerance),
    cpuInitializationMs: parts.settings.cpuInitializationMs,
    initialReadinessDelayMs: parts.settings.initialReadinessDelayMs,
    metrics: createMetricsClient(parts.client, resourceOf, signal),
    nowMs,
  };
}

function readSelector(text: string, draft: Draft): Selector {
  const refuse = (eventReason: string, message: string, told: string): never => {
    draft.warn(eventReason, message);
    draft.set("ScalingActive", false, { reason: "InvalidSelector", message: told });
    throw new Error(message);
  };
  if (text === "") refuse("SelectorRequired", "selector is required", "the HPA target's scale is missing a selector");
  try {
    const selector = parseSelector(text);
    draft.parts.selectors.set(draft.key, selector);
    return selector;
  } catch (error) {
    const problem = (error as Error).message;
    const message = `couldn't convert selector into a corresponding internal selector object: ${problem}`;
    return refuse("InvalidSelector", message, message);
  }
}

/** Two autoscalers over the same pods would work against each other. */
function refuseSharedPods(pods: readonly Pod[], selector: Selector, draft: Draft): void {
  const { selectors } = draft.parts;
  const { namespace } = draft.autoscaler.metadata;
  const sharers = [...selectors].filter(([key, other]) => {
    return parseKey(key).namespace === namespace && pods.some(({ metadata }) => other.matches(metadata.labels));
  });
  if (sharers.length <= 1) return;
  const names = sharers.map(([key]) => `{${parseKey(key).name} ${namespace}}`).join(" ");
  const message = `pods by selector ${selector} are controlled by multiple HPAs: [${names}]`;
  draft.warn("AmbiguousSelector", message);
  draft.set("ScalingActive", false, { reason: "AmbiguousSelector", message });
  throw new Error(message);
}
