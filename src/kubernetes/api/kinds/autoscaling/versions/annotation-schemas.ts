// The shapes of what autoscaling/v1 writes into annotations: metrics in the form they once had in an alpha version, the rest as
// in v2. Fields are in the order of Go's types.

import type { Field, ListSchema, ObjectSchema, ScalarType, Schema } from "../../../schema.ts";
import { schemaOf } from "../../../types-table.ts";

const reference = record("CrossVersionObjectReference", { kind: "string", name: "string", apiVersion: "string" });

export const metricsSchema = listOf(
  record("MetricSpec", {
    type: "string",
    object: record("ObjectMetricSource", {
      target: reference,
      metricName: "string",
      targetValue: "quantity",
      selector: labelSelector,
      averageValue: "quantity",
    }),
    pods: record("PodsMetricSource", {
      metricName: "string",
      targetAverageValue: "quantity",
      selector: labelSelector,
    }),
    resource: record("ResourceMetricSource", {
      name: "string",
      targetAverageUtilization: "int32",
      targetAverageValue: "quantity",
    }),
    containerResource: record("ContainerResourceMetricSource", {
      name: "string",
      targetAverageUtilization: "int32",
      targetAverageValue: "quantity",
      container: "string",
    }),
    external: record("ExternalMetricSource", {
      metricName: "string",
      metricSelector: labelSelector,
      targetValue: "quantity",
      targetAverageValue: "quantity",
    }),
  }),
);

export const statusesSchema = listOf(
  record("MetricStatus", {
    type: "string",
    object: record("ObjectMetricStatus", {
      target: reference,
      metricName: "string",
      currentValue: "quantity",
      selector: labelSelector,
      averageValue: "quantity",
    }),
    pods: record("PodsMetricStatus", {
      metricName: "string",
      currentAverageValue: "quantity",
      selector: labelSelector,
    }),
    resource: record("ResourceMetricStatus", {
      name: "string",
      currentAverageUtilization: "int32",
      currentAverageValue: "quantity",
    }),
    containerResource: record("ContainerResourceMetricStatus", {
      name: "string",
      currentAverageUtilization: "int32",
      currentAverageValue: "quantity",
      container: "string",
    }),
    external: record("ExternalMetricStatus", {
      metricName: "string",
      metricSelector: labelSelector,
      currentValue: "quantity",
      currentAverageValue: "quantity",
    }),
  }),
);

export const behaviorSchema = schemaOf("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerBehavior");
export const conditionsSchema = listOf(schemaOf("io.k8s.api.autoscaling.v2.HorizontalPodAutoscalerCondition"));

function labelSelector(): Schema {
  return schemaOf("io.k8s.apimachinery.pkg.apis.meta.v1.LabelSelector");
}

function record(name: string, shape: Readonly<Record<string, ScalarType | Schema | (() => Schema)>>): ObjectSchema {
  const fields = Object.entries(shape).map(([field, of]): [string, Field] => {
    const schema: Schema = typeof of === "string" ? { kind: "scalar", type: of } : typeof of === "function" ? of() : of;
    return [field, { name: field, schema, required: false }];
  });
  const fullName = `io.k8s.api.autoscaling.v1.${name}`;
  return { kind: "object", name: fullName, fields: new Map(fields), structure: "granular", preserveUnknown: false };
}

function listOf(items: Schema): ListSchema {
  return { kind: "list", items, structure: "atomic", keys: [] };
}
