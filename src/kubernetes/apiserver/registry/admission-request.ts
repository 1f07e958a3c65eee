// The request as admission plug-ins see it.

import type { KubeObject } from "#kubernetes/api";
import type { AdmissionRequest, Operation } from "../admission/admission.ts";
import { warn } from "../call.ts";
import type { ResourceCall } from "./context.ts";

interface Change {
  readonly operation: Operation;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly dryRun: boolean;
  readonly options?: object;
  /** Default: the path's, and of a create the object's. */
  readonly name?: string;
}

export function admissionRequest({ call, resource, subresource }: ResourceCall, change: Change): AdmissionRequest {
  const { info } = call;
  const { group, version, resource: plural, kind, namespaced } = resource.info;
  const name = change.name ?? (info.name || change.object?.metadata?.name || "");
  return {
    ...change,
    group,
    version,
    resource: plural,
    kind: subresourceKind(resource.subresources.get(subresource)?.kind, kind),
    subresource,
    namespace: namespaced ? info.namespace : plural === "namespaces" && group === "" ? name : "",
    name,
    user: call.user,
    warn: (text) => warn(call, text),
  };
}

function subresourceKind(own: readonly [string, string, string] | undefined, parent: string): string {
  return own?.[2] || parent;
}
