// The contract of event recorders, and what both kinds (core v1 with counts, events.k8s.io with series) have in common.

import { formatApiVersion, type KubeObject, type ObjectReference, type Resource } from "#kubernetes/api";

/** Tells people what happened to an object. Returns at once, never throws; events beyond what is reasonable are dropped. */
export interface EventRecorder {
  normal(regarding: ObjectReference, reason: string, message: string): void;
  warning(regarding: ObjectReference, reason: string, message: string): void;
  /** Resolves when everything recorded so far has been written or given up. */
  flush(): Promise<void>;
  /** Drops what waits; resolves when nothing is being written. */
  stop(): Promise<void>;
}

/** How an event names the object it is about. */
export function referenceTo<T extends KubeObject>(resource: Resource<T>, object: T): ObjectReference {
  const { namespace, name, uid, resourceVersion } = object.metadata;
  return {
    apiVersion: formatApiVersion(resource),
    kind: resource.kind,
    ...(namespace && { namespace }),
    ...(name && { name }),
    ...(uid && { uid }),
    ...(resourceVersion && { resourceVersion }),
  };
}

/** Events about cluster-scoped objects lie in "default". */
export function namespaceOfEvent(regarding: ObjectReference): string {
  return regarding.namespace || "default";
}

const longestName = 253;
let lastStamp = 0n;

/** As client-go names them: the object's name and the time in nanoseconds, in hex. Never the same twice in a process. */
export function eventName(objectName: string, nowMs: number): string {
  const stamp = BigInt(Math.floor(nowMs)) * 1_000_000n;
  lastStamp = stamp > lastStamp ? stamp : lastStamp + 1n;
  const suffix = `.${lastStamp.toString(16)}`;
  return `${objectName.slice(0, longestName - suffix.length)}${suffix}`;
}
