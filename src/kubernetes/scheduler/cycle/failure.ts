// What happens to a pod whose attempt has failed: it goes back to the queue, people are told, its status says why.

import { type Pod, resources } from "#kubernetes/api";
import { referenceTo, type SeriesRecorder } from "#kubernetes/runtime";
import { describeError, type Logger } from "#shared";
import type { NodeInfo } from "../cluster/node-info.ts";
import { makePodInfo, type PodInfo } from "../cluster/pod-info.ts";
import type { PodNominator } from "../queue/pod-nominator.ts";
import type { QueuedPod } from "../queue/queued-pod.ts";
import type { SchedulingQueue } from "../queue/scheduling-queue.ts";
import type { Rejection } from "../status.ts";
import { Diagnosis } from "./diagnosis.ts";
import type { StatusWriter } from "./status-writer.ts";

export interface Failure {
  readonly reason: "Unschedulable" | "SchedulerError";
  readonly message: string;
  /** Who rejected the pod; nobody where something went wrong. */
  readonly unschedulablePlugins: ReadonlySet<string>;
  readonly pendingPlugins: ReadonlySet<string>;
  /** "" takes a nomination back, undefined leaves it. */
  readonly nominatedNodeName: string | undefined;
}

const nobody: ReadonlySet<string> = new Set();

export const noNodesFailure: Failure = {
  reason: "Unschedulable",
  message: "no nodes available to schedule pods",
  unschedulablePlugins: nobody,
  pendingPlugins: nobody,
  nominatedNodeName: "",
};

export function failureOfError(error: unknown): Failure {
  return { ...noNodesFailure, reason: "SchedulerError", message: describeError(error) };
}

/** A plug-in refused the one node that had been chosen. */
export function failureOnNode(node: NodeInfo, status: Rejection): Failure {
  const diagnosis = new Diagnosis();
  diagnosis.add(node, status);
  return failureOf(diagnosis, diagnosis.describe(1), "");
}

/** A plug-in refused when the pod was as good as bound: it comes back after its back-off, whatever happens. */
export function failureInBinding({ reasons }: Rejection): Failure {
  return { ...noNodesFailure, message: reasons.join(", ") };
}

export function failureOf(diagnosis: Diagnosis, message: string, nominatedNodeName: string | undefined): Failure {
  const { unschedulablePlugins, pendingPlugins } = diagnosis;
  return { reason: "Unschedulable", message, unschedulablePlugins, pendingPlugins, nominatedNodeName };
}

export interface FailureHandlerOptions {
  readonly queue: SchedulingQueue;
  readonly nominator: PodNominator;
  readonly statusWriter: StatusWriter;
  readonly logger: Logger;
  /** The pod as it is now; undefined where it is gone or has ended. */
  readonly currentPod: (info: PodInfo) => Pod | undefined;
  readonly recorderOf: (pod: Pod) => SeriesRecorder;
}

const longestNote = 1024;

export class FailureHandler {
  readonly #options: FailureHandlerOptions;

  constructor(options: FailureHandlerOptions) {
    this.#options = options;
  }

  handle(queued: QueuedPod, failure: Failure): void {
    const { nominator, statusWriter, logger } = this.#options;
    const { reason, message, nominatedNodeName } = failure;
    queued.unschedulablePlugins = new Set(failure.unschedulablePlugins);
    queued.pendingPlugins = new Set(failure.pendingPlugins);
    queued.gatingPlugin = "";
    const name = `${queued.info.namespace}/${queued.info.name}`;
    if (reason === "SchedulerError") logger.error({ pod: name, error: message }, "pod not scheduled, trying again");
    else logger.debug({ pod: name, message }, "pod fits nowhere");
    if (this.#giveBack(queued) === "replaced") return;
    nominator.add(queued.info, nominatedNodeName);
    this.#record(queued.info.pod, message);
    const condition = { type: "PodScheduled", status: "False", reason, message };
    void statusWriter.write(queued.info, { condition, nominatedNodeName });
  }

  /** Puts the pod back as it is now, unless it is gone, has a node meanwhile, or is another one of the same name. */
  #giveBack(queued: QueuedPod): "queued" | "gone" | "replaced" {
    const { queue, currentPod } = this.#options;
    const current = currentPod(queued.info);
    if (!current || current.spec?.nodeName) {
      queue.done(queued.info.uid);
      return "gone";
    }
    if (current.metadata.uid !== queued.info.uid) {
      queue.done(queued.info.uid);
      return "replaced";
    }
    queued.info = makePodInfo(current, queued.info);
    queue.addUnschedulable(queued);
    return "queued";
  }

  #record(pod: Pod, message: string): void {
    const note = message.length <= longestNote ? message : `${message.slice(0, longestNote - 4)} ...`;
    this.#options.recorderOf(pod).record({
      regarding: referenceTo(resources.pods, pod),
      type: "Warning",
      reason: "FailedScheduling",
      action: "Scheduling",
      note,
    });
  }
}
