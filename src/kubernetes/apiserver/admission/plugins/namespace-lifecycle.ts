// NamespaceLifecycle: nothing is made in a namespace that is missing or going, and the first namespaces stay.

import { forbidden, notFound, resources, StatusError } from "#kubernetes/api";
import { type AdmissionPlugin, type AdmissionRequest, forbiddenRequest } from "../admission.ts";
import type { PluginContext } from "./plugin-context.ts";

const immortal = new Set(["default", "kube-system", "kube-public"]);

export function namespaceLifecycle({ objects }: PluginContext): AdmissionPlugin {
  return {
    name: "NamespaceLifecycle",
    handles: ({ operation, group, resource }) => {
      if (group === "" && resource === "namespaces") return operation === "DELETE";
      // What may be seen of a namespace must not depend on whether it is there.
      if (resource === "localsubjectaccessreviews") return false;
      return operation === "CREATE" || operation === "UPDATE";
    },
    async admit(request) {
      if (request.operation === "DELETE") return checkMortal(request);
      if (request.namespace === "") return;
      const { namespace } = request;
      const found = await objects.get(resources.namespaces, { name: namespace });
      if (!found) throw notFound({ group: "", resource: "namespaces" }, namespace);
      if (request.operation === "CREATE" && found.status?.phase === "Terminating") throw beingTerminated(request);
    },
  };
}

function checkMortal({ name, group, resource, subresource }: AdmissionRequest): void {
  if (subresource === "" && immortal.has(name))
    throw forbidden({ group, resource }, name, "this namespace may not be deleted");
}

function beingTerminated(request: AdmissionRequest): StatusError {
  const { namespace } = request;
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const { message, details } = forbiddenRequest(request, why);
  const cause = {
    reason: "NamespaceTerminating",
    message: `namespace ${namespace} is being terminated`,
    field: "metadata.namespace",
  };
  return new StatusError({ code: 403, reason: "Forbidden", message, details: { ...details, causes: [cause] } });
}
