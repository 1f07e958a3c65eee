// One probe of one container, over and over: when to probe, how many results in a row make a verdict, when to stop.

import type { Container, ContainerStatus, PodStatus, Probe } from "#kubernetes/api";
import { parseTime } from "#kubernetes/runtime";
import { type Clock, onAbort } from "#shared";
import { type BoundPod, isSidecar, isTerminalPhase } from "../pod/bound-pod.ts";
import { shouldRestart } from "../pod/restart-rules.ts";
import type { ProbeTarget } from "./run-probe.ts";
import type { ProbeType, Verdict, VerdictStore } from "./verdict-store.ts";

export interface ProbeWorkerOptions {
  readonly pod: BoundPod;
  readonly container: Container;
  readonly type: ProbeType;
  readonly probe: Probe;
  readonly verdicts: VerdictStore;
  readonly clock: Clock;
  /** When this process began. Containers that ran long before are taken for what their status says, until probed. */
  readonly startedAt: number;
  /** The pod's status as the kubelet last made it; undefined before the first. */
  statusOf(podUid: string): PodStatus | undefined;
  run(target: ProbeTarget, signal: AbortSignal): Promise<"success" | "failure" | undefined>;
}

/** What to do after a step: probe again after a period; wait for news of the pod (at most a time); stop. */
type Next =
  | { readonly wait: "period" }
  | { readonly wait: "news"; readonly mostMs?: number }
  | { readonly wait: "none" };

const initialVerdicts: Readonly<Record<ProbeType, Verdict>> = {
  liveness: "success",
  readiness: "failure",
  startup: "unknown",
};
const restartGraceMs = 10_000;

export class ProbeWorker {
  readonly #options: ProbeWorkerOptions;
  readonly #controller = new AbortController();
  #containerId = "";
  #last: Verdict | undefined;
  #inARow = 0;
  /** A verdict was reached that only another container can change. */
  #onHold = false;
  #hasNews = false;
  #wakeUp: (() => void) | undefined;

  constructor(options: ProbeWorkerOptions) {
    this.#options = options;
  }

  /** Tells that the pod's status changed: what the worker waits for may have come. */
  notify(): void {
    this.#hasNews = true;
    this.#wakeUp?.();
  }

  stop(): void {
    this.#controller.abort();
  }

  /** Resolves when stopped, or when there is nothing left to probe. */
  async run(): Promise<void> {
    const { signal } = this.#controller;
    while (!signal.aborted) {
      this.#hasNews = false;
      const next = await this.#step(signal);
      if (next.wait === "none" || signal.aborted) break;
      await this.#pause(next, signal);
    }
    if (this.#containerId) this.#options.verdicts.forget(this.#options.type, this.#containerId);
  }

  async #pause(next: Next, signal: AbortSignal): Promise<void> {
    const periodMs = (this.#options.probe.periodSeconds ?? 10) * 1000;
    const mostMs = next.wait === "news" ? Math.min(next.mostMs ?? periodMs, periodMs) : periodMs;
    if (next.wait === "news" && this.#hasNews) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#options.clock.after(mostMs, resolve);
      const end = () => {
        cancel();
        resolve();
      };
      const release = onAbort(signal, end);
      this.#wakeUp = () => {
        if (next.wait !== "news") return;
        release();
        end();
      };
    });
    this.#wakeUp = undefined;
  }

  async #step(signal: AbortSignal): Promise<Next> {
    const { pod, container, type } = this.#options;
    const status = this.#options.statusOf(pod.metadata.uid);
    if (!status) return { wait: "news" };
    if (isTerminalPhase(status.phase)) return { wait: "none" };
    const own = findStatus(status, container.name);
    if (!own?.containerID) return { wait: "news" };
    this.#adopt(own);
    if (this.#onHold) return { wait: "news" };
    if (!own.state?.running) return this.#notRunning(own);
    const delayMs = this.#initialDelay(own);
    if (delayMs > 0) return { wait: "news", mostMs: delayMs };
    // Until it has started there is only the startup probe, and after that every other.
    if ((own.started ?? false) === (type === "startup")) return { wait: "news" };
    await this.#probe(status.podIP ?? "", signal);
    return { wait: "period" };
  }

  /** A container of another run begins with a verdict of its own. */
  #adopt(own: ContainerStatus): void {
    const id = own.containerID!.slice(own.containerID!.indexOf("://") + 3);
    if (id === this.#containerId) return;
    const { verdicts, type, pod, container, startedAt } = this.#options;
    if (this.#containerId) verdicts.forget(type, this.#containerId);
    this.#containerId = id;
    this.#onHold = false;
    this.#last = undefined;
    this.#inARow = 0;
    const ranSince = parseTime(own.state?.running?.startedAt);
    if (ranSince === undefined || ranSince >= startedAt - restartGraceMs) {
      verdicts.set(type, pod.metadata.uid, id, initialVerdicts[type]);
    } else if (type === "startup" && own.started && isSidecar(container)) {
      verdicts.set(type, pod.metadata.uid, id, "success");
    }
  }

  #notRunning(own: ContainerStatus): Next {
    const { verdicts, type, pod, container } = this.#options;
    verdicts.set(type, pod.metadata.uid, this.#containerId, "failure");
    const exitCode = own.state?.terminated?.exitCode;
    const isOver = exitCode !== undefined && !shouldRestart(container, pod.spec, exitCode);
    return isOver ? { wait: "none" } : { wait: "news" };
  }

  #initialDelay(own: ContainerStatus): number {
    const { probe, clock } = this.#options;
    const startedAt = parseTime(own.state?.running?.startedAt) ?? clock.now();
    return startedAt + (probe.initialDelaySeconds ?? 0) * 1000 - clock.now();
  }

  async #probe(podIP: string, signal: AbortSignal): Promise<void> {
    const { pod, container, type, probe, verdicts } = this.#options;
    const containerId = this.#containerId;
    const result = await this.#options.run({ pod, container, type, probe, containerId, podIP }, signal);
    if (result === undefined || containerId !== this.#containerId) return;
    this.#inARow = this.#last === result ? this.#inARow + 1 : 1;
    this.#last = result;
    const threshold = result === "failure" ? (probe.failureThreshold ?? 3) : (probe.successThreshold ?? 1);
    if (this.#inARow < threshold) return;
    verdicts.set(type, pod.metadata.uid, containerId, result);
    if (type === "startup" || (type === "liveness" && result === "failure")) {
      this.#onHold = true;
      this.#inARow = 0;
    }
  }
}

function findStatus(status: PodStatus, name: string): ContainerStatus | undefined {
  const byName = (each: ContainerStatus) => each.name === name;
  return status.containerStatuses?.find(byName) ?? status.initContainerStatuses?.find(byName);
}
