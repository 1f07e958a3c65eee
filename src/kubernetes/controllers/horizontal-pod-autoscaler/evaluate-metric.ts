// How many replicas one metric of an autoscaler asks for, and what its status says of it.

import {
  formatQuantity,
  type HorizontalPodAutoscaler,
  type LabelSelector,
  type MetricSpec,
  type MetricStatus,
  type MetricTarget,
  type MetricValueStatus,
  makeQuantity,
  type Pod,
  parseQuantity,
  quantityMilliValue,
  selectorOf,
} from "#kubernetes/api";
import { selectorText } from "../selector-text.ts";
import type { MetricsClient, PodMetrics } from "./metrics-client.ts";
import {
  measureAverage,
  measureUtilization,
  type ReadinessSettings,
  replicasForRatio,
  replicasForShare,
  replicasForUsage,
  type Tolerances,
  type UsageAnswer,
} from "./plan.ts";
import { requestsOf } from "./requests.ts";

export interface MetricContext extends ReadinessSettings {
  readonly namespace: string;
  /** Of the target's pods, as text. */
  readonly selector: string;
  readonly pods: readonly Pod[];
  readonly specReplicas: number;
  readonly statusReplicas: number;
  readonly tolerances: Tolerances;
  readonly metrics: MetricsClient;
  readonly nowMs: number;
}

export interface MetricProposal {
  readonly replicas: number;
  /** As people are told of it. */
  readonly name: string;
  readonly status: MetricStatus;
}

/** A metric that says nothing: the reason of the condition, its message, and the error as a whole. */
export class MetricFailure extends Error {
  override readonly name = "MetricFailure";
  readonly reason: string;
  readonly detail: string;

  constructor(reason: string, detail: string, message: string) {
    super(message);
    this.reason = reason;
    this.detail = detail;
  }
}

/** The tolerances of an autoscaler, by direction. */
export function tolerancesOf({ spec }: HorizontalPodAutoscaler, standard: number): Tolerances {
  const read = (text: string | undefined) => (text === undefined ? standard : numberOf(text));
  const { scaleUp, scaleDown } = spec?.behavior ?? {};
  return { up: read(scaleUp?.tolerance), down: read(scaleDown?.tolerance) };
}

function numberOf(text: string): number {
  const { unscaled, exponent } = parseQuantity(text);
  return Number(unscaled) * 10 ** exponent;
}

type Evaluate = (spec: MetricSpec, context: MetricContext) => Promise<MetricProposal>;

interface MetricKind {
  readonly reason: string;
  /** What cannot be got, in errors. */
  what(spec: MetricSpec): string;
  readonly evaluate: Evaluate;
}

/** Throws MetricFailure. */
export async function evaluateMetric(spec: MetricSpec, context: MetricContext): Promise<MetricProposal> {
  const kind = metricKinds[spec.type];
  if (!kind) {
    const problem = `unknown metric source type ${JSON.stringify(spec.type)}`;
    throw new MetricFailure("InvalidMetricSourceType", problem, problem);
  }
  try {
    return await kind.evaluate(spec, context);
  } catch (error) {
    const detail = (error as Error).message;
    throw new MetricFailure(kind.reason, detail, `failed to get ${kind.what(spec)} value: ${detail}`);
  }
}

const metricKinds: Readonly<Record<string, MetricKind>> = {
  Resource: {
    reason: "FailedGetResourceMetric",
    what: ({ resource }) => `${resource?.name} resource metric`,
    async evaluate({ resource }, context) {
      const { name = "", target = noTarget } = resource ?? {};
      const { current, ...rest } = await evaluateResource(name, target, "", context);
      return { ...rest, status: { type: "Resource", resource: { name, current } } };
    },
  },
  ContainerResource: {
    reason: "FailedGetContainerResourceMetric",
    what: ({ containerResource }) => `${containerResource?.container} container metric`,
    async evaluate({ containerResource }, context) {
      const { name = "", container = "", target = noTarget } = containerResource ?? {};
      const { current, ...rest } = await evaluateResource(name, target, container, context);
      return { ...rest, status: { type: "ContainerResource", containerResource: { name, container, current } } };
    },
  },
  Pods: { reason: "FailedGetPodsMetric", what: () => "pods metric", evaluate: evaluatePods },
  Object: { reason: "FailedGetObjectMetric", what: () => "object metric", evaluate: evaluateObject },
  External: {
    reason: "FailedGetExternalMetric",
    what: ({ external }) => `${external?.metric.name} external metric`,
    evaluate: evaluateExternal,
  },
};

const noTarget: MetricTarget = { type: "" };

async function evaluateResource(name: string, target: MetricTarget, container: string, context: MetricContext) {
  const fail = (what: string, error: unknown) => {
    return new Error(`failed to get ${name} ${what}: ${(error as Error).message}`, { cause: error });
  };
  if (target.averageValue !== undefined) {
    try {
      const answer = ask(await resourceMetrics(name, container, context), target.averageValue, name === "cpu", context);
      const current = { averageValue: formatUsage(name, answer.average) };
      return { replicas: answer.replicas, name: `${name} resource`, current };
    } catch (error) {
      throw fail("usage", error);
    }
  }
  const { averageUtilization } = target;
  if (averageUtilization === undefined) {
    throw new Error(
      "invalid resource metric source: neither an average utilization target nor an average value (usage) target was set",
    );
  }
  try {
    const metrics = await resourceMetrics(name, container, context);
    const answer = askUtilization(metrics, averageUtilization, { name, container }, context);
    const { utilization = 0, average, replicas } = answer;
    const current: MetricValueStatus = { averageUtilization: utilization, averageValue: formatUsage(name, average) };
    const kind = container === "" ? "resource" : "container resource";
    return { replicas, name: `${name} ${kind} utilization (percentage of request)`, current };
  } catch (error) {
    throw fail("utilization", error);
  }
}

async function resourceMetrics(name: string, container: string, context: MetricContext): Promise<PodMetrics> {
  try {
    return await context.metrics.resource(name, context, container);
  } catch (error) {
    throw new Error(`unable to get metrics for resource ${name}: ${(error as Error).message}`, { cause: error });
  }
}

function ask(metrics: PodMetrics, averageValue: string, isCpu: boolean, context: MetricContext): UsageAnswer {
  const target = quantityMilliValue(averageValue);
  return replicasForUsage({
    ...context,
    metrics,
    isCpu,
    currentReplicas: context.specReplicas,
    measure: measureAverage(target),
    assumedUsage: () => target,
  });
}

function askUtilization(
  metrics: PodMetrics,
  target: number,
  { name, container }: { readonly name: string; readonly container: string },
  context: MetricContext,
): UsageAnswer {
  let requests: ReadonlyMap<string, number> | undefined;
  // Asked for only once there are samples: what is missing there is told first.
  const requested = () => (requests ??= requestsOf(context.pods, name, container));
  return replicasForUsage({
    ...context,
    metrics,
    isCpu: name === "cpu",
    currentReplicas: context.specReplicas,
    measure: (values) => measureUtilization(requested(), target)(values),
    assumedUsage: (pod) => Math.trunc(((requested().get(pod) ?? 0) * Math.max(100, target)) / 100),
  });
}

async function evaluatePods({ pods }: MetricSpec, context: MetricContext): Promise<MetricProposal> {
  const { metric, target = noTarget } = pods ?? {};
  const name = metric?.name ?? "";
  const metrics = await context.metrics.pods(name, context, selectorQuery(metric?.selector)).catch((error: unknown) => {
    throw new Error(`unable to get metric ${name}: ${(error as Error).message}`, { cause: error });
  });
  const { replicas, average } = ask(metrics, target.averageValue ?? "0", false, context);
  const current = { averageValue: formatMilli(average) };
  return {
    replicas,
    name: `pods metric ${name}`,
    status: { type: "Pods", pods: { metric: metric ?? { name }, current } },
  };
}

async function evaluateObject({ object }: MetricSpec, context: MetricContext): Promise<MetricProposal> {
  const { metric = { name: "" }, target = noTarget, describedObject = { kind: "", name: "" } } = object ?? {};
  const { namespace, tolerances, statusReplicas, specReplicas, pods } = context;
  const read = async () => {
    try {
      return await context.metrics.object(metric.name, describedObject, namespace, selectorQuery(metric.selector));
    } catch (error) {
      const { kind, name } = describedObject;
      const { message } = error as Error;
      // Upstream fills the places of its sentence in another order than they stand in.
      throw new Error(`unable to get metric ${metric.name}: ${kind} on ${namespace} ${name}/${message}`, {
        cause: error,
      });
    }
  };
  const answer = (replicas: number, name: string, current: MetricValueStatus): MetricProposal => {
    return { replicas, name, status: { type: "Object", object: { metric, describedObject, current } } };
  };
  if (target.type === "Value" && target.value !== undefined) {
    const usage = await read();
    const ratio = usage / quantityMilliValue(target.value);
    const replicas = replicasForRatio(ratio, specReplicas, pods, tolerances);
    return answer(replicas, `${describedObject.kind} metric ${metric.name}`, { value: formatMilli(usage) });
  }
  if (target.type === "AverageValue" && target.averageValue !== undefined) {
    const usage = await read().catch((error: unknown) => {
      throw new Error(`failed to get ${metric.name} object metric: ${(error as Error).message}`, { cause: error });
    });
    const share = replicasForShare(usage, quantityMilliValue(target.averageValue), statusReplicas, tolerances);
    return answer(share.replicas, externalName(metric), { averageValue: formatMilli(share.average) });
  }
  throw new Error("invalid object metric source: neither a value target nor an average value target was set");
}

async function evaluateExternal({ external }: MetricSpec, context: MetricContext): Promise<MetricProposal> {
  const { metric = { name: "" }, target = noTarget } = external ?? {};
  const { namespace, tolerances, statusReplicas, specReplicas, pods } = context;
  const read = async () => {
    try {
      const values = await context.metrics.external(metric.name, namespace, selectorQuery(metric.selector));
      return values.reduce((sum, value) => sum + value, 0);
    } catch (error) {
      const which = `${namespace}/${metric.name}/${goSelector(metric.selector)}`;
      throw new Error(`unable to get external metric ${which}: ${(error as Error).message}`, { cause: error });
    }
  };
  const answer = (replicas: number, current: MetricValueStatus): MetricProposal => {
    return { replicas, name: externalName(metric), status: { type: "External", external: { metric, current } } };
  };
  if (target.averageValue !== undefined) {
    const usage = await read().catch((error: unknown) => {
      throw new Error(`failed to get ${metric.name} external metric: ${(error as Error).message}`, { cause: error });
    });
    const share = replicasForShare(usage, quantityMilliValue(target.averageValue), statusReplicas, tolerances);
    return answer(share.replicas, { averageValue: formatMilli(share.average) });
  }
  if (target.value !== undefined) {
    try {
      const usage = await read();
      const ratio = usage / quantityMilliValue(target.value);
      return answer(replicasForRatio(ratio, specReplicas, pods, tolerances), { value: formatMilli(usage) });
    } catch (error) {
      throw new Error(`failed to get external metric ${metric.name}: ${(error as Error).message}`, { cause: error });
    }
  }
  throw new Error("invalid external metric source: neither a value target nor an average value target was set");
}

function selectorQuery(selector: LabelSelector | undefined): string {
  return selector ? selectorOf(selector).toString() : "";
}

function externalName({ name, selector }: { readonly name: string; readonly selector?: LabelSelector }): string {
  return `external metric ${name}(${goSelector(selector)})`;
}

function goSelector(selector: LabelSelector | undefined): string {
  return selector ? selectorText(selector) : "nil";
}

function formatMilli(value: number): string {
  return formatQuantity(makeQuantity(value, -3));
}

/** Memory is written in powers of two, as metrics servers do. */
function formatUsage(resource: string, value: number): string {
  return formatQuantity(makeQuantity(value, -3, resource === "memory" ? "BinarySI" : "DecimalSI"));
}
