// Objects for the scheduler's own tests, with all that the tests do not care about filled in.

import type { Affinity, Node, ObjectMeta, Pod, PodAffinityTerm, PodSpec, PodStatus, Taint } from "#kubernetes/api";

export interface PodOptions {
  readonly namespace?: string;
  readonly labels?: Record<string, string>;
  readonly requests?: Record<string, string>;
  readonly spec?: Partial<PodSpec>;
  readonly status?: PodStatus;
  readonly metadata?: ObjectMeta;
}

/** In namespace "default"; its uid is its name. */
export function makePod(name: string, options: PodOptions = {}): Pod {
  const { namespace = "default", labels, requests, spec, status, metadata } = options;
  const resources = requests && { resources: { requests } };
  return {
    metadata: { namespace, name, uid: name, ...(labels && { labels }), ...metadata },
    spec: {
      containers: [{ name: "c", image: "image", ...resources }],
      schedulerName: "default-scheduler",
      ...spec,
    },
    ...(status && { status }),
  };
}

export interface NodeOptions {
  readonly labels?: Record<string, string>;
  readonly taints?: Taint[];
  readonly unschedulable?: boolean;
  readonly allocatable?: Record<string, string>;
  readonly images?: { names: string[]; sizeBytes: number }[];
}

/** With 4 CPUs, 8Gi of memory, room for 110 pods, and its name as hostname label. */
export function makeNode(name: string, options: NodeOptions = {}): Node {
  const { labels, taints, unschedulable, images } = options;
  return {
    metadata: { name, uid: name, labels: { "kubernetes.io/hostname": name, ...labels } },
    spec: { ...(taints && { taints }), ...(unschedulable && { unschedulable }) },
    status: {
      allocatable: { cpu: "4", memory: "8Gi", pods: "110", ...options.allocatable },
      ...(images && { images }),
    },
  };
}

export const zoneLabel = "topology.kubernetes.io/zone";
export const hostnameLabel = "kubernetes.io/hostname";

/** Pods labelled app=`app`. */
export function termOf(app: string, topologyKey: string = zoneLabel, more: Partial<PodAffinityTerm> = {}) {
  return { labelSelector: { matchLabels: { app } }, topologyKey, ...more };
}

export function requiredAffinity(...terms: PodAffinityTerm[]): Affinity {
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}

export function requiredAntiAffinity(...terms: PodAffinityTerm[]): Affinity {
  return { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } };
}
