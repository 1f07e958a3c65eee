// What the Endpoints of a service should be. Pure.

import type { EndpointAddress, EndpointPort, EndpointSubset, Endpoints, Pod, Service } from "#kubernetes/api";
import { isSameJson } from "../canonical-json.ts";
import { isPodReady } from "../pods/pod-state.ts";
import { endpointHostname, findTargetPort, isEndpoint, podAddresses } from "../service-endpoints/service-pods.ts";
import { packSubsets } from "../service-endpoints/subsets.ts";
import { annotateTrigger } from "../service-endpoints/trigger-times.ts";
import { truncateSubsets } from "./truncate.ts";

const managedByLabel = "endpoints.kubernetes.io/managed-by";
const managerName = "endpoint-controller";
const headlessLabel = "service.kubernetes.io/headless";
const overCapacityAnnotation = "endpoints.kubernetes.io/over-capacity";

/** The Endpoints to write; undefined where the present ones are right. */
export function planEndpoints(
  service: Service,
  pods: readonly Pod[],
  present: Endpoints | undefined,
  trigger: string | undefined,
): Endpoints | undefined {
  const subsets = packSubsets(pods.flatMap((pod) => podSubsets(service, pod)));
  if (present && isUpToDate(present, subsets, service)) return undefined;
  const { subsets: kept, isTruncated } = truncateSubsets(subsets);
  const { [overCapacityAnnotation]: _, ...annotations } = annotateTrigger(present?.metadata.annotations, trigger);
  const { name = "", namespace = "" } = service.metadata;
  return {
    metadata: {
      ...(present?.metadata ?? { name, namespace }),
      labels: endpointsLabels(service),
      annotations: isTruncated ? { ...annotations, [overCapacityAnnotation]: "truncated" } : annotations,
    },
    ...(kept.length > 0 && { subsets: kept }),
  };
}

function endpointsLabels({ metadata, spec }: Service): Record<string, string> {
  const { [headlessLabel]: _, ...labels } = metadata.labels ?? {};
  const isHeadless = !spec?.clusterIP || spec.clusterIP === "None";
  return { ...labels, ...(isHeadless && { [headlessLabel]: "" }), [managedByLabel]: managerName };
}

function podSubsets(service: Service, pod: Pod): EndpointSubset[] {
  const publishesAll = service.spec?.publishNotReadyAddresses === true;
  if (!isEndpoint(pod) || (pod.metadata.deletionTimestamp && !publishesAll)) return [];
  const address = podAddress(service, pod);
  if (!address) return [];
  const addresses = publishesAll || isPodReady(pod) ? { addresses: [address] } : { notReadyAddresses: [address] };
  const servicePorts = service.spec?.ports ?? [];
  // Without ports it may be headless only: its names still lead to addresses.
  if (servicePorts.length === 0) return service.spec?.clusterIP === "None" ? [addresses] : [];
  return servicePorts.flatMap(({ name, protocol, appProtocol, ...rest }) => {
    const number = findTargetPort(pod, { ...rest, ...(protocol !== undefined && { protocol }) });
    if (number === undefined) return [];
    const port: EndpointPort = {
      ...(name && { name }),
      port: number,
      protocol: protocol ?? "TCP",
      ...(appProtocol !== undefined && { appProtocol }),
    };
    return [{ ...addresses, ports: [port] }];
  });
}

function podAddress(service: Service, pod: Pod): EndpointAddress | undefined {
  const [ip] = podAddresses(pod, primaryFamily(service, pod));
  if (ip === undefined) return undefined;
  const hostname = endpointHostname(pod, service);
  const { namespace, name, uid } = pod.metadata;
  return {
    ip,
    ...(hostname !== undefined && { hostname }),
    ...(pod.spec?.nodeName && { nodeName: pod.spec.nodeName }),
    targetRef: {
      kind: "Pod",
      ...(namespace !== undefined && { namespace }),
      ...(name !== undefined && { name }),
      ...(uid !== undefined && { uid }),
    },
  };
}

function primaryFamily({ spec }: Service, { status }: Pod): "IPv4" | "IPv6" {
  const [family] = spec?.ipFamilies ?? [];
  if (family) return family === "IPv6" ? "IPv6" : "IPv4";
  const address = spec?.clusterIP && spec.clusterIP !== "None" ? spec.clusterIP : status?.podIP;
  return address?.includes(":") ? "IPv6" : "IPv4";
}

function isUpToDate(
  { metadata, subsets = [] }: Endpoints,
  wanted: readonly EndpointSubset[],
  service: Service,
): boolean {
  const { [headlessLabel]: _, ...labels } = metadata.labels ?? {};
  const { [headlessLabel]: __, ...wantedLabels } = endpointsLabels(service);
  if (!isSameJson(labels, wantedLabels)) return false;
  const { subsets: kept, isTruncated } = truncateSubsets(wanted);
  const annotation = metadata.annotations?.[overCapacityAnnotation];
  if ((annotation === "truncated") !== isTruncated) return false;
  return isSameJson(packSubsets(subsets), packSubsets(kept));
}
