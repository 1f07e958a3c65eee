// The configuration of a pod's sandbox: its names, network, log folder, namespaces, cgroup.

import type { Container } from "#kubernetes/api";
import type { CriMessage } from "../cri/protocol.ts";
import type { ResolverConfig } from "../network/dns-config.ts";
import { kernelHostname, type PodHostname } from "../network/pod-hostname.ts";
import type { BoundPod } from "../pod/bound-pod.ts";
import { sandboxLabels } from "./container-annotations.ts";
import { sandboxResources } from "./linux-resources.ts";
import { podLogFolder } from "./log-paths.ts";
import { sandboxSecurityContext, sysctlName } from "./security-context.ts";

export interface SandboxSettings {
  readonly podLogsFolder: string;
  readonly cgroupParent: string;
  readonly hostname: PodHostname;
  readonly dns: ResolverConfig;
}

/** The same for every call about one sandbox: containers are made with a copy of it. Throws where the pod's names are no names. */
export function sandboxConfig(
  pod: BoundPod,
  attempt: number,
  settings: SandboxSettings,
): CriMessage<"PodSandboxConfig"> {
  const { name, namespace, uid, annotations } = pod.metadata;
  const { resources, overhead } = sandboxResources(pod);
  return {
    metadata: { name, namespace, uid, attempt },
    ...(!pod.spec.hostNetwork && { hostname: kernelHostname(pod, settings.hostname) }),
    logDirectory: podLogFolder(settings.podLogsFolder, pod),
    dnsConfig: settings.dns,
    portMappings: pod.spec.containers.flatMap(portMappings),
    labels: sandboxLabels(pod),
    annotations: annotations ?? {},
    linux: {
      cgroupParent: settings.cgroupParent,
      securityContext: sandboxSecurityContext(pod),
      sysctls: sysctlsOf(pod),
      resources,
      overhead,
    },
  };
}

function sysctlsOf(pod: BoundPod): Record<string, string> {
  const sysctls = pod.spec.securityContext?.sysctls ?? [];
  return Object.fromEntries(sysctls.map(({ name, value }) => [sysctlName(name), value]));
}

function portMappings(container: Container): CriMessage<"PortMapping">[] {
  const mappings = new Map<string, CriMessage<"PortMapping">>();
  for (const { name, hostIP = "", hostPort = 0, containerPort, protocol = "TCP" } of container.ports ?? []) {
    const key = name || `${protocol}-${hostIP}:${containerPort}:${hostPort}`;
    const known = protocol === "UDP" || protocol === "SCTP" ? protocol : "TCP";
    if (!mappings.has(key)) mappings.set(key, { protocol: known, containerPort, hostPort, hostIp: hostIP });
  }
  return [...mappings.values()];
}
