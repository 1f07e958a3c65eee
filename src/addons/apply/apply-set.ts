// ApplySets (KEP-3659): objects that belong together carry a label; a parent object says which kinds to look at. So what an add-on no
// longer holds can be found and removed, by `kubectl apply --prune --applyset` as well. Pure: names, labels and the parent.

import { createHash } from "node:crypto";
import type { KubeObject, UnknownObject } from "#kubernetes/api";
import { type AddonObjects, groupKindOf } from "./addon-objects.ts";

export const partOfLabel = "applyset.kubernetes.io/part-of";
export const idLabel = "applyset.kubernetes.io/id";
const toolingAnnotation = "applyset.kubernetes.io/tooling";
const kindsAnnotation = "applyset.kubernetes.io/contains-group-kinds";
const namespacesAnnotation = "applyset.kubernetes.io/additional-namespaces";
const contentAnnotation = "slipway.dev/content";
const versionAnnotation = "slipway.dev/version";
const parentNamespace = "kube-system";

/** What a parent knows of its members. */
export interface ApplySetMembers {
  /** "Role.rbac.authorization.k8s.io", "ConfigMap". */
  readonly groupKinds: readonly string[];
  readonly namespaces: readonly string[];
}

export interface ApplySetParent extends UnknownObject {
  metadata: {
    namespace: string;
    name: string;
    labels: Record<string, string>;
    annotations: Record<string, string>;
  };
}

const namePrefix = "slipway-addon-";

export function parentName(addon: string): string {
  return `${namePrefix}${addon}`;
}

/** The add-on a parent is of; undefined for another's ConfigMap. */
export function addonOfParent({ metadata: { name = "", labels } }: KubeObject): string | undefined {
  const addon = name.startsWith(namePrefix) ? name.slice(namePrefix.length) : undefined;
  return addon !== undefined && labels?.[idLabel] === applySetId(addon) ? addon : undefined;
}

/** The id of an add-on's set, by KEP-3659's rule: the hash of the parent's name, namespace, kind and group. */
export function applySetId(addon: string): string {
  const parent = `${parentName(addon)}.${parentNamespace}.ConfigMap.`;
  return `applyset-${createHash("sha256").update(parent).digest("base64url")}-v1`;
}

/** What was applied last, completely: its content's mark and, where it has one, its version. */
export interface AppliedRelease {
  readonly content?: string;
  readonly version?: string;
}

/** The parent, a ConfigMap. Without a `content` the add-on is not completely there: something is under way. */
export function createParent(addon: string, members: ApplySetMembers, applied: AppliedRelease = {}): ApplySetParent {
  const { content, version } = applied;
  const namespaces = members.namespaces.filter((namespace) => namespace !== parentNamespace);
  return {
    apiVersion: "v1",
    kind: "ConfigMap",
    metadata: {
      namespace: parentNamespace,
      name: parentName(addon),
      labels: { [idLabel]: applySetId(addon) },
      annotations: {
        [toolingAnnotation]: "slipway/v1",
        [kindsAnnotation]: members.groupKinds.join(","),
        [namespacesAnnotation]: namespaces.join(","),
        ...(content !== undefined && { [contentAnnotation]: content }),
        ...(version !== undefined && { [versionAnnotation]: version }),
      },
    },
  };
}

/** What a parent read from the API says. */
export function readParent({ metadata }: KubeObject): ApplySetMembers & AppliedRelease {
  const annotations = metadata.annotations ?? {};
  const content = annotations[contentAnnotation];
  const version = annotations[versionAnnotation];
  return {
    groupKinds: splitList(annotations[kindsAnnotation]),
    namespaces: [parentNamespace, ...splitList(annotations[namespacesAnnotation])],
    ...(content !== undefined && { content }),
    ...(version !== undefined && { version }),
  };
}

/** The kinds and namespaces of the objects, sorted, so that equal sets read equal. */
export function membersOf(objects: readonly UnknownObject[]): ApplySetMembers {
  const namespaces = objects.flatMap(({ metadata }) => (metadata.namespace === undefined ? [] : [metadata.namespace]));
  return { groupKinds: sortedSet(objects.map(groupKindOf)), namespaces: sortedSet(namespaces) };
}

export function unite(one: ApplySetMembers, other: ApplySetMembers): ApplySetMembers {
  return {
    groupKinds: sortedSet([...one.groupKinds, ...other.groupKinds]),
    namespaces: sortedSet([...one.namespaces, ...other.namespaces]),
  };
}

/** The object as a member of the add-on's set. */
export function labelMember(addon: string, object: UnknownObject): UnknownObject {
  const labels = { ...object.metadata.labels, [partOfLabel]: applySetId(addon) };
  return { ...object, metadata: { ...object.metadata, labels } };
}

/** Identifies the objects' content. */
export function contentOf({ objects, namespace }: Pick<AddonObjects, "objects" | "namespace">): string {
  const text = JSON.stringify(namespace === undefined ? objects : { objects, namespace });
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

function splitList(text: string | undefined): string[] {
  return (text ?? "").split(",").filter((part) => part !== "");
}

function sortedSet(values: readonly string[]): string[] {
  return [...new Set(values)].toSorted();
}
