// Whether this machine, its runtime and its present state allow a pod what it asks for: kernel settings, profiles, groups, free
// memory and disk. Pure.

import type { Pressure } from "../node/node-status.ts";
import { type BoundPod, containersOf, isCritical } from "../pod/bound-pod.ts";
import { qosClassOf } from "../pod/resources.ts";
import { apparmorProfileOf, sysctlName } from "../runtime/security-context.ts";
import type { Refusal } from "./refusal.ts";
import { tolerates } from "./tolerates.ts";

export interface MachineInputs {
  readonly pod: BoundPod;
  /** What the node is short of. */
  readonly pressure: Pressure;
  readonly hasApparmor: boolean;
  /** Whether the runtime keeps the image's groups out when a pod asks for that; undefined: it does not say. */
  readonly supplementalGroupsPolicy: boolean | undefined;
}

/** Upstream's order: what is wrong first is what is said. */
export function admitToMachine(inputs: MachineInputs): Refusal | undefined {
  return underPressure(inputs) ?? forbiddenSysctl(inputs) ?? wrongSystem(inputs) ?? wrongGroupsPolicy(inputs);
}

const memoryPressureTaint = { key: "node.kubernetes.io/memory-pressure", effect: "NoSchedule" };

/** Critical pods are let in whatever happens; memory alone keeps out those that promise nothing about how much they take. */
function underPressure({ pod, pressure }: MachineInputs): Refusal | undefined {
  const names = [
    ...(pressure.memory ? ["MemoryPressure"] : []),
    ...(pressure.disk ? ["DiskPressure"] : []),
    ...(pressure.pid ? ["PIDPressure"] : []),
  ];
  if (names.length === 0 || isCritical(pod)) return undefined;
  const isOnlyMemory = pressure.memory && names.length === 1;
  const isModest =
    qosClassOf(pod) !== "BestEffort" || pod.spec.tolerations?.some((each) => tolerates(each, memoryPressureTaint));
  if (isOnlyMemory && isModest) return undefined;
  return { reason: "Evicted", message: `The node had condition: [${names.join(" ")}]. ` };
}

type Namespace = "IPC" | "Net";

/** Settings that each pod has for itself and that can't harm others. */
const safeSysctls: ReadonlyMap<string, Namespace> = new Map([
  ["kernel.shm_rmid_forced", "IPC"],
  ["net.ipv4.ip_local_port_range", "Net"],
  ["net.ipv4.tcp_syncookies", "Net"],
  ["net.ipv4.ping_group_range", "Net"],
  ["net.ipv4.ip_unprivileged_port_start", "Net"],
  ["net.ipv4.ip_local_reserved_ports", "Net"],
  ["net.ipv4.tcp_keepalive_time", "Net"],
  ["net.ipv4.tcp_fin_timeout", "Net"],
  ["net.ipv4.tcp_keepalive_intvl", "Net"],
  ["net.ipv4.tcp_keepalive_probes", "Net"],
  ["net.ipv4.tcp_rmem", "Net"],
  ["net.ipv4.tcp_wmem", "Net"],
]);

function forbiddenSysctl({ pod: { spec } }: MachineInputs): Refusal | undefined {
  for (const { name } of spec.securityContext?.sysctls ?? []) {
    const sysctl = sysctlName(name);
    const namespace = safeSysctls.get(sysctl);
    const isShared = namespace === "IPC" ? spec.hostIPC : spec.hostNetwork;
    if (namespace && !isShared) continue;
    const why = namespace ? `not allowed with host ${namespace} enabled` : "not allowlisted";
    return { reason: "SysctlForbidden", message: `forbidden sysctl: ${JSON.stringify(sysctl)} ${why}` };
  }
  return undefined;
}

function wrongSystem({ pod: { metadata, spec } }: MachineInputs): Refusal | undefined {
  const label = metadata.labels?.["kubernetes.io/os"];
  if (label !== undefined && label !== "linux") {
    const message = "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label";
    return { reason: "PodOSSelectorNodeLabelDoesNotMatch", message };
  }
  if (spec.os === undefined || spec.os.name === "linux") return undefined;
  return { reason: "PodOSNotSupported", message: "Failed to admit pod as the OS field doesn't match node OS" };
}

function wrongGroupsPolicy({ pod, supplementalGroupsPolicy }: MachineInputs): Refusal | undefined {
  if (pod.spec.securityContext?.supplementalGroupsPolicy !== "Strict" || supplementalGroupsPolicy) return undefined;
  const message = "SupplementalGroupsPolicy=Strict is not supported in this node";
  return { reason: "SupplementalGroupsPolicyNotSupported", message };
}

/** Looked at last, after the scheduler's filters, and not any more once the pod runs. */
export function withoutApparmor({ pod, hasApparmor }: MachineInputs): Refusal | undefined {
  if (hasApparmor || (pod.status.phase ?? "Pending") !== "Pending") return undefined;
  const isAsked = containersOf(pod.spec).some(({ container }) => {
    const profile = apparmorProfileOf(pod, container);
    return profile !== undefined && profile.type !== "Unconfined";
  });
  if (!isAsked) return undefined;
  return { reason: "AppArmor", message: "Cannot enforce AppArmor: AppArmor is not enabled on the host" };
}
