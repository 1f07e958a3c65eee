// autoscaling/v1's HorizontalPodAutoscaler, which knows CPU utilization only: what else v2 holds travels in annotations.

import type {
  HorizontalPodAutoscaler,
  KubeObject,
  MetricSpec,
  MetricStatus,
  AutoscalingV1HorizontalPodAutoscaler as V1,
} from "#kubernetes/api";
import { metricSpecToV1, metricSpecToV2, metricStatusToV1, metricStatusToV2 } from "./hpa-metrics.ts";

const prefix = "autoscaling.alpha.kubernetes.io/";
const annotationKeys = ["metrics", "current-metrics", "conditions", "behavior"].map((name) => prefix + name);
/** What the controller aims at where nothing else is said. */
const defaultUtilization = 80;

export function hpaToV1(object: KubeObject): KubeObject {
  const { spec, status, metadata } = object as HorizontalPodAutoscaler;
  const { metrics: wanted, behavior, ...plainSpec } = spec ?? ({} as NonNullable<typeof spec>);
  const { currentMetrics: measured, conditions: told, ...plainStatus } = status ?? ({} as NonNullable<typeof status>);
  // Lists may be null: upstream's encoding writes some that way.
  const [metrics, currentMetrics, conditions] = [wanted ?? [], measured ?? [], told ?? []];
  const others = metrics.filter((metric) => cpuUtilization(metric) === undefined).map(metricSpecToV1);
  const kept: Record<string, unknown> = {
    ...(others.length > 0 && { metrics: others }),
    ...(currentMetrics.length > 0 && { "current-metrics": currentMetrics.map(metricStatusToV1) }),
    ...(behavior && { behavior }),
    ...(conditions.length > 0 && { conditions }),
  };
  const target = metrics.map(cpuUtilization).findLast((value) => value !== undefined);
  const current = currentMetrics.map(currentCpuUtilization).findLast((value) => value !== undefined);
  const converted: V1 = {
    ...object,
    apiVersion: "autoscaling/v1",
    metadata: { ...metadata, ...annotationsOf(metadata.annotations, kept) },
    spec: { ...plainSpec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: {
      ...plainStatus,
      currentReplicas: plainStatus.currentReplicas ?? 0,
      ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
    },
  };
  return converted;
}

export function hpaToV2(object: KubeObject): KubeObject {
  const { spec, status, metadata } = object as V1;
  const { targetCPUUtilizationPercentage: target, ...plainSpec } = spec ?? ({} as NonNullable<typeof spec>);
  const { currentCPUUtilizationPercentage: current, ...plainStatus } = status ?? ({} as NonNullable<typeof status>);
  const kept = (name: string) => parseAnnotation(metadata.annotations?.[prefix + name]);
  const others = kept("metrics") as object[] | undefined;
  const currentMetrics = kept("current-metrics") as object[] | undefined;
  const conditions = kept("conditions");
  const behavior = kept("behavior");
  const metrics = [...(others ?? []).map(metricSpecToV2), ...(target === undefined ? [] : [cpuMetric(target)])];
  const statuses = currentMetrics?.map(metricStatusToV2) ?? (current === undefined ? [] : [cpuStatus(current)]);
  return {
    ...object,
    apiVersion: "autoscaling/v2",
    metadata: { ...metadata, ...annotationsOf(metadata.annotations, {}) },
    spec: {
      ...plainSpec,
      metrics: metrics.length > 0 ? metrics : [cpuMetric(defaultUtilization)],
      ...(behavior !== undefined && { behavior }),
    },
    status: {
      ...plainStatus,
      ...(statuses.length > 0 && { currentMetrics: statuses }),
      ...(conditions !== undefined && { conditions }),
    },
  } as KubeObject;
}

function cpuUtilization(metric: MetricSpec): number | undefined {
  const { type, resource } = metric;
  return type === "Resource" && resource?.name === "cpu" ? resource.target.averageUtilization : undefined;
}

function currentCpuUtilization(metric: MetricStatus): number | undefined {
  const { type, resource } = metric;
  return type === "Resource" && resource?.name === "cpu" ? resource.current.averageUtilization : undefined;
}

function cpuMetric(averageUtilization: number): MetricSpec {
  return { type: "Resource", resource: { name: "cpu", target: { type: "Utilization", averageUtilization } } };
}

function cpuStatus(averageUtilization: number): MetricStatus {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

/** The annotations with those of the conversion replaced by `kept`; nothing where none are left. */
function annotationsOf(
  annotations: Readonly<Record<string, string>> | undefined,
  kept: Readonly<Record<string, unknown>>,
): { annotations?: Record<string, string> } {
  const result: Record<string, string> = { ...annotations };
  for (const key of annotationKeys) delete result[key];
  for (const [name, value] of Object.entries(kept)) result[prefix + name] = JSON.stringify(value);
  if (Object.keys(result).length > 0) return { annotations: result };
  return annotations ? ({ annotations: undefined } as object) : {};
}

function parseAnnotation(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
