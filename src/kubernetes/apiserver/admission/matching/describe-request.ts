// A request as admission.k8s.io's AdmissionRequest shows it, to webhooks and to expressions alike.

import type { GroupVersionKind } from "#kubernetes/api";
import { describeUser } from "../../authentication/users.ts";
import type { AdmissionRequest } from "../admission.ts";
import type { MatchedResource } from "./match-criteria.ts";

/** Everything but its uid and its objects. `kind` is that of the objects as they are shown. */
export function describeRequest(request: AdmissionRequest, matched: MatchedResource, kind: GroupVersionKind): object {
  const { group, version, resource, subresource, objectKind, user, operation, name, namespace, dryRun } = request;
  const sub = subresource === "" ? {} : { subResource: subresource, requestSubResource: subresource };
  return {
    kind: kindOf(kind),
    resource: { group: matched.group, version: matched.version, resource: matched.resource },
    requestKind: kindOf(objectKind),
    requestResource: { group, version, resource },
    ...sub,
    ...(name && { name }),
    ...(namespace && { namespace }),
    operation,
    userInfo: describeUser(user),
    dryRun,
    options: request.options ?? null,
  };
}

/** Without what else the value may hold. */
function kindOf({ group, version, kind }: GroupVersionKind): GroupVersionKind {
  return { group, version, kind };
}
