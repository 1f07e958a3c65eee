// Metrics of horizontal pod autoscalers in the form the v1 API wrote into annotations, which is not that of v2.

import type { MetricSpec, MetricStatus } from "#kubernetes/api";

type Fields = Readonly<Record<string, unknown>>;

/** Each source's name in a metric, and whether its sides are told by field names or by an object. */
const sources = ["object", "pods", "resource", "containerResource", "external"] as const;
type Source = (typeof sources)[number];

export function metricSpecToV1(metric: MetricSpec): object {
  return convert(metric as unknown as Fields, specToV1);
}

export function metricSpecToV2(metric: object): MetricSpec {
  return convert(metric as Fields, specToV2) as unknown as MetricSpec;
}

export function metricStatusToV1(metric: MetricStatus): object {
  return convert(metric as unknown as Fields, statusToV1);
}

export function metricStatusToV2(metric: object): MetricStatus {
  return convert(metric as Fields, statusToV2) as unknown as MetricStatus;
}

function convert(metric: Fields, side: (source: Source, value: Fields) => Fields): Fields {
  const result: Record<string, unknown> = { type: metric["type"] };
  for (const source of sources) {
    const value = metric[source];
    if (value !== undefined) result[source] = side(source, value as Fields);
  }
  return result;
}

function specToV1(source: Source, value: Fields): Fields {
  const target = value["target"] as Fields;
  const { name, selector } = (value["metric"] ?? {}) as Fields;
  switch (source) {
    case "object": {
      const averageValue = target["averageValue"];
      const targetValue = target["value"] ?? "0";
      return drop({ target: value["describedObject"], metricName: name, targetValue, selector, averageValue });
    }
    case "pods":
      return drop({ metricName: name, targetAverageValue: target["averageValue"] ?? "0", selector });
    case "external":
      return drop({
        metricName: name,
        metricSelector: selector,
        targetValue: target["value"],
        targetAverageValue: target["averageValue"],
      });
    default:
      return drop({
        name: value["name"],
        targetAverageUtilization: target["averageUtilization"],
        targetAverageValue: target["averageValue"],
        container: value["container"],
      });
  }
}

function specToV2(source: Source, value: Fields): Fields {
  const metric = drop({ name: value["metricName"], selector: value["selector"] ?? value["metricSelector"] });
  switch (source) {
    case "object": {
      const averageValue = value["averageValue"];
      const isZero = Number(value["targetValue"]) === 0;
      const targetValue = averageValue !== undefined && isZero ? undefined : value["targetValue"];
      const type = averageValue === undefined ? "Value" : "AverageValue";
      return { describedObject: value["target"], target: drop({ type, value: targetValue, averageValue }), metric };
    }
    case "pods":
      return { metric, target: { type: "AverageValue", averageValue: value["targetAverageValue"] } };
    case "external": {
      const type = value["targetValue"] === undefined ? "AverageValue" : "Value";
      return {
        metric,
        target: drop({ type, value: value["targetValue"], averageValue: value["targetAverageValue"] }),
      };
    }
    default: {
      const averageUtilization = value["targetAverageUtilization"];
      const type = averageUtilization === undefined ? "AverageValue" : "Utilization";
      const target = drop({ type, averageValue: value["targetAverageValue"], averageUtilization });
      return drop({ name: value["name"], container: value["container"], target });
    }
  }
}

function statusToV1(source: Source, value: Fields): Fields {
  const current = value["current"] as Fields;
  const { name, selector } = (value["metric"] ?? {}) as Fields;
  switch (source) {
    case "object":
      return drop({
        target: value["describedObject"],
        metricName: name,
        currentValue: current["value"] ?? "0",
        selector,
        averageValue: current["averageValue"],
      });
    case "pods":
      return drop({ metricName: name, currentAverageValue: current["averageValue"] ?? "0", selector });
    case "external":
      return drop({
        metricName: name,
        metricSelector: selector,
        currentValue: current["value"] ?? "0",
        currentAverageValue: current["averageValue"],
      });
    default:
      return drop({
        name: value["name"],
        currentAverageUtilization: current["averageUtilization"],
        currentAverageValue: current["averageValue"] ?? "0",
        container: value["container"],
      });
  }
}

function statusToV2(source: Source, value: Fields): Fields {
  const metric = drop({ name: value["metricName"], selector: value["selector"] ?? value["metricSelector"] });
  switch (source) {
    case "object": {
      const current = drop({ value: value["currentValue"], averageValue: value["averageValue"] });
      return { metric, current, describedObject: value["target"] };
    }
    case "pods":
      return { metric, current: { averageValue: value["currentAverageValue"] } };
    case "external":
      return { metric, current: drop({ value: value["currentValue"], averageValue: value["currentAverageValue"] }) };
    default: {
      const averageUtilization = value["currentAverageUtilization"];
      const current = drop({ averageValue: value["currentAverageValue"], averageUtilization });
      return drop({ name: value["name"], container: value["container"], current });
    }
  }
}

/** The fields that have a value. */
function drop(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
