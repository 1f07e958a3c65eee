// Reads the three metrics APIs: metrics.k8s.io (CPU and memory of pods), custom.metrics.k8s.io (of pods and other objects) and
// external.metrics.k8s.io. Servers of these are aggregated; where none is, what is thrown says so in upstream's words.

import {
  type CrossVersionObjectReference,
  isNotFound,
  parseApiVersion,
  parseDuration,
  quantityMilliValue,
} from "#kubernetes/api";
import { type Client, getJson } from "#kubernetes/client";
import { parseTime } from "#kubernetes/runtime";

/** A sample of one pod. Values are thousandths. */
export interface PodMetric {
  readonly value: number;
  readonly atMs: number;
  readonly windowMs: number;
}

/** By the names of pods. */
export type PodMetrics = ReadonlyMap<string, PodMetric>;

export interface PodSelection {
  readonly namespace: string;
  /** Text, as label selectors are written in queries. */
  readonly selector: string;
}

export interface MetricsClient {
  /** @param container One container alone; "": the pods as a whole. */
  resource(name: string, pods: PodSelection, container: string): Promise<PodMetrics>;
  pods(metric: string, pods: PodSelection, metricSelector: string): Promise<PodMetrics>;
  object(
    metric: string,
    object: CrossVersionObjectReference,
    namespace: string,
    metricSelector: string,
  ): Promise<number>;
  external(metric: string, namespace: string, metricSelector: string): Promise<readonly number[]>;
}

const defaultWindowMs = 60_000;

/** @param resourceOf The plural name of a kind. */
export function createMetricsClient(
  client: Client,
  resourceOf: (group: string, kind: string) => Promise<string>,
  signal: AbortSignal,
): MetricsClient {
  const customVersion = () => preferredVersion(client, signal);
  return {
    async resource(name, { namespace, selector }, container) {
      const query = queryOf({ labelSelector: selector });
      const path = `/apis/metrics.k8s.io/v1beta1/namespaces/${namespace}/pods${query}`;
      const items = await listItems<PodMetricsItem>(client, path, "resource", "get pods.metrics.k8s.io", signal);
      return readPodMetrics(items, name, container);
    },
    async pods(metric, { namespace, selector }, metricSelector) {
      const query = queryOf({ labelSelector: selector, metricLabelSelector: metricSelector });
      const path = `${await customVersion()}/namespaces/${namespace}/pods/*/${metric}${query}`;
      const items = await listItems<MetricValue>(client, path, "custom", "get pods.custom.metrics.k8s.io", signal);
      return new Map(items.map((item) => [item.describedObject?.name ?? "", readMetricValue(item)]));
    },
    async object(metric, { apiVersion = "", kind, name }, namespace, metricSelector) {
      const query = queryOf({ metricLabelSelector: metricSelector });
      const version = await customVersion();
      const { group } = parseApiVersion(apiVersion);
      const isNamespace = kind === "Namespace" && group === "";
      const resource = isNamespace ? "" : await resourceOf(group, kind);
      const groupResource = group === "" ? resource : `${resource}.${group}`;
      const object = isNamespace ? "metrics" : `${groupResource}/${name}`;
      const path = `${version}/namespaces/${namespace}/${object}/${metric}${query}`;
      const what = `get ${isNamespace ? "namespaces" : groupResource}.custom.metrics.k8s.io`;
      const [item] = await listItems<MetricValue>(client, path, "custom", what, signal);
      return quantityMilliValue(item?.value);
    },
    async external(metric, namespace, metricSelector) {
      const query = queryOf({ labelSelector: metricSelector });
      const path = `/apis/external.metrics.k8s.io/v1beta1/namespaces/${namespace}/${metric}${query}`;
      const what = `get ${metric}.external.metrics.k8s.io`;
      const items = await listItems<MetricValue>(client, path, "external", what, signal);
      return items.map(({ value }) => quantityMilliValue(value));
    },
  };
}

interface PodMetricsItem {
  readonly metadata: { readonly name?: string };
  readonly timestamp?: string;
  readonly window?: string;
  readonly containers?: readonly { readonly name: string; readonly usage?: Readonly<Record<string, string>> }[];
}

interface MetricValue {
  readonly describedObject?: { readonly name?: string };
  readonly timestamp?: string;
  readonly windowSeconds?: number;
  readonly value?: string;
}

async function listItems<T>(
  client: Client,
  path: string,
  api: "resource" | "custom" | "external",
  what: string,
  signal: AbortSignal,
): Promise<readonly T[]> {
  let items: readonly T[];
  try {
    ({ items = [] } = await getJson<{ items?: readonly T[] }>(client, path, signal));
  } catch (error) {
    const message = isNotFound(error)
      ? `the server could not find the requested resource (${what})`
      : (error as Error).message;
    throw new Error(`unable to fetch metrics from ${api} metrics API: ${message}`, { cause: error });
  }
  if (items.length === 0) throw new Error(`no metrics returned from ${api} metrics API`);
  return items;
}

async function preferredVersion(client: Client, signal: AbortSignal): Promise<string> {
  const path = "/apis/custom.metrics.k8s.io";
  try {
    const group = await getJson<{ preferredVersion?: { version?: string } }>(client, path, signal);
    return `${path}/${group.preferredVersion?.version ?? "v1beta2"}`;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    const message = "no custom metrics API (custom.metrics.k8s.io) registered";
    throw new Error(`unable to fetch metrics from custom metrics API: ${message}`, { cause: error });
  }
}

function queryOf(values: Readonly<Record<string, string>>): string {
  const given = Object.entries(values).filter(([, value]) => value !== "");
  return given.length > 0 ? `?${new URLSearchParams(given)}` : "";
}

function readPodMetrics(items: readonly PodMetricsItem[], resource: string, container: string): PodMetrics {
  const metrics = new Map<string, PodMetric>();
  for (const { metadata, timestamp, window, containers = [] } of items) {
    const wanted = container === "" ? containers : containers.filter(({ name }) => name === container);
    const values = wanted.map(({ usage }) => usage?.[resource]);
    if (values.length === 0 || values.includes(undefined)) continue;
    metrics.set(metadata.name ?? "", {
      value: values.reduce((sum, value) => sum + quantityMilliValue(value), 0),
      atMs: parseTime(timestamp) ?? 0,
      windowMs: window === undefined ? 0 : parseDuration(window),
    });
  }
  return metrics;
}

function readMetricValue({ timestamp, windowSeconds, value }: MetricValue): PodMetric {
  return {
    value: quantityMilliValue(value),
    atMs: parseTime(timestamp) ?? 0,
    windowMs: windowSeconds === undefined ? defaultWindowMs : windowSeconds * 1000,
  };
}
