// The functions of KWOK's templates that depend on the cluster: nodes' and pods' addresses, the time.

import { formatMicroTime } from "#kubernetes/runtime";
import type { Clock } from "#shared";
import { templateFunctions } from "./stages/template/functions.ts";
import type { TemplateFunctions, Value } from "./stages/template/scope.ts";

export interface TemplateContext {
  readonly clock: Clock;
  readonly address: string;
  /** The server's port; 0: none. */
  port(): number;
  hostIPsOf(nodeName: string): readonly string[];
  /** Addresses for a pod of that node. */
  podIPsOf(nodeName: string, podUid: string): readonly string[];
}

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

export function stageFunctions(context: TemplateContext): TemplateFunctions {
  const { clock, address } = context;
  const startTime = formatMicroTime(clock.now());
  const podIPs = (nodeName: Value, hostNetwork: Value, uid: Value) =>
    hostNetwork ? context.hostIPsOf(String(nodeName)) : context.podIPsOf(String(nodeName), String(uid));
  return {
    ...templateFunctions,
    Now: () => formatMicroTime(clock.now()),
    now: () => formatMicroTime(clock.now()),
    StartTime: () => startTime,
    Version: () => "slipway",
    NodeConditions: () => nodeConditions,
    NodeIP: () => address,
    NodeName: () => "",
    NodePort: () => context.port(),
    NodeIPWith: (nodeName) => context.hostIPsOf(String(nodeName))[0] ?? address,
    NodeIPsWith: (nodeName) => context.hostIPsOf(String(nodeName)),
    PodIPWith: (nodeName, hostNetwork, uid) => podIPs(nodeName, hostNetwork, uid)[0] ?? address,
    PodIPsWith: podIPs,
  };
}
