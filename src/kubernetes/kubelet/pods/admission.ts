// Whether the node takes a pod that was given to it: the scheduler's filters once more, for pods that came without it or after
// something has changed. Pure.

import {
  type Node,
  type NodeSelectorRequirement,
  type NodeSelectorTerm,
  quantityMilliValue,
  quantityValue,
  type Taint,
} from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";
import { podRequests, type ResourceList } from "../pod/resources.ts";
import { admitToMachine, type MachineInputs, withoutApparmor } from "./admit-to-machine.ts";
import type { Refusal } from "./refusal.ts";
import { tolerates } from "./tolerates.ts";

export interface AdmissionInputs extends MachineInputs {
  /** The pods that run here already. */
  readonly others: readonly BoundPod[];
  readonly allocatable: ResourceList;
  /** As the API server has it; undefined while it has not been heard of. */
  readonly node: Node | undefined;
}

/** Why the pod can't run here, in upstream's words; undefined: it can. */
export function admitPod(inputs: AdmissionInputs): Refusal | undefined {
  return (
    admitToMachine(inputs) ??
    outOfResources(inputs) ??
    wrongNode(inputs) ??
    portsTaken(inputs) ??
    notTolerated(inputs) ??
    withoutApparmor(inputs)
  );
}

function outOfResources({ pod, others, allocatable }: AdmissionInputs): Refusal | undefined {
  const amountOf = (name: string, amount: string | undefined) =>
    name === "cpu" ? quantityMilliValue(amount) : quantityValue(amount);
  const refusal = (name: string, requested: number, used: number, capacity: number): Refusal => ({
    reason: `OutOf${name}`,
    message: `Node didn't have enough resource: ${name}, requested: ${requested}, used: ${used}, capacity: ${capacity}`,
  });
  const most = quantityValue(allocatable["pods"]);
  if (others.length + 1 > most) return refusal("pods", 1, others.length, most);
  const usedLists = others.map((other) => podRequests(other.spec));
  for (const [name, amount] of Object.entries(podRequests(pod.spec))) {
    const requested = amountOf(name, amount);
    if (requested === 0 || (allocatable[name] === undefined && isExtended(name))) continue;
    const used = usedLists.reduce((sum, list) => sum + amountOf(name, list[name]), 0);
    const capacity = amountOf(name, allocatable[name]);
    if (requested > capacity - used) return refusal(name, requested, used, capacity);
  }
  return undefined;
}

/** Resources that are not Kubernetes' own: what the node has of them comes from device plug-ins. */
function isExtended(name: string): boolean {
  return name.includes("/") && !name.includes("kubernetes.io/");
}

function wrongNode({ pod, node }: AdmissionInputs): Refusal | undefined {
  if (!node) return undefined;
  const labels = node.metadata.labels ?? {};
  const { nodeSelector = {}, affinity } = pod.spec;
  const terms = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isSelected = Object.entries(nodeSelector).every(([key, value]) => labels[key] === value);
  const isMatched = terms === undefined || terms.some((term) => matchesTerm(term, labels, node.metadata.name ?? ""));
  if (isSelected && isMatched) return undefined;
  const message = "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector";
  return { reason: "NodeAffinity", message };
}

type Labels = Readonly<Record<string, string>>;

function matchesTerm({ matchExpressions, matchFields }: NodeSelectorTerm, labels: Labels, name: string): boolean {
  const fields: Labels = { "metadata.name": name };
  if (!matchExpressions?.length && !matchFields?.length) return false;
  return (
    (matchExpressions ?? []).every((requirement) => meets(requirement, labels)) &&
    (matchFields ?? []).every((requirement) => meets(requirement, fields))
  );
}

function meets({ key, operator, values = [] }: NodeSelectorRequirement, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return Number(value) > Number(values[0]);
    case "Lt":
      return Number(value) < Number(values[0]);
    default:
      return false;
  }
}

function portsTaken({ pod, others }: AdmissionInputs): Refusal | undefined {
  const taken = others.flatMap(hostPorts);
  const conflict = hostPorts(pod).some((wanted) =>
    taken.some(
      ({ port, protocol, ip }) =>
        port === wanted.port && protocol === wanted.protocol && (ip === wanted.ip || isAny(ip) || isAny(wanted.ip)),
    ),
  );
  if (!conflict) return undefined;
  return {
    reason: "NodePorts",
    message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
  };
}

interface HostPort {
  readonly port: number;
  readonly protocol: string;
  readonly ip: string;
}

function hostPorts({ spec }: BoundPod): HostPort[] {
  return spec.containers
    .flatMap(({ ports = [] }) => ports)
    .filter(({ hostPort }) => hostPort)
    .map(({ hostPort, protocol = "TCP", hostIP = "" }) => ({ port: hostPort!, protocol, ip: hostIP }));
}

function isAny(ip: string): boolean {
  return ip === "" || ip === "0.0.0.0";
}

function notTolerated({ pod, node }: AdmissionInputs): Refusal | undefined {
  const taints = (node?.spec?.taints ?? []).filter(({ effect }) => effect === "NoExecute");
  const isTolerated = (taint: Taint) => (pod.spec.tolerations ?? []).some((each) => tolerates(each, taint));
  if (taints.every(isTolerated)) return undefined;
  const message = "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate";
  return { reason: "TaintToleration", message };
}
