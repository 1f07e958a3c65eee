// What metrics last measured, as v2 has it and as v1 writes it into an annotation.

import type {
  CrossVersionObjectReference,
  LabelSelector,
  MetricStatus,
  MetricValueStatus,
} from "../../../generated/types.ts";
import { compact, identifierToV2, referenceToV1, referenceToV2, selectorToV1 } from "./metric-specs.ts";

/** One source of a metric in v1's form, the fields of all sources taken together. */
interface V1Source {
  target?: CrossVersionObjectReference;
  metricName?: string;
  selector?: LabelSelector;
  metricSelector?: LabelSelector;
  currentValue?: string;
  averageValue?: string;
  currentAverageValue?: string;
  currentAverageUtilization?: number;
  name?: string;
  container?: string;
}

/** In the order of Go's types, in which the annotation is written. */
export function metricStatusToV1({ type, object, pods, resource, containerResource, external }: MetricStatus): object {
  return compact({
    type,
    object: object && {
      target: referenceToV1(object.describedObject),
      metricName: object.metric.name,
      currentValue: object.current.value ?? "0",
      selector: selectorToV1(object.metric),
      averageValue: object.current.averageValue,
    },
    pods: pods && {
      metricName: pods.metric.name,
      currentAverageValue: pods.current.averageValue ?? "0",
      selector: selectorToV1(pods.metric),
    },
    resource: resource && { name: resource.name, ...resourceToV1(resource.current) },
    containerResource: containerResource && {
      name: containerResource.name,
      ...resourceToV1(containerResource.current),
      container: containerResource.container,
    },
    external: external && {
      metricName: external.metric.name,
      metricSelector: selectorToV1(external.metric),
      currentValue: external.current.value ?? "0",
      currentAverageValue: external.current.averageValue,
    },
  });
}

function resourceToV1({ averageUtilization, averageValue }: MetricValueStatus): object {
  return { currentAverageUtilization: averageUtilization, currentAverageValue: averageValue ?? "0" };
}

export function metricStatusToV2(metric: object): MetricStatus {
  const { type = "", ...sources } = metric as { type?: string } & Record<string, V1Source | undefined>;
  const { object, pods, resource, containerResource, external } = sources;
  return compact({
    type,
    object: object && {
      metric: identifierToV2(object.metricName, object.selector),
      current: { value: object.currentValue ?? "0", averageValue: object.averageValue },
      describedObject: referenceToV2(object.target),
    },
    pods: pods && {
      metric: identifierToV2(pods.metricName, pods.selector),
      current: { averageValue: pods.currentAverageValue ?? "0" },
    },
    resource: resource && { name: resource.name ?? "", current: resourceToV2(resource) },
    containerResource: containerResource && {
      name: containerResource.name ?? "",
      current: resourceToV2(containerResource),
      container: containerResource.container ?? "",
    },
    external: external && {
      metric: identifierToV2(external.metricName, external.metricSelector),
      current: { value: external.currentValue ?? "0", averageValue: external.currentAverageValue },
    },
  }) as unknown as MetricStatus;
}

function resourceToV2({ currentAverageUtilization, currentAverageValue }: V1Source): object {
  return { averageValue: currentAverageValue ?? "0", averageUtilization: currentAverageUtilization };
}
