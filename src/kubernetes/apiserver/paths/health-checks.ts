// The checks behind /healthz, /livez and /readyz, by upstream's names: most are steps of its start, which here are one.

import type { Store } from "#kubernetes/store";
import type { HealthCheck } from "./health.ts";

export interface HealthOptions {
  readonly store: Store;
  readonly isStarted: () => boolean;
  /** Of other parts; they stand behind etcd's. */
  readonly moreChecks: readonly HealthCheck[];
}

/** In upstream's order. */
const startSteps = [
  "start-apiserver-admission-initializer",
  "generic-apiserver-start-informers",
  "priority-and-fairness-config-consumer",
  "priority-and-fairness-filter",
  "storage-object-count-tracker-hook",
  "start-apiextensions-informers",
  "start-apiextensions-controllers",
  "crd-informer-synced",
  "start-system-namespaces-controller",
  "peer-endpoint-reconciler-controller",
  "start-cluster-authentication-info-controller",
  "start-kube-apiserver-identity-lease-controller",
  "start-kube-apiserver-identity-lease-garbage-collector",
  "storage-readiness",
  "start-legacy-token-tracking-controller",
  "start-service-ip-repair-controllers",
  "rbac/bootstrap-roles",
  "scheduling/bootstrap-system-priority-classes",
  "priority-and-fairness-config-producer",
  "bootstrap-controller",
  "start-kubernetes-service-cidr-controller",
  "start-kube-aggregator-informers",
  "apiservice-status-local-available-controller",
  "apiservice-status-remote-available-controller",
  "apiservice-registration-controller",
  "apiservice-discovery-controller",
  "kube-apiserver-autoregistration",
];

const lastSteps = ["apiservice-openapi-controller", "apiservice-openapiv3-controller"];

export function healthChecks({
  store,
  isStarted,
  moreChecks,
}: HealthOptions): Record<"healthz" | "livez" | "readyz", readonly HealthCheck[]> {
  const whenStarted = (name: string): HealthCheck => ({
    name,
    check: () => {
      if (!isStarted()) throw new Error("not finished");
    },
  });
  const always = (name: string): HealthCheck => ({ name, check: () => {} });
  const storage = (name: string): HealthCheck => ({ name, check: () => store.sync().then(() => undefined) });
  const first = [always("ping"), always("log")];
  const stored = [storage("etcd"), ...moreChecks];
  const steps = [
    ...startSteps.map((step) => whenStarted(`poststarthook/${step}`)),
    whenStarted("autoregister-completion"),
    ...lastSteps.map((step) => whenStarted(`poststarthook/${step}`)),
  ];
  const live = [...first, always("loopback-serving-certificate"), ...stored, ...steps];
  const readiness = [storage("etcd-readiness"), whenStarted("informer-sync")];
  return { healthz: live, livez: live, readyz: [...first, ...stored, ...readiness, ...steps, always("shutdown")] };
}
