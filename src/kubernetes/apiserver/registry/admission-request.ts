// The request as admission plug-ins see it.

import type { DeleteOptions, GroupVersionKind, KubeObject } from "#kubernetes/api";
import type { AdmissionRequest, Operation } from "../admission/admission.ts";
import { annotate, annotateContents, warn } from "../call.ts";
import { decodePatched } from "./bodies/body.ts";
import { bodyKindOf } from "./bodies/body-kind.ts";
import type { ResourceCall } from "./context.ts";
import { optionsOfOperation } from "./options/operation-options.ts";

interface Change {
  readonly operation: Operation;
  readonly object?: KubeObject;
  readonly oldObject?: KubeObject;
  readonly dryRun: boolean;
  /** Of a delete; those of the other operations are in the query. */
  readonly options?: DeleteOptions;
  /** Default: the path's, and of a create the object's. */
  readonly name?: string;
  /** Default: that of the body. */
  readonly objectKind?: GroupVersionKind;
}

export function admissionRequest(request: ResourceCall, change: Change): AdmissionRequest {
  const { call, resource, subresource } = request;
  const { info } = call;
  const { group, version, resource: plural, kind, namespaced } = resource.info;
  const options = optionsOfOperation(change.operation, call.request.query, change.options);
  const name = change.name ?? (info.name || change.object?.metadata?.name || "");
  return {
    ...change,
    ...(options && { options }),
    group,
    version,
    resource: plural,
    kind: subresourceKind(resource.subresources.get(subresource)?.kind, kind),
    objectKind: change.objectKind ?? bodyKindOf(resource, subresource),
    subresource,
    namespace: namespaced ? info.namespace : plural === "namespaces" && group === "" ? name : "",
    name,
    user: call.user,
    warn: (text) => warn(call, text),
    annotate: (key, value) => annotate(call, key, value),
    annotateContents: (key, value) => annotateContents(call, key, value),
    served: resource,
    decode: (value) => decodePatched(request, value, { fieldValidation: "Ignore", problems: [] }),
  };
}

function subresourceKind(own: readonly [string, string, string] | undefined, parent: string): string {
  return own?.[2] || parent;
}
