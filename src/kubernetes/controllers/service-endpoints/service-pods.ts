// The pods behind a service: which count as its endpoints, which changes of them matter, and under which ports they listen.

import { isIPv4 } from "node:net";
import { formatIP, type Pod, parseIPSloppy, type Service, type ServicePort } from "#kubernetes/api";
import type { Lister } from "#kubernetes/client";
import { compileLabels, matchesLabels } from "../ownership/selectors.ts";
import { haveLabelsChanged } from "../ownership/watch-dependents.ts";
import { isPodFinished, isPodReady } from "../pods/pod-state.ts";

/** Whether the controllers find this service's endpoints; otherwise somebody else writes them, or there are none. */
export function hasManagedEndpoints({ spec }: Service): boolean {
  return spec?.type !== "ExternalName" && spec?.selector !== undefined;
}

export function podsOfService(pods: Lister<Pod>, service: Service): Pod[] {
  const selector = compileLabels(service.spec?.selector);
  return pods.list(service.metadata.namespace ?? "").filter((pod) => matchesLabels(selector, pod));
}

/** The services that select a pod. */
export function servicesOfPod(services: Lister<Service>, pod: Pod): Service[] {
  return services
    .list(pod.metadata.namespace ?? "")
    .filter(({ spec }) => spec?.selector && matchesLabels(compileLabels(spec.selector), pod));
}

/** Whether a pod has an address where something may still answer. */
export function isEndpoint(pod: Pod): boolean {
  return !isPodFinished(pod) && (Boolean(pod.status?.podIP) || (pod.status?.podIPs?.length ?? 0) > 0);
}

/** The pod's addresses of a family, in their canonical form. */
export function podAddresses({ status }: Pod, family: "IPv4" | "IPv6"): string[] {
  const addresses: string[] = [];
  for (const { ip = "" } of status?.podIPs ?? []) {
    if (isIPv4(ip)) {
      if (family === "IPv4") addresses.push(ip);
      continue;
    }
    const parsed = parseIPSloppy(ip);
    if (parsed && parsed.family === (family === "IPv6" ? 6 : 4)) addresses.push(formatIP(parsed));
  }
  return addresses;
}

/** The name the pod has below its service's in DNS. */
export function endpointHostname({ spec }: Pod, service: Service): string | undefined {
  return spec?.hostname && spec.subdomain === service.metadata.name ? spec.hostname : undefined;
}

/** What a change of a pod means to services: its endpoint looks different, or other services may select it. */
export function endpointChange(pod: Pod, old: Pod): { readonly endpoint: boolean; readonly membership: boolean } {
  const endpoint =
    pod.metadata.deletionTimestamp !== old.metadata.deletionTimestamp ||
    isPodReady(pod) !== isPodReady(old) ||
    isPodFinished(pod) !== isPodFinished(old) ||
    !hasSameAddresses(pod, old);
  const membership =
    haveLabelsChanged(pod, old) ||
    pod.spec?.hostname !== old.spec?.hostname ||
    pod.spec?.subdomain !== old.spec?.subdomain;
  return { endpoint, membership };
}

function hasSameAddresses(pod: Pod, old: Pod): boolean {
  const addresses = pod.status?.podIPs ?? [];
  const before = old.status?.podIPs ?? [];
  return addresses.length === before.length && addresses.every(({ ip }, position) => ip === before[position]?.ip);
}

/** The port of a pod that a service's port leads to; undefined where the pod has none of that name. */
export function findTargetPort({ spec }: Pod, { targetPort, port, protocol }: ServicePort): number | undefined {
  if (typeof targetPort !== "string") return targetPort ?? port;
  const sidecars = (spec?.initContainers ?? []).filter(({ restartPolicy }) => restartPolicy === "Always");
  for (const { ports } of [...(spec?.containers ?? []), ...sidecars]) {
    const found = ports?.find((candidate) => candidate.name === targetPort && candidate.protocol === protocol);
    if (found) return found.containerPort;
  }
  return undefined;
}
