// What the container runtime has of a pod, as plain data: the "observed" half of every plan the kubelet makes.

/** A container as the runtime has it. Times are milliseconds since the epoch. */
export interface ObservedContainer {
  readonly id: string;
  /** As statuses show it: "containerd://<id>". */
  readonly containerID: string;
  readonly name: string;
  readonly sandboxId: string;
  readonly state: "created" | "running" | "exited" | "unknown";
  readonly image: string;
  readonly imageRef: string;
  /** Of the parts of the spec that need a new container when they change; compare with hashContainer. */
  readonly hash: string;
  readonly restartCount: number;
  readonly createdAt: number;
  /** Absent until started. */
  readonly startedAt?: number;
  readonly finishedAt?: number;
  readonly exitCode: number;
  readonly reason: string;
  /** Of an exited container: the runtime's words, then the container's own last ones. */
  readonly message: string;
  readonly logPath: string;
  readonly resources?: ObservedResources;
  readonly user?: { readonly uid: number; readonly gid: number; readonly supplementalGroups: readonly number[] };
}

/** The limits in force; absent where there is none or the runtime does not say. */
export interface ObservedResources {
  readonly cpuRequestMilli?: number;
  readonly cpuLimitMilli?: number;
  readonly memoryRequestBytes?: number;
  readonly memoryLimitBytes?: number;
}

export interface ObservedSandbox {
  readonly id: string;
  readonly ready: boolean;
  readonly attempt: number;
  readonly createdAt: number;
  readonly hostNetwork: boolean;
  /** Absent: the runtime knows of no network (host network, or not ready). */
  readonly ip?: string;
  readonly additionalIps: readonly string[];
}

/** One pod in the runtime. Newest first, sandboxes and containers alike. */
export interface ObservedPod {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
  readonly sandboxes: readonly ObservedSandbox[];
  readonly containers: readonly ObservedContainer[];
  /** Addresses of the newest sandbox, if it is ready. */
  readonly ips: readonly string[];
}

/** The newest container of that name, whatever its state. */
export function findObserved(pod: ObservedPod, name: string): ObservedContainer | undefined {
  return pod.containers.find((container) => container.name === name);
}

/** The newest sandbox, where it is ready. */
export function activeSandboxOf(pod: ObservedPod): ObservedSandbox | undefined {
  const newest = pod.sandboxes[0];
  return newest?.ready ? newest : undefined;
}

/** What is to be done about a pod's sandbox. */
export interface SandboxVerdict {
  readonly needed: boolean;
  readonly attempt: number;
  /** The sandbox there is, usable or not; absent where there is none or its network differs. */
  readonly id?: string;
}

/** Whether the pod needs a new sandbox: none is ready, several are, or its network is not what the spec says. */
export function judgeSandbox(pod: ObservedPod, hostNetwork: boolean): SandboxVerdict {
  const newest = pod.sandboxes[0];
  if (!newest) return { needed: true, attempt: 0 };
  const { id, attempt } = newest;
  const ready = pod.sandboxes.filter((sandbox) => sandbox.ready).length;
  if (ready > 1 || !newest.ready) return { needed: true, attempt: attempt + 1, id };
  if (newest.hostNetwork !== hostNetwork) return { needed: true, attempt: attempt + 1 };
  if (!hostNetwork && newest.ip === "") return { needed: true, attempt: attempt + 1, id };
  return { needed: false, attempt, id };
}

/** A pod of which the runtime has nothing. */
export function emptyPod(pod: {
  readonly uid: string;
  readonly name: string;
  readonly namespace: string;
}): ObservedPod {
  const { uid, name, namespace } = pod;
  return { uid, name, namespace, sandboxes: [], containers: [], ips: [] };
}
