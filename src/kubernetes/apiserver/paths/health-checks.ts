// The checks behind /healthz, /livez and /readyz, by the names and in the order of kube-apiserver 1.36: most are steps of its start,
// which here are one.

import type { Store } from "#kubernetes/store";
import type { Clock } from "#shared";
import type { HealthCheck } from "./health.ts";

export interface HealthOptions {
  readonly store: Store;
  readonly clock: Clock;
  readonly isStarted: () => boolean;
  readonly isStopping: () => boolean;
  /** That of encryption at rest, where there is any. */
  readonly encryptionCheck: HealthCheck | undefined;
  /** Whether this server shows a certificate to those it aggregates. */
  readonly isFrontProxy: boolean;
}

export type HealthChecks = Readonly<Record<"healthz" | "livez" | "readyz", readonly HealthCheck[]>>;

/** How long the store may take, as upstream's etcd. */
const storePatienceMs = 2000;

/** Those of the server itself and of custom resources. */
const firstSteps = [
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
];

const aggregationSteps = [
  "start-kube-aggregator-informers",
  "apiservice-status-local-available-controller",
  "apiservice-status-remote-available-controller",
  "apiservice-registration-controller",
  "apiservice-discovery-controller",
  "kube-apiserver-autoregistration",
];

const lastSteps = ["apiservice-openapi-controller", "apiservice-openapiv3-controller"];

export function healthChecks(options: HealthOptions): HealthChecks {
  const { isStarted, isStopping, encryptionCheck } = options;
  const [ping, log] = [always("ping"), always("log")];
  // Components of this process call it without a certificate, so none can lapse.
  const loopback = always("loopback-serving-certificate");
  const [etcd, etcdReadiness] = [storage("etcd", options), storage("etcd-readiness", options)];
  const encryption = encryptionCheck ? [encryptionCheck] : [];
  const informers = unless("informer-sync", () => (isStarted() ? undefined : "informers not started yet"));
  const shutdown = unless("shutdown", () => (isStopping() ? "process is shutting down" : undefined));
  const steps = stepNames(options).map((name) => unless(name, () => (isStarted() ? undefined : "not finished")));
  return {
    healthz: [ping, log, loopback, etcd, ...encryption, ...steps],
    livez: [ping, log, loopback, etcd, ...steps],
    readyz: [ping, log, etcd, etcdReadiness, ...encryption, informers, ...steps, shutdown],
  };
}

function stepNames({ encryptionCheck, isFrontProxy }: HealthOptions): string[] {
  const step = (name: string) => `poststarthook/${name}`;
  return [
    step("start-apiserver-admission-initializer"),
    ...(encryptionCheck ? [step("start-encryption-provider-config-automatic-reload")] : []),
    ...firstSteps.map(step),
    ...(isFrontProxy ? [step("aggregator-reload-proxy-client-cert")] : []),
    ...aggregationSteps.map(step),
    "autoregister-completion",
    ...lastSteps.map(step),
  ];
}

function always(name: string): HealthCheck {
  return { name, check: () => {} };
}

function unless(name: string, problem: () => string | undefined): HealthCheck {
  return {
    name,
    check() {
      const why = problem();
      if (why !== undefined) throw new Error(why);
    },
  };
}

function storage(name: string, { store, clock }: HealthOptions): HealthCheck {
  return {
    name,
    async check() {
      const end = new AbortController();
      const late = clock.sleep(storePatienceMs, end.signal).then(() => {
        throw new Error("context deadline exceeded");
      });
      await Promise.race([store.sync(), late]).finally(() => end.abort());
    },
  };
}
