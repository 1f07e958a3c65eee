// Admission of what connects: exec, attach, port-forward, proxies. What is admitted are the options of the connection, as upstream
// reads them from the query.

import type { GroupVersionKind, KubeObject } from "#kubernetes/api";
import { admissionRequest } from "../../registry/admission-request.ts";
import type { RegistryContext, ResourceCall } from "../../registry/context.ts";
import { isTrue } from "../../request-info.ts";

/** Throws where admission refuses. */
export async function admitConnect(context: RegistryContext, request: ResourceCall): Promise<void> {
  const { resource, subresource, call } = request;
  const kind = resource.subresources.get(subresource)?.kind[2] ?? "";
  const objectKind: GroupVersionKind = { group: "", version: "v1", kind };
  const options = { kind, apiVersion: "v1", ...readOptions(kind, call.request.query, request) };
  const object = options as unknown as KubeObject;
  const admitted = admissionRequest(request, { operation: "CONNECT", object, objectKind, dryRun: false });
  await context.admission.admit(admitted);
  await context.admission.validate(admitted);
}

function readOptions(kind: string, query: URLSearchParams, { call }: ResourceCall): object {
  if (kind === "PodPortForwardOptions") {
    const ports = query.getAll("ports").flatMap((text) => text.split(",").map(Number));
    return ports.length > 0 ? { ports } : {};
  }
  if (kind === "PodExecOptions" || kind === "PodAttachOptions") return readStreams(query);
  const path = call.info.parts.slice(3).join("/");
  return path === "" ? {} : { path: `/${path}` };
}

function readStreams(query: URLSearchParams): object {
  const streams = ["stdin", "stdout", "stderr", "tty"].filter((name) => isTrue(query.get(name)));
  const container = query.get("container");
  const command = query.getAll("command");
  return {
    ...Object.fromEntries(streams.map((name) => [name, true])),
    ...(container && { container }),
    ...(command.length > 0 && { command }),
  };
}
