// The types of `request` and `namespaceObject`, so that expressions that misspell a field are refused when they are written.
// Upstream's, field by field: the uid of a request is no matter of expressions, its objects are variables of their own.

import type { TypeProvider } from "../checker/environment.ts";
import { type CelType, listType, mapType, objectType, types } from "../values/type.ts";

type Fields = Readonly<Record<string, CelType>>;

const { string, int, bool, timestamp, dyn } = types;
const texts = listType(string);

const kindType = objectType("kubernetes.GroupVersionKind");
const resourceType = objectType("kubernetes.GroupVersionResource");
const userType = objectType("kubernetes.UserInfo");
const metadataType = objectType("kubernetes.NamespaceMetadata");
const specType = objectType("kubernetes.NamespaceSpec");
const statusType = objectType("kubernetes.NamespaceStatus");
const conditionType = objectType("kubernetes.NamespaceCondition");

export const requestType = objectType("kubernetes.AdmissionRequest");
export const namespaceType = objectType("kubernetes.Namespace");

const fieldsOf: ReadonlyMap<string, Fields> = new Map<string, Fields>([
  [kindType.name, { group: string, version: string, kind: string }],
  [resourceType.name, { group: string, version: string, resource: string }],
  [userType.name, { username: string, uid: string, groups: texts, extra: mapType(string, texts) }],
  [
    requestType.name,
    {
      kind: kindType,
      resource: resourceType,
      subResource: string,
      requestKind: kindType,
      requestResource: resourceType,
      requestSubResource: string,
      name: string,
      namespace: string,
      operation: string,
      userInfo: userType,
      dryRun: bool,
      options: dyn,
    },
  ],
  [namespaceType.name, { metadata: metadataType, spec: specType, status: statusType }],
  [specType.name, { finalizers: texts }],
  [statusType.name, { conditions: listType(conditionType), phase: string }],
  [
    conditionType.name,
    { status: string, type: string, lastTransitionTime: timestamp, message: string, reason: string },
  ],
  [
    metadataType.name,
    {
      name: string,
      generateName: string,
      namespace: string,
      labels: mapType(string, string),
      annotations: mapType(string, string),
      UID: string,
      creationTimestamp: timestamp,
      deletionGracePeriodSeconds: int,
      deletionTimestamp: timestamp,
      generation: int,
      resourceVersion: string,
      finalizers: texts,
    },
  ],
]);

/** Knows those types; with others, which take precedence. */
export function admissionTypes(more?: TypeProvider): TypeProvider {
  return {
    ...more,
    findType: (name) => more?.findType(name) ?? (fieldsOf.has(name) ? objectType(name) : undefined),
    findField: (name, field) => {
      const own = fieldsOf.get(name);
      if (!own) return more?.findField(name, field);
      return Object.hasOwn(own, field) ? own[field] : undefined;
    },
  };
}
