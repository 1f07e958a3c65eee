// The functions of KWOK's templates that depend on the cluster: nodes' and pods' addresses, the time.

import { formatMicroTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import type { Places } from "./places.ts";
import { templateFunctions } from "./stages/template/functions.ts";
import type { TemplateFunctions, Value } from "./stages/template/scope.ts";

const condition = (type: string, status: string, reason: string, message: string) => ({
  type,
  status,
  reason,
  message,
});

const nodeConditions = [
  condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
  condition("MemoryPressure", "False", "KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
  condition("DiskPressure", "False", "KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
  condition("PIDPressure", "False", "KubeletHasSufficientPID", "kubelet has sufficient PID available"),
  condition("NetworkUnavailable", "False", "RouteCreated", "RouteController created a route"),
];

/** What there is of KWOK itself has no counterpart here: its own address is empty, its port 0. */
export function stageFunctions(
  clock: Clock,
  { nodeIPs, podIPs }: Pick<Places, "nodeIPs" | "podIPs">,
): TemplateFunctions {
  const startTime = formatMicroTime(clock.now());
  const nodeIPsOf = (nodeName: Value) => nodeIPs(String(nodeName));
  const podIPsOf = (nodeName: Value, hostNetwork: Value, uid: Value) =>
    podIPs(String(nodeName), String(uid), Boolean(hostNetwork));
  return {
    ...templateFunctions,
    Now: () => formatMicroTime(clock.now()),
    now: () => formatMicroTime(clock.now()),
    StartTime: () => startTime,
    Version: () => "slipway",
    NodeConditions: () => nodeConditions,
    NodeIP: () => "",
    NodeName: () => "",
    NodePort: () => 0,
    NodeIPWith: (nodeName) => nodeIPsOf(nodeName)[0] ?? "",
    NodeIPsWith: nodeIPsOf,
    PodIPWith: (nodeName, hostNetwork, uid) => podIPsOf(nodeName, hostNetwork, uid)[0] ?? "",
    PodIPsWith: podIPsOf,
  };
}
