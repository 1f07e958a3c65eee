// The probes of all pods of a node: starts and stops them with their pods, and says who has started and who is ready.

import type { Container, ContainerStatus, PodStatus, Probe } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { ProbeVerdicts } from "../plan/pod-plan.ts";
import { type BoundPod, isSidecar } from "../pod/bound-pod.ts";
import { ProbeWorker } from "./probe-worker.ts";
import { type ProbeTools, runProbe } from "./run-probe.ts";
import { type ProbeType, type VerdictChange, VerdictStore } from "./verdict-store.ts";

export interface ProbeManagerOptions extends ProbeTools {
  readonly clock: Clock;
  statusOf(podUid: string): PodStatus | undefined;
  /** Called when a verdict changes; must not throw. */
  onChange(change: VerdictChange): void;
}

export interface ProbeManager extends ProbeVerdicts {
  /** Starts the pod's probes that do not run yet. */
  add(pod: BoundPod): void;
  /** The pod is ending: nothing of it is to be restarted for a probe's sake. */
  stopLivenessAndStartup(podUid: string): void;
  remove(podUid: string): void;
  /** The pod's status changed. */
  notify(podUid: string): void;
  /** The statuses with `started` and `ready` as the probes have it. */
  judge(pod: BoundPod, statuses: readonly ContainerStatus[], kind: "regular" | "init"): ContainerStatus[];
  stop(): Promise<void>;
}

const restartGraceMs = 10_000;

export function createProbeManager(options: ProbeManagerOptions): ProbeManager {
  const { clock, cri, events } = options;
  const verdicts = new VerdictStore(options.onChange);
  const workers = new Map<string, Map<string, { worker: ProbeWorker; type: ProbeType; ended: Promise<void> }>>();
  const startedAt = clock.now();

  const start = (pod: BoundPod, container: Container, type: ProbeType, probe: Probe): void => {
    const { uid } = pod.metadata;
    const own = workers.get(uid) ?? new Map();
    workers.set(uid, own);
    const key = `${container.name}/${type}`;
    if (own.has(key)) return;
    const worker = new ProbeWorker({
      pod,
      container,
      type,
      probe,
      verdicts,
      clock,
      startedAt,
      statusOf: options.statusOf,
      run: (target, signal) => runProbe(target, { cri, events }, signal),
    });
    const ended = worker.run().finally(() => {
      own.delete(key);
      if (own.size === 0 && workers.get(uid) === own) workers.delete(uid);
    });
    own.set(key, { worker, type, ended });
  };

  const each = (podUid: string, action: (worker: ProbeWorker, type: ProbeType) => void): void => {
    for (const { worker, type } of [...(workers.get(podUid)?.values() ?? [])]) action(worker, type);
  };

  const hasWorker = (pod: BoundPod, name: string, type: ProbeType) =>
    workers.get(pod.metadata.uid)?.has(`${name}/${type}`) ?? false;

  const isStarted = (pod: BoundPod, status: ContainerStatus): boolean => {
    if (!status.state?.running) return false;
    const verdict = verdicts.get("startup", idOf(status));
    if (verdict !== undefined) return verdict === "success";
    return status.started || !hasWorker(pod, status.name, "startup");
  };

  const isReady = (pod: BoundPod, status: ContainerStatus, container: Container | undefined): boolean => {
    if (!status.state?.running) return false;
    const verdict = verdicts.get("readiness", idOf(status));
    if (verdict === "success") return true;
    const ready = !hasWorker(pod, status.name, "readiness");
    // After a restart of the kubelet a container is as ready as it was, until its probe says otherwise.
    const ranSince = parseTime(status.state.running.startedAt) ?? Number.POSITIVE_INFINITY;
    if (ranSince >= startedAt - restartGraceMs || verdict !== undefined) return ready;
    return container?.readinessProbe ? wasReady(pod) : true;
  };

  return {
    add(pod) {
      for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? []).filter(isSidecar)]) {
        const { startupProbe, readinessProbe, livenessProbe } = container;
        if (startupProbe) start(pod, container, "startup", startupProbe);
        if (readinessProbe) start(pod, container, "readiness", readinessProbe);
        if (livenessProbe) start(pod, container, "liveness", livenessProbe);
      }
    },
    stopLivenessAndStartup: (podUid) => each(podUid, (worker, type) => type !== "readiness" && worker.stop()),
    remove: (podUid) => each(podUid, (worker) => worker.stop()),
    notify: (podUid) => each(podUid, (worker) => worker.notify()),
    judge(pod, statuses, kind) {
      return statuses.map((status) => {
        const started = isStarted(pod, status);
        const list = kind === "init" ? pod.spec.initContainers : pod.spec.containers;
        const container = list?.find(({ name }) => name === status.name);
        const isPlainInit = kind === "init" && container && !isSidecar(container);
        const ready = isPlainInit
          ? status.state?.terminated?.exitCode === 0 || status.ready
          : started && isReady(pod, status, container);
        return { ...status, started, ready };
      });
    },
    liveness: (containerId) => concluded(verdicts.get("liveness", containerId)),
    startup: (containerId) => concluded(verdicts.get("startup", containerId)),
    async stop() {
      const all = [...workers.values()].flatMap((own) => [...own.values()]);
      for (const { worker } of all) worker.stop();
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}

function concluded<V extends string>(verdict: V | undefined): Exclude<V, "unknown"> | undefined {
  return verdict === "unknown" ? undefined : (verdict as Exclude<V, "unknown"> | undefined);
}

function idOf({ containerID = "" }: ContainerStatus): string {
  return containerID.slice(containerID.indexOf("://") + 3);
}

function wasReady(pod: BoundPod): boolean {
  return pod.status.conditions?.some(({ type, status }) => type === "Ready" && status === "True") ?? false;
}
