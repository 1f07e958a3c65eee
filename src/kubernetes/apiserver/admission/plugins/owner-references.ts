// OwnerReferencesPermissionEnforcement: who makes an object another's dependent must be allowed to delete it, and to finalize the
// owner where the dependent shall hold up its deletion. Not among upstream's defaults.

import { equalJson, type OwnerReference, parseApiVersion } from "#kubernetes/api";
import type { AuthorizationAttributes } from "../../authorization/authorizer.ts";
import type { AdmissionPlugin, AdmissionRequest } from "../admission.ts";
import { Refusal } from "../refusal.ts";
import type { PluginContext } from "./plugin-context.ts";

export function ownerReferencesPermissionEnforcement(context: PluginContext): AdmissionPlugin {
  return {
    name: "OwnerReferencesPermissionEnforcement",
    handles: ({ operation, group, resource, subresource }) =>
      (operation === "CREATE" || operation === "UPDATE") &&
      !(group === "" && resource === "pods" && subresource === "status"),
    async validate(request) {
      const now = request.object?.metadata?.ownerReferences ?? [];
      const before = request.oldObject?.metadata?.ownerReferences ?? [];
      if (now.length === before.length && equalJson(now, before)) return;
      if (request.operation !== "CREATE") await checkDelete(context, request);
      const blocking = now.filter((reference) => reference.blockOwnerDeletion && !wasBlocking(reference, before));
      if (blocking.length > 0) await checkFinalizers(context, request, blocking);
    },
  };
}

function wasBlocking(reference: OwnerReference, before: readonly OwnerReference[]): boolean {
  return before.find((old) => old.uid === reference.uid)?.blockOwnerDeletion ?? false;
}

async function checkDelete({ authorizer }: PluginContext, request: AdmissionRequest): Promise<void> {
  const { group, version, resource, subresource, namespace, name } = request;
  const asked = { verb: "delete", apiGroup: group, apiVersion: version, namespace, resource, subresource, name };
  const decision = await authorizer.authorize(attributesOf(request, asked));
  if (!decision.allowed) {
    throw new Refusal(`cannot set an ownerRef on a resource you can't delete: ${decision.reason}, <nil>`);
  }
}

async function checkFinalizers(
  { authorizer, resources }: PluginContext,
  request: AdmissionRequest,
  references: readonly OwnerReference[],
): Promise<void> {
  const anything = {
    verb: "update",
    apiGroup: "*",
    apiVersion: "*",
    resource: "*",
    subresource: "finalizers",
    name: "*",
  };
  if ((await authorizer.authorize(attributesOf(request, { ...anything, namespace: "" }))).allowed) return;
  for (const { apiVersion, kind, name } of references) {
    const { group, version } = parseApiVersion(apiVersion);
    const served =
      resources()
        .version(group, version)
        ?.resources.filter(({ info }) => info.kind === kind) ?? [];
    if (served.length === 0) {
      throw new Refusal(
        `cannot set blockOwnerDeletion in this case because cannot find RESTMapping for APIVersion ${apiVersion} Kind ${kind}: no matches for kind "${kind}" in version "${apiVersion}"`,
      );
    }
    for (const { info } of served) {
      const namespace = info.namespaced ? request.namespace : "";
      const asked = { ...anything, apiGroup: group, apiVersion: version, resource: info.resource, name, namespace };
      const decision = await authorizer.authorize(attributesOf(request, asked));
      if (decision.allowed) continue;
      throw new Refusal(
        `cannot set blockOwnerDeletion if an ownerReference refers to a resource you can't set finalizers on: ${decision.reason}, <nil>`,
      );
    }
  }
}

function attributesOf(
  { user }: AdmissionRequest,
  asked: Omit<AuthorizationAttributes, "user" | "isResourceRequest" | "path">,
): AuthorizationAttributes {
  return { ...asked, user, isResourceRequest: true, path: "" };
}
