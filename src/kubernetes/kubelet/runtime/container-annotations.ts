// What the kubelet writes on sandboxes and containers, so that a new process knows them again: upstream's labels and
// annotations, io.kubernetes.*.

import type { Container, LifecycleHandler } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";

export const podNameLabel = "io.kubernetes.pod.name";
export const podNamespaceLabel = "io.kubernetes.pod.namespace";
export const podUidLabel = "io.kubernetes.pod.uid";
export const containerNameLabel = "io.kubernetes.container.name";

const hashAnnotation = "io.kubernetes.container.hash";
const restartCountAnnotation = "io.kubernetes.container.restartCount";
const messagePathAnnotation = "io.kubernetes.container.terminationMessagePath";
const messagePolicyAnnotation = "io.kubernetes.container.terminationMessagePolicy";
const preStopAnnotation = "io.kubernetes.container.preStopHandler";
const portsAnnotation = "io.kubernetes.container.ports";
const deletionGraceAnnotation = "io.kubernetes.pod.deletionGracePeriod";
const terminationGraceAnnotation = "io.kubernetes.pod.terminationGracePeriod";

type Strings = Readonly<Record<string, string>>;

export function sandboxLabels(pod: BoundPod): Strings {
  return { ...pod.metadata.labels, ...podLabels(pod) };
}

export function containerLabels(pod: BoundPod, container: Container): Strings {
  return { ...podLabels(pod), [containerNameLabel]: container.name };
}

/** Everything needed to stop the container and to tell of its end when pod and spec are long gone. */
export function containerAnnotations(pod: BoundPod, container: Container, restartCount: number): Strings {
  const { deletionGracePeriodSeconds } = pod.metadata;
  const { terminationGracePeriodSeconds } = pod.spec;
  const preStop = container.lifecycle?.preStop;
  return {
    [hashAnnotation]: hashContainer(container),
    [restartCountAnnotation]: String(restartCount),
    [messagePathAnnotation]: container.terminationMessagePath ?? "",
    [messagePolicyAnnotation]: container.terminationMessagePolicy ?? "",
    ...(deletionGracePeriodSeconds !== undefined && { [deletionGraceAnnotation]: String(deletionGracePeriodSeconds) }),
    ...(terminationGracePeriodSeconds !== undefined && {
      [terminationGraceAnnotation]: String(terminationGracePeriodSeconds),
    }),
    ...(preStop && { [preStopAnnotation]: JSON.stringify(preStop) }),
    ...(container.ports?.length && { [portsAnnotation]: JSON.stringify(container.ports) }),
  };
}

/** What containerAnnotations wrote. Missing or broken values are as if never set. */
export interface RecordedContainer {
  readonly hash: string;
  readonly restartCount: number;
  readonly terminationMessagePath: string;
  readonly fallsBackToLogs: boolean;
  readonly preStop?: LifecycleHandler;
  readonly ports?: Container["ports"];
  readonly deletionGracePeriodSeconds?: number;
  readonly terminationGracePeriodSeconds?: number;
}

export function readContainerAnnotations(annotations: Strings): RecordedContainer {
  const preStop = readJson(annotations[preStopAnnotation]) as LifecycleHandler | undefined;
  const ports = readJson(annotations[portsAnnotation]) as Container["ports"];
  const deletionGrace = readNumber(annotations[deletionGraceAnnotation]);
  const terminationGrace = readNumber(annotations[terminationGraceAnnotation]);
  return {
    hash: annotations[hashAnnotation] ?? "",
    restartCount: readNumber(annotations[restartCountAnnotation]) ?? 0,
    terminationMessagePath: annotations[messagePathAnnotation] ?? "",
    fallsBackToLogs: annotations[messagePolicyAnnotation] === "FallbackToLogsOnError",
    ...(preStop && { preStop }),
    ...(ports && { ports }),
    ...(deletionGrace !== undefined && { deletionGracePeriodSeconds: deletionGrace }),
    ...(terminationGrace !== undefined && { terminationGracePeriodSeconds: terminationGrace }),
  };
}

/** Changes when the container must be made anew: its name and image, as upstream (resources are resized in place). */
export function hashContainer(container: Container): string {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(JSON.stringify([container.name, container.image ?? ""]))) {
    hash = Math.imul(hash ^ byte, 0x01000193);
  }
  return (hash >>> 0).toString(16);
}

function podLabels({ metadata }: BoundPod): Strings {
  return { [podNameLabel]: metadata.name, [podNamespaceLabel]: metadata.namespace, [podUidLabel]: metadata.uid };
}

function readNumber(text: string | undefined): number | undefined {
  const number = Number(text);
  return text === undefined || text === "" || Number.isNaN(number) ? undefined : number;
}

function readJson(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
