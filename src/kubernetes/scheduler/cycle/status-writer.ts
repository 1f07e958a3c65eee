// Writes pods' statuses in the background: one write at a time for each pod, the last word for each counting.

import { isNotFound, type Pod } from "#kubernetes/api";
import { describeError, type Logger } from "#shared";
import type { PodInfo } from "../cluster/pod-info.ts";
import { type PodStatusChange, type PodStatusContext, patchPodStatus } from "./pod-status.ts";

export interface StatusWriterOptions extends PodStatusContext {
  readonly logger: Logger;
  /** The pod as it is now; undefined where it is gone. */
  readonly currentPod: (info: PodInfo) => Pod | undefined;
}

interface Write {
  next: PodStatusChange | undefined;
  readonly ended: Promise<void>;
}

export class StatusWriter {
  readonly #options: StatusWriterOptions;
  readonly #writes = new Map<string, Write>();

  constructor(options: StatusWriterOptions) {
    this.#options = options;
  }

  /** Queues a change. Resolves when it, or a later one in its place, was written or given up; never rejects. */
  write(info: PodInfo, change: PodStatusChange): Promise<void> {
    const running = this.#writes.get(info.uid);
    if (running) {
      running.next = { ...running.next, ...change };
      return running.ended;
    }
    const ended = Promise.withResolvers<void>();
    const write: Write = { next: change, ended: ended.promise };
    this.#writes.set(info.uid, write);
    void this.#run(info, write).finally(ended.resolve);
    return ended.promise;
  }

  /** Resolves when nothing is being written. */
  async settled(): Promise<void> {
    await Promise.all([...this.#writes.values()].map(({ ended }) => ended));
  }

  async #run(info: PodInfo, write: Write): Promise<void> {
    while (write.next) {
      const change = write.next;
      write.next = undefined;
      const pod = this.#options.currentPod(info);
      if (pod) await this.#patch(pod, change);
    }
    this.#writes.delete(info.uid);
  }

  async #patch(pod: Pod, change: PodStatusChange): Promise<void> {
    const { signal, logger } = this.#options;
    try {
      await patchPodStatus(pod, change, this.#options);
    } catch (error) {
      if (signal.aborted || isNotFound(error)) return;
      const { namespace, name } = pod.metadata;
      logger.error({ pod: `${namespace}/${name}`, error: describeError(error) }, "pod status not written");
    }
  }
}
