// Everything pod workers work with, put together.

import { join } from "node:path";
import { resources, type Service } from "#kubernetes/api";
import type { InformerSet } from "#kubernetes/client";
import { createImagePuller } from "../images/image-puller.ts";
import { createWatchedObjects } from "../objects/watched-objects.ts";
import { toBoundPod } from "../pod/bound-pod.ts";
import { createNodePodHost } from "../pods/node-pod-host.ts";
import type { WorkerTools } from "../pods/pod-worker.ts";
import { createProbeManager } from "../probes/probe-manager.ts";
import type { VerdictChange } from "../probes/verdict-store.ts";
import { createAllocations } from "../resize/allocations.ts";
import { createResizes } from "../resize/resizes.ts";
import { Backoff, restartBackoff } from "../runtime/backoff.ts";
import { createPodCgroups } from "../runtime/pod-cgroups.ts";
import { createRuntimeClasses } from "../runtime/runtime-classes.ts";
import { applyReadiness, applyStartup } from "../status/apply-verdict.ts";
import { sortByFamily, withSandbox } from "../status/pod-status.ts";
import { createStatusKeeper, type StatusKeeper } from "../status/status-keeper.ts";
import { createSystemMounter } from "../volumes/mounter.ts";
import { createTokenSource } from "../volumes/token-source.ts";
import type { KubeletBase } from "./base.ts";
import { podsInformer } from "./informers.ts";
import { makeVolumes } from "./make-volumes.ts";

export type SharedTools = Omit<WorkerTools, "onFinished">;

export async function makeWorkerTools(base: KubeletBase): Promise<SharedTools> {
  const { options, clock, logger, cri, version, events, machine, metrics, state } = base;
  const { client, rootFolder, podLogsFolder, containerLogLinks, registryAuthFile } = options;
  const { supportsRecursiveReadOnly } = state;
  const root = options.cgroupRoot ?? "/";
  const {
    mounter = createSystemMounter(),
    cgroups = createPodCgroups({ root, version: machine.cgroupVersion, logger }),
  } = options.system ?? {};
  const { statuses, probes } = makeStatusTools(base);
  const objects = createWatchedObjects({
    client,
    clock,
    logger,
    onChange: (uid) => base.worker(uid)?.refreshVolumes(),
  });
  base.onStop(() => objects.stop());
  const tokens = createTokenSource(client, clock, logger);
  const volumes = makeVolumes(base, { mounter, objects, tokens, statuses });
  const images = createImagePuller({ cri, clock, ...(registryAuthFile !== undefined && { registryAuthFile }) });
  const host = createNodePodHost({
    rootFolder,
    podLogsFolder,
    dns: { clusterDns: options.clusterDns ?? [], clusterDomain: options.clusterDomain ?? "cluster.local" },
    resolverConfig: options.resolverConfig ?? "/etc/resolv.conf",
    events,
    cgroups,
    runtimeClasses: createRuntimeClasses(client),
    objects,
    volumes,
    mounter,
    images,
    services: serviceLister(base.informers),
    hostIPs: () => state.hostIPs,
    allocatable: () => state.allocatable,
    supportsRecursiveReadOnly,
  });
  const allocations = createAllocations(join(rootFolder, "pods"), logger);
  await allocations.load();
  const resizes = createResizes({
    allocations,
    clock,
    events,
    admit: (pod) => base.admit(pod),
    onChange: (pod) => base.worker(pod.metadata.uid)?.update(pod),
  });
  base.onStop(async () => resizes.stop());
  return {
    cri,
    clock,
    logger,
    events,
    metrics,
    allocations,
    resizes,
    host,
    images,
    machine,
    statuses,
    probes,
    volumes,
    objects,
    tokens,
    cgroups,
    podLogsFolder,
    containerLogLinks,
    runtimeName: version.runtimeName,
    backoff: new Backoff(restartBackoff, clock),
    security: { seccompFolder: join(rootFolder, "seccomp"), thermalPaths: machine.thermalPaths },
    networkProblem: () => state.health().networkProblem ?? state.health().runtimeProblem,
    hostIPs: () => state.hostIPs,
    supportsRecursiveReadOnly,
    onSandboxReady: (pod, podIPs) => {
      const status = statuses.get(pod.metadata.uid);
      if (status) statuses.set(pod, withSandbox(status, sortByFamily(podIPs, state.hostIPs)));
    },
  };
}

/** Statuses and probes need each other: a probe begins when the status says so, and its verdict goes into the status. */
function makeStatusTools(base: KubeletBase): Pick<SharedTools, "statuses" | "probes"> {
  const { options, clock, logger, cri, events } = base;
  const pods = podsInformer(base);
  const statuses = createStatusKeeper({
    client: options.client,
    clock,
    logger,
    podOf: (uid) => {
      const [pod] = pods.byIndex("uid", uid);
      return pod && toBoundPod(pod);
    },
    mayStillRun: (uid) => {
      const work = base.worker(uid)?.work.state;
      return work === "syncing" || work === "terminating";
    },
    onChange: (uid) => probes.notify(uid),
  });
  const probes = createProbeManager({
    clock,
    cri,
    events,
    statusOf: (uid) => statuses.get(uid),
    onChange: (change) => applyVerdict(base, statuses, change),
  });
  base.onStop(() => statuses.stop());
  base.onStop(() => probes.stop());
  return { statuses, probes };
}

function applyVerdict(base: KubeletBase, statuses: StatusKeeper, change: VerdictChange): void {
  const { type, podUid, containerId, verdict } = change;
  const worker = base.worker(podUid);
  const status = statuses.get(podUid);
  if (!worker?.pod || !status) return;
  const isWell = verdict === "success";
  if (type === "readiness") {
    const next = applyReadiness(worker.pod, status, containerId, isWell);
    if (next) statuses.set(worker.pod, next);
  } else if (type === "startup") {
    const next = applyStartup(worker.pod, status, containerId, isWell);
    if (next) statuses.set(worker.pod, next);
  }
  if (type !== "liveness" || verdict === "failure") worker.wake();
}

/** All services, or undefined while they are not known. */
function serviceLister(informers: InformerSet): () => readonly Service[] | undefined {
  const services = informers.informer(resources.services);
  return () => (services.hasSynced ? services.list() : undefined);
}
