// The pods of a DaemonSet: what they look like, and which node each is for. Pure.

import type { Affinity, DaemonSet, Node, Pod, PodSpec, PodTemplateSpec, Toleration } from "#kubernetes/api";
import { matchesRequiredNodes } from "../nodes/node-affinity.ts";
import {
  addToleration,
  diskPressureTaint,
  findUntolerated,
  memoryPressureTaint,
  networkUnavailableTaint,
  notReadyTaint,
  pidPressureTaint,
  unreachableTaint,
  unschedulableTaint,
} from "../nodes/taints.ts";

export const hashLabel = "controller-revision-hash";
const generationLabel = "pod-template-generation";
const generationAnnotation = "deprecated.daemonset.template.generation";
const nameField = "metadata.name";

/** Daemons stay on nodes that are in trouble. */
function addDaemonTolerations(spec: PodSpec): Toleration[] {
  let tolerations: Toleration[] = spec.tolerations ?? [];
  const add = (key: string, effect: string) => {
    tolerations = addToleration(tolerations, { key, operator: "Exists", effect });
  };
  add(notReadyTaint, "NoExecute");
  add(unreachableTaint, "NoExecute");
  add(diskPressureTaint, "NoSchedule");
  add(memoryPressureTaint, "NoSchedule");
  add(pidPressureTaint, "NoSchedule");
  add(unschedulableTaint, "NoSchedule");
  if (spec.hostNetwork) add(networkUnavailableTaint, "NoSchedule");
  return tolerations;
}

/** The number the API server counts template changes by; undefined where there is none. */
export function templateGeneration({ metadata }: DaemonSet): string | undefined {
  const text = metadata.annotations?.[generationAnnotation];
  return text !== undefined && /^[+-]?\d+$/.test(text) ? String(Number(text)) : undefined;
}

/** The template of the pod for one node. */
export function daemonTemplate(daemonSet: DaemonSet, hash: string, nodeName: string): PodTemplateSpec {
  const { template } = daemonSet.spec!;
  const spec = template.spec ?? { containers: [] };
  const generation = templateGeneration(daemonSet);
  const labels: Record<string, string> = { ...template.metadata?.labels };
  if (generation !== undefined) labels[generationLabel] = generation;
  if (hash !== "") labels[hashLabel] = hash;
  return {
    metadata: { ...template.metadata, labels },
    spec: { ...spec, tolerations: addDaemonTolerations(spec), affinity: pinToNode(spec.affinity, nodeName) },
  };
}

/** The scheduler puts the pod on its node: which it is stands where the template's required nodes stood. */
function pinToNode(affinity: Affinity | undefined, nodeName: string): Affinity {
  const matchFields = [{ key: nameField, operator: "In", values: [nodeName] }];
  const required = { nodeSelectorTerms: [{ matchFields }] };
  return {
    ...affinity,
    nodeAffinity: { ...affinity?.nodeAffinity, requiredDuringSchedulingIgnoredDuringExecution: required },
  };
}

/** The node a pod is on or meant for; undefined where it does not say. */
export function targetNode({ spec }: Pod): string | undefined {
  if (spec?.nodeName) return spec.nodeName;
  const required = spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  for (const { matchFields = [] } of required?.nodeSelectorTerms ?? []) {
    const pin = matchFields.find(({ key, operator }) => key === nameField && operator === "In");
    if (pin) return pin.values?.length === 1 ? pin.values[0] : undefined;
  }
  return undefined;
}

/** True where the pod is of the present template. */
export function isPodUpdated({ metadata: { labels = {} } }: Pod, daemonSet: DaemonSet, hash: string): boolean {
  const generation = templateGeneration(daemonSet);
  const hasGeneration = generation !== undefined && labels[generationLabel] === generation;
  return hasGeneration || (hash !== "" && labels[hashLabel] === hash);
}

export interface Placement {
  /** A pod should be there. */
  readonly shouldRun: boolean;
  /** A pod that is there may stay. */
  readonly shouldContinue: boolean;
}

/** Answers where the DaemonSet's pods belong. */
export function createPlacement(daemonSet: DaemonSet): (node: Node) => Placement {
  const spec = daemonSet.spec?.template.spec ?? { containers: [] };
  const tolerations = addDaemonTolerations(spec);
  return (node) => {
    const { taints } = node.spec ?? {};
    const isWanted = !spec.nodeName || spec.nodeName === node.metadata.name;
    if (!isWanted || !matchesRequiredNodes(spec, node)) return { shouldRun: false, shouldContinue: false };
    if (!findUntolerated(taints, tolerations, ["NoExecute", "NoSchedule"])) {
      return { shouldRun: true, shouldContinue: true };
    }
    return { shouldRun: false, shouldContinue: !findUntolerated(taints, tolerations, ["NoExecute"]) };
  };
}

/** Those with a node first, then the oldest. */
export function compareDaemonPods(a: Pod, b: Pod): number {
  const [onA, onB] = [!!a.spec?.nodeName, !!b.spec?.nodeName];
  if (onA !== onB) return onA ? -1 : 1;
  const [createdA = "", createdB = ""] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  if (createdA !== createdB) return createdA < createdB ? -1 : 1;
  return (a.metadata.name ?? "") < (b.metadata.name ?? "") ? -1 : 1;
}
