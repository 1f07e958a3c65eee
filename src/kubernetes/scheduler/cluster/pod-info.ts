// A pod as the scheduler looks at it: what it needs to know again and again is worked out once.

import {
  type Labels,
  type Pod,
  type PodAffinityTerm,
  SelectorError,
  type WeightedPodAffinityTerm,
} from "#kubernetes/api";
import { type AffinityTerm, affinityTermOf, type WeightedTerm } from "./affinity-term.ts";
import { defaultRequests, hasPodLevelRequests, podRequests } from "./pod-requests.ts";
import { amountIn, equalResource, type Resource, resourceOfAmounts, roundUp } from "./resource.ts";

export interface HostPort {
  /** "0.0.0.0" where the pod names none. */
  readonly ip: string;
  /** "TCP/80". */
  readonly port: string;
}

/** Never changes; another version of the pod makes another PodInfo. */
export interface PodInfo {
  readonly pod: Pod;
  readonly uid: string;
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels | undefined;
  readonly priority: number;
  readonly isTerminating: boolean;
  readonly requests: Resource;
  /** Requests for comparing nodes: containers that ask for nothing count a little. */
  readonly nonZeroCPU: number;
  readonly nonZeroMemory: number;
  readonly hostPorts: readonly HostPort[];
  /** Keys "namespace/name" of the claims its volumes name. */
  readonly claimKeys: readonly string[];
  readonly affinity: PodTerms;
}

/** The pod's own affinity and anti-affinity terms, parsed. */
export interface PodTerms {
  readonly requiredAffinity: readonly AffinityTerm[];
  readonly requiredAntiAffinity: readonly AffinityTerm[];
  readonly preferredAffinity: readonly WeightedTerm[];
  readonly preferredAntiAffinity: readonly WeightedTerm[];
  /** Whether the pod has any such section, be it an empty one. */
  readonly isPresent: boolean;
  /** What could not be parsed; the terms in question are left out. */
  readonly error?: string;
}

const none: readonly never[] = [];
const noTerms: PodTerms = {
  requiredAffinity: none,
  requiredAntiAffinity: none,
  preferredAffinity: none,
  preferredAntiAffinity: none,
  isPresent: false,
};

/** `previous` is an earlier state of the same pod: what cannot have changed since is taken over. */
export function makePodInfo(pod: Pod, previous?: PodInfo): PodInfo {
  const { metadata, spec } = pod;
  const namespace = metadata.namespace ?? "";
  const isSame = previous !== undefined && previous.uid === metadata.uid;
  return {
    pod,
    uid: metadata.uid ?? "",
    namespace,
    name: metadata.name ?? "",
    labels: metadata.labels,
    priority: spec?.priority ?? 0,
    isTerminating: metadata.deletionTimestamp !== undefined,
    ...(isSame && isSameForRequests(previous.pod, pod) ? requestsOfInfo(previous) : countRequests(pod)),
    hostPorts: isSame ? previous.hostPorts : hostPortsOf(pod),
    claimKeys: isSame ? previous.claimKeys : claimKeysOf(pod, namespace),
    affinity: isSame ? previous.affinity : parseTerms(pod, namespace),
  };
}

/** The pod as it will be on this node. */
export function placeOn(info: PodInfo, nodeName: string): PodInfo {
  const { pod } = info;
  return { ...info, pod: { ...pod, spec: { containers: [], ...pod.spec, nodeName } } };
}

/** Whether a later state of a pod that has a node is the same to everybody else's scheduling. */
export function isSameForOthers(info: PodInfo, later: PodInfo): boolean {
  return (
    info.uid === later.uid &&
    info.isTerminating === later.isTerminating &&
    info.nonZeroCPU === later.nonZeroCPU &&
    info.nonZeroMemory === later.nonZeroMemory &&
    equalLabels(info.labels, later.labels) &&
    equalResource(info.requests, later.requests)
  );
}

export function equalLabels(a: Labels | undefined, b: Labels | undefined): boolean {
  if (a === b) return true;
  const left = a ?? {};
  const right = b ?? {};
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length && keys.every((key) => left[key] === right[key]);
}

/** The ports of the host the pod asks for: of its containers and its sidecars. */
export function hostPortsOf({ spec }: Pod): readonly HostPort[] {
  let ports: HostPort[] | undefined;
  const sidecars = spec?.initContainers?.filter(({ restartPolicy }) => restartPolicy === "Always") ?? none;
  for (const { ports: own } of [...sidecars, ...(spec?.containers ?? none)]) {
    for (const { hostPort = 0, hostIP, protocol } of own ?? none) {
      if (hostPort <= 0) continue;
      ports ??= [];
      ports.push({ ip: hostIP || "0.0.0.0", port: `${protocol || "TCP"}/${hostPort}` });
    }
  }
  return ports ?? none;
}

type Requests = Pick<PodInfo, "requests" | "nonZeroCPU" | "nonZeroMemory">;

function requestsOfInfo({ requests, nonZeroCPU, nonZeroMemory }: PodInfo): Requests {
  return { requests, nonZeroCPU, nonZeroMemory };
}

/** By identity: in one process most updates leave these parts untouched; others are counted anew. */
function isSameForRequests(old: Pod, pod: Pod): boolean {
  return old.spec === pod.spec && !hasActuatedResources(old) && !hasActuatedResources(pod);
}

function hasActuatedResources({ status }: Pod): boolean {
  if (!status) return false;
  const hasResources = (list: readonly { resources?: object }[] | undefined) =>
    list?.some(({ resources }) => resources !== undefined) ?? false;
  return (
    status.resources !== undefined ||
    hasResources(status.containerStatuses) ||
    hasResources(status.initContainerStatuses)
  );
}

function countRequests(pod: Pod): Requests {
  const amounts = podRequests(pod, { useStatus: true });
  const requests = resourceOfAmounts(amounts);
  const missing = new Map(defaultRequests);
  if (hasPodLevelRequests(pod)) for (const name of amounts.keys()) missing.delete(name);
  if (missing.size === 0) return { requests, nonZeroCPU: requests.milliCPU, nonZeroMemory: requests.memory };
  const nonZero = podRequests(pod, { useStatus: true, defaults: missing });
  const amountOfName = (name: string) => roundUp(nonZero.get(name) ?? amountIn(requests, name));
  return { requests, nonZeroCPU: amountOfName("cpu"), nonZeroMemory: amountOfName("memory") };
}

function claimKeysOf({ spec }: Pod, namespace: string): readonly string[] {
  let keys: string[] | undefined;
  for (const { persistentVolumeClaim } of spec?.volumes ?? none) {
    if (!persistentVolumeClaim) continue;
    keys ??= [];
    keys.push(`${namespace}/${persistentVolumeClaim.claimName}`);
  }
  return keys ?? none;
}

function parseTerms({ spec }: Pod, namespace: string): PodTerms {
  const { podAffinity, podAntiAffinity } = spec?.affinity ?? {};
  if (!podAffinity && !podAntiAffinity) return noTerms;
  const errors: string[] = [];
  const attempt = <T>(what: string, parse: () => readonly T[]): readonly T[] => {
    try {
      return parse();
    } catch (error) {
      if (!(error instanceof SelectorError)) throw error;
      errors.push(`${what}: ${error.message}`);
      return none;
    }
  };
  const required = (terms: readonly PodAffinityTerm[] = none) => terms.map((term) => affinityTermOf(namespace, term));
  const preferred = (terms: readonly WeightedPodAffinityTerm[] = none) =>
    terms.map(({ podAffinityTerm, weight }) => ({ term: affinityTermOf(namespace, podAffinityTerm), weight }));
  const requiredOf = (side: typeof podAffinity) => side?.requiredDuringSchedulingIgnoredDuringExecution;
  const preferredOf = (side: typeof podAffinity) => side?.preferredDuringSchedulingIgnoredDuringExecution;
  const terms = {
    requiredAffinity: attempt("requiredAffinityTerms", () => required(requiredOf(podAffinity))),
    requiredAntiAffinity: attempt("requiredAntiAffinityTerms", () => required(requiredOf(podAntiAffinity))),
    preferredAffinity: attempt("preferredAffinityTerms", () => preferred(preferredOf(podAffinity))),
    preferredAntiAffinity: attempt("preferredAntiAffinityTerms", () => preferred(preferredOf(podAntiAffinity))),
    isPresent: true,
  };
  if (errors.length === 0) return terms;
  return { ...terms, error: errors.length === 1 ? errors[0]! : `[${errors.join(", ")}]` };
}
