// What the proxy reports, under kube-proxy's names. The registry is the process's; without one nothing is kept.

import type { Registry } from "prom-client";
import type { MetricClasses } from "#kubernetes/runtime";
import type { IPFamily } from "./nft/family.ts";

export interface ProxyMetrics {
  queued(family: IPFamily, atMs: number): void;
  synced(family: IPFamily, sync: { readonly tookMs: number; readonly isFull: boolean; readonly atMs: number }): void;
  syncFailed(family: IPFamily): void;
  cleanupFailed(family: IPFamily): void;
  /** From the change of a pod to the rules that follow it. */
  programmed(family: IPFamily, tookMs: number): void;
  changed(what: "service" | "endpoint"): void;
  pending(what: "service" | "endpoint", count: number): void;
  noLocalEndpoints(family: IPFamily, policy: "internal" | "external", count: number): void;
  flowsReconciled(family: IPFamily, flows: { readonly tookMs: number; readonly deleted: number }): void;
  healthAsked(path: "healthz" | "livez", status: number): void;
}

const nothing = () => {};
export const noProxyMetrics: ProxyMetrics = {
  queued: nothing,
  synced: nothing,
  syncFailed: nothing,
  cleanupFailed: nothing,
  programmed: nothing,
  changed: nothing,
  pending: nothing,
  noLocalEndpoints: nothing,
  flowsReconciled: nothing,
  healthAsked: nothing,
};

/** Doubling from a millisecond to sixteen seconds. */
const syncBuckets = Array.from({ length: 15 }, (_, n) => 0.001 * 2 ** n);
const programmingBuckets = [
  0.25,
  0.5,
  ...Array.from({ length: 59 }, (_, n) => n + 1),
  ...Array.from({ length: 12 }, (_, n) => 60 + 5 * n),
  ...Array.from({ length: 7 }, (_, n) => 120 + 30 * n),
];

/** Registers kubeproxy_* metrics; the answer reports to them. */
export function createProxyMetrics(classes: MetricClasses, registry: Registry): ProxyMetrics {
  const name = (rest: string) => `kubeproxy_${rest}`;
  const registers = [registry];
  const byFamily = { labelNames: ["ip_family"] as const, registers };
  const histogram = (rest: string, help: string, buckets = syncBuckets) =>
    new classes.Histogram({ name: name(rest), help, buckets, ...byFamily });
  const familyGauge = (rest: string, help: string) => new classes.Gauge({ name: name(rest), help, ...byFamily });
  const familyCounter = (rest: string, help: string) => new classes.Counter({ name: name(rest), help, ...byFamily });
  const byCode = (rest: string, help: string) =>
    new classes.Counter({ name: name(rest), help, labelNames: ["code"] as const, registers });

  const duration = histogram("sync_proxy_rules_duration_seconds", "SyncProxyRules latency in seconds");
  const full = histogram(
    "sync_full_proxy_rules_duration_seconds",
    "SyncProxyRules latency in seconds for full resyncs",
  );
  const partial = histogram(
    "sync_partial_proxy_rules_duration_seconds",
    "SyncProxyRules latency in seconds for partial resyncs",
  );
  const programming = histogram(
    "network_programming_duration_seconds",
    "In Cluster Network Programming Latency in seconds",
    programmingBuckets,
  );
  const queuedAt = familyGauge(
    "sync_proxy_rules_last_queued_timestamp_seconds",
    "The last time a sync of proxy rules was queued",
  );
  const syncedAt = familyGauge(
    "sync_proxy_rules_last_timestamp_seconds",
    "The last time proxy rules were successfully synced",
  );
  const failures = familyCounter(
    "sync_proxy_rules_nftables_sync_failures_total",
    "Cumulative proxy nftables sync failures",
  );
  const cleanupFailures = familyCounter(
    "sync_proxy_rules_nftables_cleanup_failures_total",
    "Cumulative proxy nftables cleanup failures",
  );
  const changes = {
    service: changeMetrics(classes, registry, "service", "Service"),
    endpoint: changeMetrics(classes, registry, "endpoint", "Endpoint"),
  };
  const withoutLocal = new classes.Gauge({
    name: name("sync_proxy_rules_no_local_endpoints_total"),
    help: "Number of services with a Local traffic policy and no endpoints",
    labelNames: ["ip_family", "traffic_policy"] as const,
    registers,
  });
  const flows = histogram(
    "conntrack_reconciler_sync_duration_seconds",
    "ReconcileConntrackFlowsLatency latency in seconds",
  );
  const deletedFlows = familyCounter(
    "conntrack_reconciler_deleted_entries_total",
    "Cumulative conntrack flows deleted by conntrack reconciler",
  );
  const asked = {
    healthz: byCode("proxy_healthz_total", "Cumulative proxy healthz HTTP status"),
    livez: byCode("proxy_livez_total", "Cumulative proxy livez HTTP status"),
  };
  return {
    queued: (ip_family, atMs) => queuedAt.set({ ip_family }, atMs / 1000),
    synced(ip_family, { tookMs, isFull, atMs }) {
      duration.observe({ ip_family }, tookMs / 1000);
      (isFull ? full : partial).observe({ ip_family }, tookMs / 1000);
      syncedAt.set({ ip_family }, atMs / 1000);
    },
    syncFailed: (ip_family) => failures.inc({ ip_family }),
    cleanupFailed: (ip_family) => cleanupFailures.inc({ ip_family }),
    programmed: (ip_family, tookMs) => programming.observe({ ip_family }, tookMs / 1000),
    changed: (what) => changes[what].total.inc(),
    pending: (what, count) => changes[what].pending.set(count),
    noLocalEndpoints: (ip_family, traffic_policy, count) => withoutLocal.set({ ip_family, traffic_policy }, count),
    flowsReconciled(ip_family, { tookMs, deleted }) {
      flows.observe({ ip_family }, tookMs / 1000);
      deletedFlows.inc({ ip_family }, deleted);
    },
    healthAsked: (path, status) => asked[path].inc({ code: String(status) }),
  };
}

function changeMetrics({ Counter, Gauge }: MetricClasses, registry: Registry, what: string, kind: string) {
  const name = `kubeproxy_sync_proxy_rules_${what}_changes`;
  const registers = [registry];
  return {
    total: new Counter({ name: `${name}_total`, help: `Cumulative proxy rules ${kind} changes`, registers }),
    pending: new Gauge({ name: `${name}_pending`, help: `Pending proxy rules ${kind} changes`, registers }),
  };
}
