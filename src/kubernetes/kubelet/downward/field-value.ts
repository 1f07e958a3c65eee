// What the downward API tells a container of its pod: a field's value as a text, for variables and files alike.

import { checkQualifiedName, quote } from "#kubernetes/api";
import type { BoundPod } from "../pod/bound-pod.ts";

/** What a pod's own object does not say yet when its containers are made. */
export interface PodAddresses {
  readonly podIPs: readonly string[];
  readonly hostIPs: readonly string[];
}

/** The value of a fieldRef's path. Throws for a path that is not offered, in upstream's words. */
export function fieldValue(pod: BoundPod, path: string, { podIPs, hostIPs }: PodAddresses): string {
  const { name, namespace, uid, labels = {}, annotations = {} } = pod.metadata;
  const simple: Readonly<Record<string, string>> = {
    "metadata.name": name,
    "metadata.namespace": namespace,
    "metadata.uid": uid,
    "spec.nodeName": pod.spec.nodeName ?? "",
    "spec.serviceAccountName": pod.spec.serviceAccountName ?? "",
    "status.podIP": podIPs[0] ?? "",
    "status.podIPs": podIPs.join(","),
    "status.hostIP": hostIPs[0] ?? "",
    "status.hostIPs": hostIPs.join(","),
  };
  if (Object.hasOwn(simple, path)) return simple[path]!;
  if (path === "metadata.labels") return formatMap(labels);
  if (path === "metadata.annotations") return formatMap(annotations);
  return subscriptedValue(path, labels, annotations);
}

type Strings = Readonly<Record<string, string>>;

/** metadata.labels['key'] and metadata.annotations['key']. */
function subscriptedValue(path: string, labels: Strings, annotations: Strings): string {
  const [, map, key = ""] = /^(.+?)\['(.*)'\]$/.exec(path) ?? [];
  if (map === undefined) throw new Error(`unsupported fieldPath: ${path}`);
  if (map !== "metadata.labels" && map !== "metadata.annotations") {
    throw new Error(`fieldPath ${quote(path)} does not support subscript`);
  }
  const isLabel = map === "metadata.labels";
  const problems = checkQualifiedName(isLabel ? key : key.toLowerCase());
  if (problems.length > 0) throw new Error(`invalid key subscript in ${path}: ${problems.join(";")}`);
  return (isLabel ? labels : annotations)[key] ?? "";
}

/** key="value" lines in the order of the keys. */
function formatMap(map: Strings): string {
  return Object.keys(map)
    .sort()
    .map((key) => `${key}=${quote(map[key]!)}`)
    .join("\n");
}
