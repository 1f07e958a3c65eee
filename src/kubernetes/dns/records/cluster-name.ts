// What a name below the cluster's domain asks for, by the schema of Kubernetes' DNS specification 1.1.0. Pure.

export type ClusterName =
  /** The domain itself. */
  | { readonly kind: "apex" }
  /** A name with nothing of its own but names below it. */
  | { readonly kind: "branch" }
  | { readonly kind: "version" }
  | { readonly kind: "nameServer" }
  /** The branch of a namespace: svc or pod. */
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "pod"; readonly namespace: string; readonly pod: string }
  | ServiceName
  | { readonly kind: "unknown" };

export interface ServiceName {
  readonly kind: "service";
  readonly namespace: string;
  readonly service: string;
  readonly endpoint?: string;
  /** Only these ports: _port._protocol.service, or the branch _protocol.service of them. */
  readonly port?: string;
  readonly protocol?: string;
}

/** `labels` are those left of the domain, lower-case. */
export function parseClusterName(labels: readonly string[]): ClusterName {
  const rest = labels.slice(0, -1);
  switch (labels.at(-1)) {
    case undefined:
      return { kind: "apex" };
    case "svc":
      return parseBelowServices(rest);
    case "pod":
      return parseBelowPods(rest);
    case "dns-version":
      return rest.length === 0 ? { kind: "version" } : { kind: "unknown" };
    case "dns":
      if (rest.length === 0) return { kind: "branch" };
      return rest.length === 1 && rest[0] === "ns" ? { kind: "nameServer" } : { kind: "unknown" };
    default:
      return { kind: "unknown" };
  }
}

function parseBelowServices(labels: readonly string[]): ClusterName {
  const [namespace, service, second, first, tooMuch] = labels.toReversed();
  if (namespace === undefined) return { kind: "branch" };
  if (service === undefined) return { kind: "namespace", namespace };
  if (tooMuch !== undefined) return { kind: "unknown" };
  const name = { kind: "service", namespace, service } as const;
  if (second === undefined) return name;
  if (first === undefined) {
    return second.startsWith("_") ? { ...name, protocol: second.slice(1) } : { ...name, endpoint: second };
  }
  return { ...name, port: withoutUnderscore(first), protocol: withoutUnderscore(second) };
}

function parseBelowPods(labels: readonly string[]): ClusterName {
  const [namespace, pod, tooMuch] = labels.toReversed();
  if (namespace === undefined) return { kind: "branch" };
  if (pod === undefined) return { kind: "namespace", namespace };
  return tooMuch === undefined ? { kind: "pod", namespace, pod } : { kind: "unknown" };
}

function withoutUnderscore(label: string): string {
  return label.startsWith("_") ? label.slice(1) : label;
}
