// Makes room: tells the victims why, deletes them, and keeps the pod that wants the room from being tried again before the last
// of them is on its way out. All in the background, so that other pods can be scheduled meanwhile.

import { isNotFound, type Pod, resources } from "#kubernetes/api";
import { describeError } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import { ConcurrencyLimit } from "../cycle/concurrency-limit.ts";
import { patchPodStatus } from "../cycle/pod-status.ts";
import type { PluginHandle } from "../framework.ts";
import type { Candidate } from "./victims.ts";

const mostDeletesAtOnce = 16;

export class PreemptionExecutor {
  readonly #handle: PluginHandle;
  readonly #pluginName: string;
  readonly #abort = new AbortController();
  readonly #limit = new ConcurrencyLimit(mostDeletesAtOnce);
  /** By uid of the pod that wants the room: the last victim once its turn has come. */
  readonly #running = new Map<string, PodInfo | undefined>();
  readonly #tasks = new Set<Promise<void>>();

  constructor(handle: PluginHandle, pluginName: string) {
    this.#handle = handle;
    this.#pluginName = pluginName;
  }

  /** Whether victims of this pod's preemption are still to be deleted. */
  isRunningFor(uid: string): boolean {
    if (!this.#running.has(uid)) return false;
    const last = this.#running.get(uid);
    if (!last) return true;
    const victim = this.#currentPod(last);
    return victim !== undefined && victim.metadata.deletionTimestamp === undefined;
  }

  start(preemptor: PodInfo, { node, victims }: Candidate): void {
    const alive = victims.filter(({ isTerminating }) => !isTerminating);
    if (alive.length === 0) return;
    this.#running.set(preemptor.uid, undefined);
    const task = this.#run(preemptor, node.name, alive).finally(() => {
      this.#running.delete(preemptor.uid);
      this.#tasks.delete(task);
    });
    this.#tasks.add(task);
  }

  async stop(): Promise<void> {
    this.#abort.abort();
    await Promise.all(this.#tasks);
  }

  /** The last victim goes last: by then all that could go wrong has, and its deletion is what brings the pod back. */
  async #run(preemptor: PodInfo, nodeName: string, victims: readonly PodInfo[]): Promise<void> {
    const { logger, activate } = this.#handle;
    try {
      await this.#clearNominations(preemptor, nodeName);
      const last = victims.at(-1)!;
      const others = victims.slice(0, -1);
      const preempt = (victim: PodInfo) => this.#limit.run(() => this.#preempt(victim, preemptor, nodeName));
      await Promise.all(others.map(preempt));
      this.#running.set(preemptor.uid, last);
      await preempt(last);
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      logger.error(
        { pod: `${preemptor.namespace}/${preemptor.name}`, error: describeError(error) },
        "preemption failed",
      );
      this.#running.delete(preemptor.uid);
      activate([preemptor]);
    }
  }

  async #preempt(victim: PodInfo, preemptor: PodInfo, nodeName: string): Promise<void> {
    const { waitingPods, recordEvent } = this.#handle;
    const isUnbound = waitingPods.get(victim.uid)?.preempt(this.#pluginName, "preempted") ?? false;
    if (!isUnbound && !(await this.#delete(victim, preemptor))) return;
    const where = isUnbound ? " (in kube-scheduler memory)." : "";
    recordEvent({
      pod: victim,
      related: preemptor,
      type: "Normal",
      reason: "Preempted",
      action: "Preempting",
      note: `Preempted by pod ${preemptor.uid} on node ${nodeName}${where}`,
    });
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
    const pod = this.#handle.informers.informer(resources.pods).get({ namespace, name });
    return pod?.metadata.uid === uid ? pod : undefined;
  }
}
