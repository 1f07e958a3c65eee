// A scheduler's decisions without its queue, its server and its clock: nodes and pods in, outcome out.

import type { Node, Pod } from "#kubernetes/api";
import type { Client } from "#kubernetes/client";
import { FakeClock, silentLogger } from "#shared";
import { ClusterCache } from "../cluster/cluster-cache.ts";
import { makePodInfo, placeOn } from "../cluster/pod-info.ts";
import { buildProfile } from "../config/build-profile.ts";
import type { SchedulerProfile } from "../config/configuration.ts";
import { defaultFactories } from "../config/registry.ts";
import { PodScheduler, type ScheduleOutcome } from "../cycle/schedule-pod.ts";
import { PodsInBinding } from "../cycle/waiting-pod.ts";
import { noMetrics } from "../metrics.ts";
import { PodNominator } from "../queue/pod-nominator.ts";
import { FakeInformers } from "./fake-informers.ts";

export interface SmallSchedulerOptions {
  readonly nodes: readonly Node[];
  /** Those with a node. */
  readonly pods?: readonly Pod[];
  readonly informers?: FakeInformers;
  readonly profile?: SchedulerProfile;
  readonly keepsResults?: boolean;
}

export interface SmallScheduler {
  readonly cache: ClusterCache;
  readonly nominator: PodNominator;
  readonly informers: FakeInformers;
  /** Names of pods that were preempted, in order. */
  readonly deleted: readonly string[];
  schedule(pod: Pod): ScheduleOutcome;
  /** Schedules the pod and places it; answers the node's name, or why it fits nowhere. */
  place(pod: Pod): string;
  /** Resolves when no preemption is under way. */
  stop(): Promise<void>;
}

export function makeSmallScheduler(options: SmallSchedulerOptions): SmallScheduler {
  const { informers = new FakeInformers(), keepsResults = true } = options;
  const cache = new ClusterCache();
  for (const node of options.nodes) cache.putNode(node);
  for (const pod of options.pods ?? []) cache.putPod(pod);
  const nominator = new PodNominator(() => true);
  const deleted: string[] = [];
  const client = {
    patch: async () => ({}),
    async delete(_resource: unknown, { name }: { name: string }) {
      deleted.push(name);
    },
  } as unknown as Client;
  const profile = buildProfile(options.profile ?? {}, defaultFactories, (profileName) => ({
    client,
    informers,
    clock: new FakeClock(),
    logger: silentLogger,
    nominator,
    waitingPods: new PodsInBinding(),
    metrics: noMetrics,
    profileName,
    activate: () => {},
    recordEvent: () => {},
  }));
  const scheduler = new PodScheduler({ snapshot: cache, nominator, percentageOfNodesToScore: 0, keepsResults });
  const schedule = (pod: Pod) => scheduler.schedule(makePodInfo(pod), profile);
  return {
    cache,
    nominator,
    informers,
    deleted,
    schedule,
    place(pod) {
      const outcome = schedule(pod);
      if (outcome.kind !== "placed") return outcome.kind === "unschedulable" ? outcome.message : outcome.kind;
      const { nodeName } = outcome;
      cache.putPod(placeOn(makePodInfo(pod), nodeName).pod);
      return nodeName;
    },
    async stop() {
      await new Promise(setImmediate);
      await Promise.all(profile.plugins.map((plugin) => plugin.stop?.()));
    },
  };
}
