// Which fields a write through a resource or subresource can change at all: nobody comes to own the others by it.

import { anyElement, exceptFields, type FieldFilter, onlyFields } from "#kubernetes/api";
import type { ServedResource } from "./resources/served-resource.ts";

/** Groups whose /status leaves metadata alone altogether. */
const groupsKeepingMetadata = new Set([
  "admissionregistration.k8s.io",
  "apiextensions.k8s.io",
  "apiregistration.k8s.io",
  "flowcontrol.apiserver.k8s.io",
  "resource.k8s.io",
  "storage.k8s.io",
]);

const exceptStatus = exceptFields(["status"]);
const exceptSpec = exceptFields(["spec"]);
const exceptSpecAndMetadata = exceptFields(["spec"], ["metadata"]);

/** Subresources with rules of their own, by group/resource/subresource. */
const special: Readonly<Record<string, FieldFilter>> = {
  "apps/deployments/status": exceptFields(["spec"], ["metadata", "labels"]),
  "certificates.k8s.io/certificatesigningrequests/": exceptFields(["spec"], ["status"]),
  "certificates.k8s.io/certificatesigningrequests/status": exceptFields(["spec"], ["status", "conditions"]),
  "certificates.k8s.io/certificatesigningrequests/approval": exceptFields(["spec"], ["status", "certificate"]),
  "/namespaces/finalize": exceptStatus,
  "networking.k8s.io/servicecidrs/status": exceptSpecAndMetadata,
  "/pods/status": exceptFields(["spec"], ["metadata", "deletionTimestamp"], ["metadata", "ownerReferences"]),
  "/pods/ephemeralcontainers": onlyFields(["spec", "ephemeralContainers"]),
  "/pods/resize": onlyFields(
    ["spec", "containers", anyElement, "resources"],
    ["spec", "containers", anyElement, "resizePolicy"],
    ["spec", "initContainers", anyElement, "resources"],
    ["spec", "initContainers", anyElement, "resizePolicy"],
    ["spec", "resources"],
  ),
};

/** Undefined where everything can be changed. */
export function ownableFields(resource: ServedResource, subresource: string): FieldFilter | undefined {
  const { group, resource: plural } = resource.info;
  const own = special[`${group}/${plural}/${subresource}`];
  if (own) return own;
  if (subresource === "status") {
    const keepsMetadata = resource.custom !== undefined || groupsKeepingMetadata.has(group);
    return keepsMetadata ? exceptSpecAndMetadata : exceptSpec;
  }
  return subresource === "" && resource.subresources.has("status") ? exceptStatus : undefined;
}
