// What all parts of a running kubelet share.

import type { InformerSet } from "#kubernetes/client";
import type { EventRecorder } from "#kubernetes/runtime";
import type { Clock, Logger } from "#shared";
import type { CriClient } from "../cri/cri-client.ts";
import type { CriAnswer } from "../cri/protocol.ts";
import type { KubeletMetrics } from "../kubelet-metrics.ts";
import type { NodeState } from "../node/node-state.ts";
import type { KubeletOptions } from "../options.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import type { PodEvents } from "../pod-events.ts";
import type { PodWorker } from "../pods/pod-worker.ts";
import type { Refusal } from "../pods/refusal.ts";
import type { MachineFacts } from "../runtime/machine.ts";

export interface KubeletBase {
  readonly options: KubeletOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly cri: CriClient;
  readonly version: CriAnswer<"VersionResponse">;
  readonly informers: InformerSet;
  readonly recorder: EventRecorder;
  readonly events: PodEvents;
  readonly metrics: KubeletMetrics;
  readonly machine: MachineFacts;
  readonly state: NodeState;
  /** The worker of a pod; undefined: it has none, or the workers have not begun. */
  worker(uid: string): PodWorker | undefined;
  /** Why the node can't take the pod besides those it has; undefined: it can. */
  admit(pod: BoundPod): Refusal | undefined;
  /** Called when the kubelet stops, the last given first. */
  onStop(stop: () => Promise<void>): void;
}
