// HorizontalPodAutoscaler in its two versions. v1 knows CPU utilization only; what else v2 holds it carries in annotations.

import { CodecError } from "../../../codec-error.ts";
import { decode } from "../../../decode/decode.ts";
import type {
  HorizontalPodAutoscalerCondition,
  MetricSpec,
  MetricStatus,
  AutoscalingV1HorizontalPodAutoscaler as V1,
  HorizontalPodAutoscaler as V2,
} from "../../../generated/types.ts";
import { marshalGo } from "../../../go-format.ts";
import { JsonError, parseJsonValue } from "../../../json/parse.ts";
import type { Schema } from "../../../schema.ts";
import type { Decoded } from "../../define-kind.ts";
import { internalForm } from "../../values/internal-form.ts";
import { cpuMetric, defaultMetric, setAutoscalerDefaults } from "../default-autoscaler.ts";
import { behaviorSchema, conditionsSchema, metricsSchema, statusesSchema } from "./annotation-schemas.ts";
import { metricToV1, metricToV2 } from "./metric-specs.ts";
import { metricStatusToV1, metricStatusToV2 } from "./metric-statuses.ts";
import {
  behaviorAnnotation,
  conditionsAnnotation,
  dropRoundTripAnnotations,
  metricsAnnotation,
  statusesAnnotation,
} from "./round-trip-annotations.ts";

type DecodedV1 = Decoded<V1, "spec" | "status">;
type DecodedV2 = Decoded<V2, "spec" | "status">;

/** A v2 object as v1 shows it; the object given stays as it is. */
export function autoscalerToV1(object: DecodedV2): DecodedV1 {
  const { metrics, behavior, ...spec } = object.spec;
  const { currentMetrics, conditions, ...status } = object.status;
  const metadata = { ...object.metadata };
  dropRoundTripAnnotations(metadata);
  const kept = keptInAnnotations(object);
  if (Object.keys(kept).length > 0) metadata.annotations = { ...metadata.annotations, ...kept };
  const target = (metrics ?? []).map(cpuUtilization).find((value) => value !== undefined);
  const current = (currentMetrics ?? []).map(currentUtilization).findLast((value) => value !== undefined);
  return {
    ...object,
    apiVersion: "autoscaling/v1",
    metadata,
    spec: { ...spec, ...(target !== undefined && { targetCPUUtilizationPercentage: target }) },
    status: {
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      ...(current !== undefined && { currentCPUUtilizationPercentage: current }),
    },
  };
}

function keptInAnnotations({ spec, status }: DecodedV2): Record<string, string> {
  const others = (spec.metrics ?? []).filter((metric) => cpuUtilization(metric) === undefined);
  const statuses = status.currentMetrics ?? [];
  const conditions = status.conditions ?? [];
  return {
    ...(others.length > 0 && { [metricsAnnotation]: marshalGo(others.map(metricToV1)) }),
    ...(statuses.length > 0 && { [statusesAnnotation]: marshalGo(statuses.map(metricStatusToV1)) }),
    ...(spec.behavior && {
      [behaviorAnnotation]: marshalGo(internalForm("HorizontalPodAutoscalerBehavior", spec.behavior)),
    }),
    ...(conditions.length > 0 && { [conditionsAnnotation]: marshalGo(conditions.map(conditionToV1)) }),
  };
}

function conditionToV1({
  type,
  status,
  lastTransitionTime,
  reason,
  message,
}: HorizontalPodAutoscalerCondition): object {
  return {
    type,
    status,
    lastTransitionTime: lastTransitionTime ?? null,
    ...(reason && { reason }),
    ...(message && { message }),
  };
}

function cpuUtilization({ type, resource }: MetricSpec): number | undefined {
  return type === "Resource" && resource?.name === "cpu" ? resource.target.averageUtilization : undefined;
}

function currentUtilization({ type, resource }: MetricStatus): number | undefined {
  return type === "Resource" && resource?.name === "cpu" ? resource.current.averageUtilization : undefined;
}

/** A v1 object as it is stored, v2's defaults included; the object given stays as it is. */
export function autoscalerToV2(object: DecodedV1): DecodedV2 {
  const converted = convertToV2(object);
  setAutoscalerDefaults(converted);
  return converted;
}

/** The same before v2's defaults are set: what is validated. */
export function convertToV2(object: DecodedV1): DecodedV2 {
  const { targetCPUUtilizationPercentage: target, ...spec } = object.spec;
  const { currentCPUUtilizationPercentage: current, ...status } = object.status;
  const metadata = { ...object.metadata };
  const { annotations } = metadata;
  const read = <T>(key: string, schema: Schema): T | undefined => readAnnotation(annotations?.[key], schema) as T;
  const others = read<object[] | null>(metricsAnnotation, metricsSchema) ?? [];
  const metrics = [...others.map(metricToV2), ...(target === undefined ? [] : [cpuMetric(target)])];
  const statuses = read<object[]>(statusesAnnotation, statusesSchema)?.map(metricStatusToV2);
  const behavior = read<object>(behaviorAnnotation, behaviorSchema);
  const conditions = read<HorizontalPodAutoscalerCondition[]>(conditionsAnnotation, conditionsSchema);
  dropRoundTripAnnotations(metadata);
  return {
    ...object,
    apiVersion: "autoscaling/v2",
    metadata,
    spec: {
      ...spec,
      metrics: metrics.length > 0 ? metrics : [defaultMetric()],
      ...(behavior && Object.keys(behavior).length > 0 && { behavior }),
    },
    status: {
      ...status,
      currentMetrics: statuses ?? (current === undefined ? (null as never) : [cpuStatus(current)]),
      ...(conditions?.length && { conditions }),
    },
  };
}

function cpuStatus(averageUtilization: number): MetricStatus {
  return { type: "Resource", resource: { name: "cpu", current: { averageUtilization } } };
}

/** What cannot be read is passed over. */
function readAnnotation(text: string | undefined, schema: Schema): unknown {
  if (text === undefined) return undefined;
  try {
    return decode(schema, withApiNames(parseJsonValue(text), schema)).value;
  } catch (error) {
    if (error instanceof CodecError || error instanceof JsonError) return undefined;
    throw error;
  }
}

/** Go's JSON finds fields in any case, and the behavior was written with Go's own names. */
function withApiNames(value: unknown, schema: Schema): unknown {
  if (schema.kind === "list" && Array.isArray(value)) return value.map((each) => withApiNames(each, schema.items));
  if (schema.kind !== "object" || typeof value !== "object" || value === null) return value;
  const names = new Map([...schema.fields.keys()].map((name) => [name.toLowerCase(), name]));
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => {
      const name = names.get(key.toLowerCase()) ?? key;
      const field = schema.fields.get(name);
      return [name, field ? withApiNames(each, field.schema) : each];
    }),
  );
}
