// The metrics of an autoscaler as v2 has them and as v1 writes them into an annotation.

import type {
  CrossVersionObjectReference,
  LabelSelector,
  MetricIdentifier,
  MetricSpec,
  MetricTarget,
} from "../../../generated/types.ts";
import { parseQuantity } from "../../../quantity/parse.ts";
import { signOf } from "../../../quantity/quantity.ts";
import { internalForm } from "../../values/internal-form.ts";

/** One source of a metric in v1's form, the fields of all sources taken together. */
interface V1Source {
  target?: CrossVersionObjectReference;
  metricName?: string;
  selector?: LabelSelector;
  metricSelector?: LabelSelector;
  targetValue?: string;
  averageValue?: string;
  targetAverageValue?: string;
  targetAverageUtilization?: number;
  name?: string;
  container?: string;
}

/** In the order of Go's types, in which the annotation is written. */
export function metricToV1({ type, object, pods, resource, containerResource, external }: MetricSpec): object {
  return compact({
    type,
    object: object && {
      target: referenceToV1(object.describedObject),
      metricName: object.metric.name,
      targetValue: object.target.value ?? "0",
      selector: selectorToV1(object.metric),
      averageValue: object.target.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      targetAverageValue: pods.target.averageValue ?? "0",
      selector: selectorToV1(pods.metric),
    },
    resource: resource && { name: resource.name, ...resourceTargetToV1(resource.target) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...resourceTargetToV1(containerResource.target),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: selectorToV1(external.metric),
      targetValue: external.target.value,
      targetAverageValue: external.target.averageValue,
    },
  });
}

function resourceTargetToV1({ averageUtilization, averageValue }: MetricTarget): object {
  return { targetAverageUtilization: averageUtilization, targetAverageValue: averageValue };
}

export function referenceToV1({ kind, name, apiVersion }: CrossVersionObjectReference): object {
  return compact({ kind, name, apiVersion: apiVersion || undefined });
}

export function selectorToV1({ selector }: MetricIdentifier): unknown {
  return selector && internalForm("LabelSelector", selector);
}

export function metricToV2(metric: object): MetricSpec {
  const { type = "", ...sources } = metric as { type?: string } & Record<string, V1Source | undefined>;
  const { object, pods, resource, containerResource, external } = sources;
  return compact({
    type,
    object: object && {
      describedObject: referenceToV2(object.target),
      target: objectTarget(object),
      metric: identifierToV2(object.metricName, object.selector),
    },
    pods: pods && {
      metric: identifierToV2(pods.metricName, pods.selector),
      target: { type: "AverageValue", averageValue: pods.targetAverageValue ?? "0" },
    },
    resource: resource && { name: resource.name ?? "", target: resourceTarget(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      target: resourceTarget(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metric: identifierToV2(external.metricName, external.metricSelector),
      target: compact({
        type: external.targetValue === undefined ? "AverageValue" : "Value",
        value: external.targetValue,
        averageValue: external.targetAverageValue,
      }),
    },
  }) as unknown as MetricSpec;
}

/** A value of 0 next to an average stands for none. */
function objectTarget({ targetValue = "0", averageValue }: V1Source): object {
  if (averageValue === undefined) return { type: "Value", value: targetValue };
  const value = signOf(parseQuantity(targetValue)) === 0 ? undefined : targetValue;
  return compact({ type: "AverageValue", value, averageValue });
}

function resourceTarget({ targetAverageUtilization, targetAverageValue }: V1Source): object {
  return compact({
    type: targetAverageUtilization === undefined ? "AverageValue" : "Utilization",
    averageValue: targetAverageValue,
    averageUtilization: targetAverageUtilization,
  });
}

export function referenceToV2(
  reference: Partial<CrossVersionObjectReference> | undefined,
): CrossVersionObjectReference {
  const { kind = "", name = "", apiVersion } = reference ?? {};
  return { kind, name, ...(apiVersion && { apiVersion }) };
}

export function identifierToV2(name: string | undefined, selector: LabelSelector | undefined): MetricIdentifier {
  return { name: name ?? "", ...(selector && { selector }) };
}

/** Without fields that have no value, at any depth. */
export function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined) return [];
      const isRecord = typeof value === "object" && value !== null && !Array.isArray(value);
      return [[key, isRecord ? compact(value as Record<string, unknown>) : value]];
    }),
  );
}
