// Makes room: tells the victims why, deletes them, and keeps the pod that wants the room from being tried again before the last
// of them is on its way out. All in the background, so that other pods can be scheduled meanwhile.

import { isNotFound, type Pod, resources } from "#kubernetes/api";
import type { Informer } from "#kubernetes/client";
import { describeError } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import { ConcurrencyLimit } from "../cycle/concurrency-limit.ts";
import { patchPodStatus } from "../cycle/pod-status.ts";
import type { PluginHandle } from "../framework.ts";
import type { Candidate } from "./victims.ts";

const mostDeletesAtOnce = 16;

interface Preemption {
  readonly preemptor: PodInfo;
  readonly nodeName: string;
  /** Never empty. */
  readonly victims: readonly PodInfo[];
}

export class PreemptionExecutor {
  readonly #handle: PluginHandle;
  readonly #pluginName: string;
  readonly #abort = new AbortController();
  readonly #limit = new ConcurrencyLimit(mostDeletesAtOnce);
  readonly #pods: Informer<Pod>;
  readonly #detach: () => void;
  /** By uid of the pod that wants the room. */
  readonly #running = new Map<string, Preemption>();
  /** By uid of the last victim, once its turn has come. */
  readonly #awaiting = new Map<string, Set<Preemption>>();
  readonly #tasks = new Set<Promise<void>>();

  /** To be made before anybody who asks `isRunningFor` when a pod goes listens for that. */
  constructor(handle: PluginHandle, pluginName: string) {
    this.#handle = handle;
    this.#pluginName = pluginName;
    this.#pods = handle.informers.informer(resources.pods);
    this.#detach = this.#pods.addHandler({
      updated: (pod) => {
        if (pod.metadata.deletionTimestamp !== undefined) this.#noteGoing(pod);
      },
      deleted: (pod) => this.#noteGoing(pod),
    });
  }

  /** Whether victims of this pod's preemption are still to be deleted. Asked for every such pod whenever any pod goes. */
  isRunningFor(uid: string): boolean {
    return this.#running.has(uid);
  }

  start(preemptor: PodInfo, { node, victims }: Candidate): void {
    const alive = victims.filter(({ isTerminating }) => !isTerminating);
    if (alive.length === 0) return;
    const preemption: Preemption = { preemptor, nodeName: node.name, victims: alive };
    this.#running.set(preemptor.uid, preemption);
    const task = this.#run(preemption).finally(() => {
      this.#end(preemption);
      this.#tasks.delete(task);
    });
    this.#tasks.add(task);
  }

  async stop(): Promise<void> {
    this.#detach();
    this.#abort.abort();
    await Promise.all(this.#tasks);
  }

  /** The last victim is on its way out: its preemptor need not be held back any more. */
  #noteGoing({ metadata: { uid = "" } }: Pod): void {
    for (const preemption of this.#awaiting.get(uid) ?? []) this.#end(preemption);
  }

  /** The same pod may have begun another one meanwhile. */
  #end(preemption: Preemption): void {
    const { preemptor, victims } = preemption;
    if (this.#running.get(preemptor.uid) === preemption) this.#running.delete(preemptor.uid);
    const last = victims.at(-1)!;
    const waiting = this.#awaiting.get(last.uid);
    if (waiting?.delete(preemption) && waiting.size === 0) this.#awaiting.delete(last.uid);
  }

  /** From here on the preemption lasts until the informer tells that this victim goes; false where it has done so already. */
  #await(preemption: Preemption, last: PodInfo): boolean {
    const current = this.#currentPod(last);
    if (!current || current.metadata.deletionTimestamp !== undefined) return false;
    const waiting = this.#awaiting.get(last.uid);
    if (waiting) waiting.add(preemption);
    else this.#awaiting.set(last.uid, new Set([preemption]));
    return true;
  }

  /** The last victim goes last: by then all that could go wrong has, and its deletion is what brings the pod back. */
  async #run(preemption: Preemption): Promise<void> {
    const { logger, activate } = this.#handle;
    const { preemptor, nodeName, victims } = preemption;
    try {
      await this.#clearNominations(preemptor, nodeName);
      const last = victims.at(-1)!;
      const others = victims.slice(0, -1);
      const preempt = (victim: PodInfo) => this.#limit.run(() => this.#preempt(victim, preemptor, nodeName));
      await Promise.all(others.map(preempt));
      const willHear = this.#await(preemption, last);
      const outcome = await preempt(last);
      if (willHear && outcome === "deleted") return;
      this.#end(preemption);
      activate([preemptor]);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      logger.error(
        { pod: `${preemptor.namespace}/${preemptor.name}`, error: describeError(error) },
        "preemption failed",
      );
      this.#end(preemption);
      activate([preemptor]);
    }
  }

  async #preempt(
    victim: PodInfo,
    preemptor: PodInfo,
    nodeName: string,
  ): Promise<"deleted" | "gone already" | "not bound"> {
    const { waitingPods, recordEvent } = this.#handle;
    const isUnbound = waitingPods.get(victim.uid)?.preempt(this.#pluginName, "preempted") ?? false;
    if (!isUnbound && !(await this.#delete(victim, preemptor))) return "gone already";
    const where = isUnbound ? " (in kube-scheduler memory)." : "";
    recordEvent({
      pod: victim,
      related: preemptor,
      type: "Normal",
      reason: "Preempted",
      action: "Preempting",
      note: `Preempted by pod ${preemptor.uid} on node ${nodeName}${where}`,
    });
    return isUnbound ? "not bound" : "deleted";
  }

  /** Answers false where the victim was gone already. */
  async #delete(victim: PodInfo, preemptor: PodInfo): Promise<boolean> {
    const { client, clock } = this.#handle;
    const { signal } = this.#abort;
    const pod = this.#currentPod(victim) ?? victim.pod;
    const message = `${preemptor.pod.spec?.schedulerName}: preempting to accommodate a higher priority pod`;
    const condition = { type: "DisruptionTarget", status: "True", reason: "PreemptionByScheduler", message };
    await patchPodStatus(pod, { condition }, { client, clock, signal });
    try {
      await client.delete(resources.pods, { namespace: victim.namespace, name: victim.name }, { signal });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** Less important pods that were promised this node must look for another. */
  async #clearNominations(preemptor: PodInfo, nodeName: string): Promise<void> {
    const { client, clock, logger, nominator } = this.#handle;
    const { signal } = this.#abort;
    const losers = nominator.podsNominatedFor(nodeName).filter(({ priority }) => priority < preemptor.priority);
    for (const loser of losers) {
      const pod = this.#currentPod(loser) ?? loser.pod;
      try {
        await patchPodStatus(pod, { nominatedNodeName: "" }, { client, clock, signal });
      } catch (error) {
        logger.error({ pod: loser.name, error: describeError(error) }, "nomination not taken back");
      }
    }
  }

  #currentPod({ namespace, name, uid }: PodInfo): Pod | undefined {
    const pod = this.#pods.get({ namespace, name });
    return pod?.metadata.uid === uid ? pod : undefined;
  }
}
