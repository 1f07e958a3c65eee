// The contract of plug-ins: the points of a pod's way through the scheduler at which they have a say. A plug-in implements those
// it needs, and is pure on a snapshot up to Score: same pod and same snapshot, same answer.

import type { Client, InformerSet } from "#kubernetes/client";
import type { Clock, Logger } from "#shared";
import type { NodeInfo } from "./cluster/node-info.ts";
import type { PodInfo } from "./cluster/pod-info.ts";
import type { Snapshot } from "./cluster/snapshot.ts";
import type { EventInterest } from "./events.ts";
import type { SchedulerMetrics } from "./metrics.ts";
import type { QueuedPod } from "./queue/queued-pod.ts";
import type { Rejection, Skip, Success, Wait } from "./status.ts";

/** Scores after normalizing lie between 0 and this. */
export const maxNodeScore = 100;

/** `state` is what later extension points are handed; `nodeNames` are the only nodes worth looking at, where that is known. */
export type PreFilterStatus<F> =
  | { readonly code: "Success"; readonly state: F; readonly nodeNames?: ReadonlySet<string> | undefined }
  | Skip
  | Rejection;

export type PreScoreStatus<S> = { readonly code: "Success"; readonly state: S } | Skip;

/** A nominated node of "" takes an earlier nomination back; undefined leaves it as it is. */
export interface PostFilterResult {
  readonly status: Success | Rejection;
  readonly nominatedNodeName?: string | undefined;
}

/** F is what preFilter hands to the extension points after it, S what preScore hands to score. */
export interface Plugin<F = unknown, S = unknown> {
  readonly name: string;
  /** Changes that may help pods this plug-in has rejected. */
  readonly events?: readonly EventInterest[];
  /**
   * "node": preFilter, filter, preScore and score look at nothing but the pod and the one node, and `sign` says which pods they
   * treat alike; their answers are then kept for the next such pod. "cluster": they look at more. Default "cluster".
   */
  readonly scope?: "node" | "cluster";
  /** Pods with equal signatures are treated alike; undefined: this pod is like no other. Needed for the scope "node". */
  sign?(pod: PodInfo): string | undefined;

  /** PreEnqueue: whether the pod may be tried at all. */
  preEnqueue?(pod: PodInfo): Success | Rejection;
  /** QueueSort: whether `a` is to be scheduled before `b`. One plug-in only. */
  isBefore?(a: QueuedPod, b: QueuedPod): boolean;

  /** PreFilter: looks at the pod and the whole cluster once. */
  preFilter?(pod: PodInfo, snapshot: Snapshot): PreFilterStatus<F>;
  /** An own copy of the state for addPod and removePod to change. Default: the state itself. */
  copyState?(state: F): F;
  /** Supposes that `other` ran on the node too (or no more): changes the state. The node has it already (or no more). */
  addPod?(state: F, pod: PodInfo, other: PodInfo, node: NodeInfo): void;
  removePod?(state: F, pod: PodInfo, other: PodInfo, node: NodeInfo): void;
  /** Filter: whether the pod may run on the node. `state` is undefined where there is no preFilter. */
  filter?(state: F, pod: PodInfo, node: NodeInfo): Success | Rejection;
  /** PostFilter: what can be done for a pod that fits nowhere. */
  postFilter?(cycle: FilterCycle, diagnosis: NodeStatuses): PostFilterResult;

  /** PreScore: looks at the nodes that fit once. */
  preScore?(pod: PodInfo, nodes: readonly NodeInfo[], snapshot: Snapshot): PreScoreStatus<S>;
  /** Score: how good a node is. Whole numbers; between 0 and 100 where there is no normalizeScores. */
  score?(state: S, pod: PodInfo, node: NodeInfo, snapshot: Snapshot): number;
  /** NormalizeScore: brings the scores (in the order of the nodes) to between 0 and 100, in place. */
  normalizeScores?(scores: Scores, state: S, nodes: readonly NodeInfo[]): void;

  /** Reserve: takes what the pod will need. Where one plug-in refuses, all (it included) are told to let go. */
  reserve?(state: F | undefined, pod: PodInfo, nodeName: string): Success | Rejection;
  unreserve?(state: F | undefined, pod: PodInfo, nodeName: string): void;
  /** Permit: the last chance to hold the pod back. */
  permit?(state: F | undefined, pod: PodInfo, nodeName: string): Success | Wait | Rejection;
  /** Whether preBind has anything to do for this pod. Default: it has. */
  preBindPreFlight?(state: F | undefined, pod: PodInfo, nodeName: string): Success | Skip;
  /** PreBind: what must be done before the pod may be bound. Those that say parallelPreBind run at once with their neighbours. */
  preBind?(state: F | undefined, pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Success | Rejection>;
  readonly parallelPreBind?: boolean;
  /** Bind: the first that does not skip has bound the pod. */
  bind?(pod: PodInfo, nodeName: string, signal: AbortSignal): Promise<Success | Skip | Rejection>;
  /** PostBind: the pod is bound. */
  postBind?(state: F | undefined, pod: PodInfo, nodeName: string): void;
  /** Lets go of what the plug-in holds; resolves when nothing of it is running. */
  stop?(): Promise<void>;
}

export type Scores = Float64Array;

/** Why nodes did not fit: those that were looked at and rejected, and one status for all others. */
export interface NodeStatuses {
  readonly nodes: readonly NodeInfo[];
  /** In the order of `nodes`. */
  readonly statuses: readonly Rejection[];
  /** What holds of every other node. */
  readonly others: Rejection;
}

/** A pod's filtering under way, for plug-ins that try out what would be if. */
export interface FilterCycle {
  readonly pod: PodInfo;
  readonly snapshot: Snapshot;
  /** A cycle of its own to change with addPod and removePod. */
  copy(): FilterCycle;
  addPod(other: PodInfo, node: NodeInfo): void;
  removePod(other: PodInfo, node: NodeInfo): void;
  /** Runs all filters, also as if the more important pods nominated for the node ran on it. */
  filterWithNominated(node: NodeInfo): Success | Rejection;
  /**
   * What `find` answers about the node; from memory where it was asked for a pod the filters treat alike and nothing about the node
   * has changed since. `about` names all else the answer depends on.
   */
  remember<T>(node: NodeInfo, about: string, find: () => T): T;
}

/** Pods that wait for room that is being made for them on a node. */
export interface Nominator {
  /** Another list when they are others. */
  podsNominatedFor(nodeName: string): readonly PodInfo[];
}

/** What plug-ins are made with. */
export interface PluginHandle {
  readonly client: Client;
  readonly informers: InformerSet;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly nominator: Nominator;
  readonly waitingPods: WaitingPods;
  readonly metrics: SchedulerMetrics;
  /** The scheduler name the plug-in works for. */
  readonly profileName: string;
  /** Tries these pods again at once, whatever rejected them. */
  activate(pods: readonly PodInfo[]): void;
  /** "Preempted" and the like, about a pod. */
  recordEvent(event: PluginEvent): void;
}

export interface PluginEvent {
  readonly pod: PodInfo;
  readonly related?: PodInfo;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly action: string;
  readonly note: string;
}

/** Pods that have a place and are not bound yet: those a permit plug-in holds back, and those in PreBind. */
export interface WaitingPods {
  get(uid: string): WaitingPod | undefined;
  [Symbol.iterator](): Iterator<WaitingPod>;
}

export interface WaitingPod {
  readonly pod: PodInfo;
  /** The plug-ins that have not allowed it yet; none in PreBind. */
  readonly pendingPlugins: readonly string[];
  /** When all plug-ins have allowed it, it goes on. */
  allow(plugin: string): void;
  /** The pod loses its place. Answers false where it was too late. */
  reject(plugin: string, reason: string): boolean;
  /** As reject, because a more important pod needs the room. */
  preempt(plugin: string, reason: string): boolean;
}
