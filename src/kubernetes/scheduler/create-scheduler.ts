// The scheduler from outside: made, started, stopped; and, where there are several, leading or waiting to.

import { hostname } from "node:os";
import type { KubeObject, ObjectKey, Resource } from "#kubernetes/api";
import type { Client, Informer, InformerScope, InformerSet } from "#kubernetes/client";
import { type LeaderElectionOptions, runAsLeader } from "#kubernetes/runtime";
import { type Clock, describeError, type Logger, onAbort, silentLogger, systemClock } from "#shared";
import { type Assembly, assemble } from "./assemble.ts";
import type { SchedulerConfiguration } from "./config/configuration.ts";
import { defaultFactories, type PluginFactory } from "./config/registry.ts";
import { validateConfiguration } from "./config/validate-configuration.ts";
import { noMetrics, type SchedulerMetrics } from "./metrics.ts";

export interface SchedulerOptions {
  readonly client: Client;
  /** Started by this; stopped by whoever made it. */
  readonly informers: InformerSet;
  /** Default: one profile, "default-scheduler", with the default plug-ins. */
  readonly config?: SchedulerConfiguration;
  /** Further plug-ins, by the names profiles may enable; or others in place of upstream's own. */
  readonly plugins?: Readonly<Record<string, PluginFactory>>;
  /** For one of several schedulers that share a lease. Default: it works without asking. */
  readonly leaderElection?: SchedulerElection;
  readonly metrics?: SchedulerMetrics;
  readonly clock?: Clock;
  readonly logger?: Logger;
  /** Whether what plug-ins say of a node is kept for the next pod of the same kind. Default true; false is slow. */
  readonly keepsResults?: boolean;
}

export interface SchedulerElection
  extends Partial<
    Pick<LeaderElectionOptions, "leaseDurationMs" | "renewDeadlineMs" | "retryPeriodMs" | "onNewLeader">
  > {
  /** Default: kube-system/kube-scheduler. */
  readonly lease?: ObjectKey;
  /** Default: the host's name and a random number. */
  readonly identity?: string;
}

export interface Scheduler {
  /** Starts it: pods are placed as soon as the informers have synced, and, where there are several, it leads. */
  start(): void;
  /** Resolves when nothing of it is running. */
  stop(): Promise<void>;
  /** How many pods wait, and for what. */
  readonly pending: Readonly<Record<"active" | "backoff" | "unschedulable" | "gated", number>>;
}

/** Throws a UserError where a scheduler with upstream's plug-ins could not run with this configuration. */
export function checkSchedulerConfiguration(config: SchedulerConfiguration): void {
  validateConfiguration(config, new Set(Object.keys(defaultFactories)));
}

/** Throws a UserError where the configuration is wrong. */
export function createScheduler(options: SchedulerOptions): Scheduler {
  const { config = {}, clock = systemClock, logger = silentLogger, metrics = noMetrics, keepsResults = true } = options;
  const factories = { ...defaultFactories, ...options.plugins };
  validateConfiguration(config, new Set(Object.keys(factories)));
  const abort = new AbortController();
  const { informers, asked } = trackInformers(options.informers);
  const { client } = options;
  const common = { client, clock, logger, signal: abort.signal };
  const assembly = assemble({ ...common, informers, metrics, configuration: config, factories, keepsResults });
  const detach = assembly.attach();
  let running: Promise<void> | undefined;
  let stopped: Promise<void> | undefined;
  const stop = async () => {
    abort.abort(new Error("the scheduler is stopping"));
    assembly.loop.pause();
    detach();
    assembly.queue.stop();
    releaseWaiting(assembly);
    await running;
    await assembly.settled();
  };
  return {
    start() {
      running ??= run(assembly, asked, options, common);
      options.informers.start();
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
    get pending() {
      return assembly.queue.sizes;
    },
  };
}

type Common = Pick<LeaderElectionOptions, "client" | "signal"> & { readonly clock: Clock; readonly logger: Logger };

/** Resolves when the scheduler need do no more, or its signal fires. */
async function run(
  assembly: Assembly,
  informers: ReadonlySet<Informer<KubeObject>>,
  { leaderElection }: SchedulerOptions,
  common: Common,
): Promise<void> {
  const { signal, logger } = common;
  try {
    await Promise.all([...informers].map((informer) => informer.synced(signal)));
    if (leaderElection) await leadAgainAndAgain(assembly, leaderElection, common);
    else assembly.loop.start();
  } catch (error) {
    if (!signal.aborted) logger.error({ error: describeError(error) }, "scheduler failed");
  }
}

async function leadAgainAndAgain(assembly: Assembly, election: SchedulerElection, common: Common): Promise<void> {
  const { lease = { namespace: "kube-system", name: "kube-scheduler" }, ...timing } = election;
  const { identity = `${hostname()}_${crypto.randomUUID()}` } = election;
  const lead = async (term: AbortSignal) => {
    assembly.loop.start();
    await new Promise<void>((resolve) => onAbort(term, resolve));
    assembly.loop.pause();
    releaseWaiting(assembly);
    if (common.signal.aborted) await assembly.loop.settled();
  };
  while (!common.signal.aborted) await runAsLeader(lead, { ...timing, lease, identity, ...common });
}

/** Pods held back by permit plug-ins would keep their places for as long as those like. */
function releaseWaiting({ podsInBinding }: Assembly): void {
  for (const pod of [...podsInBinding]) pod.reject("", "the scheduler is stopping");
}

/** Notes which informers are asked for: only these must have synced before the first pod is placed. */
function trackInformers(set: InformerSet): { informers: InformerSet; asked: ReadonlySet<Informer<KubeObject>> } {
  const asked = new Set<Informer<KubeObject>>();
  const informers: InformerSet = {
    ...set,
    informer<T extends KubeObject>(resource: Resource<T>, scope?: InformerScope): Informer<T> {
      const informer = set.informer(resource, scope);
      asked.add(informer as unknown as Informer<KubeObject>);
      return informer;
    },
  };
  return { informers, asked };
}
