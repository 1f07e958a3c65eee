// Puts the parts of a scheduler together: cache, queue, plug-ins, the loop that places pods, the bindings.

import { hostname } from "node:os";
import { type Pod, resources } from "#kubernetes/api";
import type { Client, InformerSet } from "#kubernetes/client";
import { createSeriesRecorder, referenceTo, type SeriesRecorder } from "#kubernetes/runtime";
import type { Clock, Logger } from "#shared";
import { ClusterCache } from "./cluster/cluster-cache.ts";
import type { PodInfo } from "./cluster/pod-info.ts";
import { buildProfile } from "./config/build-profile.ts";
import { configurationDefaults, type SchedulerConfiguration } from "./config/configuration.ts";
import type { PluginFactory } from "./config/registry.ts";
import { BindingCycle } from "./cycle/binding.ts";
import { ConcurrencyLimit } from "./cycle/concurrency-limit.ts";
import { FailureHandler } from "./cycle/failure.ts";
import type { Profile } from "./cycle/profile.ts";
import { PodScheduler } from "./cycle/schedule-pod.ts";
import { SchedulingLoop } from "./cycle/scheduling-loop.ts";
import { StatusWriter } from "./cycle/status-writer.ts";
import { PodsInBinding } from "./cycle/waiting-pod.ts";
import { attachHandlers, hasEnded } from "./event-handlers.ts";
import type { PluginHandle } from "./framework.ts";
import type { SchedulerMetrics } from "./metrics.ts";
import { HintTable } from "./queue/hint-table.ts";
import { PodNominator } from "./queue/pod-nominator.ts";
import { SchedulingQueue } from "./queue/scheduling-queue.ts";

export interface AssemblyOptions {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly metrics: SchedulerMetrics;
  /** Valid. */
  readonly configuration: SchedulerConfiguration;
  readonly factories: Readonly<Record<string, PluginFactory>>;
  readonly keepsResults: boolean;
  /** Ends what goes on in the background. */
  readonly signal: AbortSignal;
}

const mostUnschedulableMs = 5 * 60_000;
const mostBindingsAtOnce = 256;

export interface Assembly {
  readonly queue: SchedulingQueue;
  readonly loop: SchedulingLoop;
  readonly podsInBinding: PodsInBinding;
  readonly profiles: ReadonlyMap<string, Profile>;
  /** Begins to listen to the informers; the answer ends it. */
  attach(): () => void;
  /** Resolves when nothing goes on in the background. The signal must have fired. */
  settled(): Promise<void>;
}

export function assemble(options: AssemblyOptions): Assembly {
  const { client, informers, clock, logger, metrics, signal } = options;
  const pods = informers.informer(resources.pods);
  const currentPod = ({ namespace, name }: PodInfo): Pod | undefined => {
    const pod = pods.get({ namespace, name });
    return pod && !hasEnded(pod) ? pod : undefined;
  };
  const cache = new ClusterCache();
  const podsInBinding = new PodsInBinding();
  const recorders = new Recorders(options);
  const nominator = new PodNominator((info) => {
    const pod = pods.get(info);
    return pod !== undefined && !pod.spec?.nodeName;
  });
  const profiles = buildProfiles(options, (profileName) => ({
    client,
    informers,
    clock,
    logger,
    nominator,
    waitingPods: podsInBinding,
    metrics,
    profileName,
    activate: (infos) => queue.activate(infos),
    recordEvent({ pod, related, ...event }) {
      const regarding = referenceTo(resources.pods, pod.pod);
      const other = related && { related: referenceTo(resources.pods, related.pod) };
      recorders.of(profileName).record({ regarding, ...other, ...event });
    },
  }));
  const queue = makeQueue(options, { nominator, profiles, onReady: () => loop.wake() });
  const statusWriter = new StatusWriter({ client, clock, logger, signal, currentPod });
  const recorderOf = ({ name }: Profile) => recorders.of(name);
  const failures = new FailureHandler({
    queue,
    nominator,
    statusWriter,
    logger,
    currentPod,
    recorderOf: ({ spec }) => recorders.of(spec?.schedulerName ?? ""),
  });
  const limit = new ConcurrencyLimit(mostBindingsAtOnce);
  const common = { cache, queue, failures, clock, metrics, recorderOf };
  const bindings = new BindingCycle({ ...common, statusWriter, podsInBinding, limit, signal });
  const podScheduler = makePodScheduler(options, cache, nominator);
  const loop = new SchedulingLoop({ ...common, nominator, podScheduler, bindings, profiles, logger });
  return {
    queue,
    loop,
    podsInBinding,
    profiles,
    attach: () => attachHandlers(informers, { cache, queue, podsInBinding, profiles }),
    async settled() {
      await loop.settled();
      const plugins = [...profiles.values()].flatMap((profile) => profile.plugins);
      await Promise.all(plugins.map((plugin) => plugin.stop?.()));
      await statusWriter.settled();
      await recorders.stop();
    },
  };
}

function buildProfiles(
  { configuration, factories }: AssemblyOptions,
  handleFor: (profileName: string) => PluginHandle,
): ReadonlyMap<string, Profile> {
  const wanted = configuration.profiles?.length ? configuration.profiles : [{}];
  const profiles = wanted.map((profile) => buildProfile(profile, factories, handleFor));
  return new Map(profiles.map((profile) => [profile.name, profile]));
}

function makeQueue(
  { clock, logger, metrics, configuration }: AssemblyOptions,
  parts: {
    readonly nominator: PodNominator;
    readonly profiles: ReadonlyMap<string, Profile>;
    readonly onReady: () => void;
  },
): SchedulingQueue {
  const profiles = [...parts.profiles.values()];
  const { podInitialBackoffSeconds, podMaxBackoffSeconds } = { ...configurationDefaults, ...configuration };
  const { queueSort } = profiles[0]!;
  return new SchedulingQueue({
    clock,
    logger,
    metrics,
    nominator: parts.nominator,
    hints: new HintTable(new Map(profiles.map(({ name, interests }) => [name, interests])), logger),
    isBefore: (a, b) => queueSort.isBefore!(a, b),
    gates: new Map(profiles.map(({ name, preEnqueue }) => [name, preEnqueue])),
    backoff: { initialMs: podInitialBackoffSeconds * 1000, mostMs: podMaxBackoffSeconds * 1000 },
    mostUnschedulableMs,
    onReady: parts.onReady,
  });
}

function makePodScheduler(
  { configuration, keepsResults, metrics }: AssemblyOptions,
  snapshot: ClusterCache,
  nominator: PodNominator,
): PodScheduler {
  const { percentageOfNodesToScore } = { ...configurationDefaults, ...configuration };
  return new PodScheduler({ snapshot, nominator, percentageOfNodesToScore, keepsResults, metrics });
}

/** One recorder for each profile, under its name. */
class Recorders {
  readonly #options: AssemblyOptions;
  readonly #recorders = new Map<string, SeriesRecorder>();

  constructor(options: AssemblyOptions) {
    this.#options = options;
  }

  of(profile: string): SeriesRecorder {
    const known = this.#recorders.get(profile);
    if (known) return known;
    const { client, clock, logger } = this.#options;
    const reportingInstance = `${profile}-${hostname()}`;
    const recorder = createSeriesRecorder({ client, clock, logger, reportingController: profile, reportingInstance });
    this.#recorders.set(profile, recorder);
    return recorder;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#recorders.values().map((recorder) => recorder.stop()));
  }
}
