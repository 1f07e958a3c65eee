// What a request's path, method and query say it is about, by upstream's rules (apiserver's RequestInfoFactory).

import type { ApiRequest } from "#kubernetes/api";

/** `resource` is "" for requests that are about no API resource, such as /version or /apis/apps/v1. */
export interface RequestInfo {
  readonly isResourceRequest: boolean;
  readonly path: string;
  /** get, list, watch, create, update, patch, delete, deletecollection; of other requests the lower-case method. */
  readonly verb: string;
  readonly apiGroup: string;
  readonly apiVersion: string;
  /** "" where the request names none. For the resource "namespaces" itself it equals `name`. */
  readonly namespace: string;
  readonly resource: string;
  readonly subresource: string;
  readonly name: string;
  /** The path from the resource on: resource, name, subresource and whatever follows. */
  readonly parts: readonly string[];
  /** As in the query; only of list, watch and deletecollection. */
  readonly fieldSelector: string;
  readonly labelSelector: string;
}

/** Namespaces' own subresources; any other word after a namespace's name is a resource within it. */
const namespaceSubresources = new Set(["status", "finalize"]);
const pathVerbs = new Set(["proxy", "watch"]);
const methodVerbs: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  HEAD: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Reads a request's info. Throws for a path that names a verb (/api/v1/watch) and nothing else. */
export function readRequestInfo(request: ApiRequest): RequestInfo {
  const segments = splitPath(request.path);
  const start = segments[0] === "api" ? 1 : segments[0] === "apis" ? 2 : 0;
  if (start === 0 || segments.length < start + 2) return nonResourceInfo(request);
  return resourceInfo(request, start === 2 ? segments[1]! : "", segments.slice(start));
}

/** The path's segments, decoded; empty ones at either end are dropped. */
function splitPath(path: string): string[] {
  let from = 0;
  let to = path.length;
  while (from < to && path.charCodeAt(from) === 47) from++;
  while (to > from && path.charCodeAt(to - 1) === 47) to--;
  if (from === to) return [];
  const trimmed = path.slice(from, to);
  const segments = trimmed.split("/");
  return trimmed.includes("%") ? segments.map(decodeSegment) : segments;
}

function decodeSegment(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function nonResourceInfo(request: ApiRequest): RequestInfo {
  return {
    isResourceRequest: false,
    path: request.path,
    verb: request.method.toLowerCase(),
    apiGroup: "",
    apiVersion: "",
    namespace: "",
    resource: "",
    subresource: "",
    name: "",
    parts: [],
    fieldSelector: "",
    labelSelector: "",
  };
}

/** `rest` starts with the version. */
function resourceInfo(request: ApiRequest, apiGroup: string, rest: readonly string[]): RequestInfo {
  const verbInPath = pathVerbs.has(rest[1]!) ? rest[1] : undefined;
  if (verbInPath !== undefined && rest.length < 3) {
    throw new Error(`unable to determine kind and namespace from url, ${request.path}`);
  }
  const { namespace, parts } = splitNamespace(rest.slice(verbInPath === undefined ? 1 : 2));
  const methodVerb = verbInPath ?? methodVerbs[request.method] ?? "";
  const named = parts[1] ?? "";
  const verb = refineVerb(methodVerb, named, request.query);
  const selects = verbInPath === undefined && (verb === "list" || verb === "watch" || verb === "deletecollection");
  return {
    isResourceRequest: true,
    path: request.path,
    verb,
    apiGroup,
    apiVersion: rest[0]!,
    namespace,
    resource: parts[0]!,
    subresource: verb === "proxy" ? "" : (parts[2] ?? ""),
    name: named === "" && selects && verb !== "deletecollection" ? nameInFieldSelector(request.query) : named,
    parts,
    fieldSelector: (selects && request.query.get("fieldSelector")) || "",
    labelSelector: (selects && request.query.get("labelSelector")) || "",
  };
}

function splitNamespace(rest: readonly string[]): { namespace: string; parts: readonly string[] } {
  if (rest[0] !== "namespaces" || rest.length < 2) return { namespace: "", parts: rest };
  const isWithin = rest.length > 2 && !namespaceSubresources.has(rest[2]!);
  return { namespace: rest[1]!, parts: isWithin ? rest.slice(2) : rest };
}

/** Without a name, a get is a list or a watch, and a delete is a deletecollection. */
function refineVerb(verb: string, name: string, query: URLSearchParams): string {
  if (name !== "") return verb;
  if (verb === "delete") return "deletecollection";
  if (verb !== "get") return verb;
  return isTrue(query.get("watch")) ? "watch" : "list";
}

/** How upstream reads a boolean parameter: given at all means true, unless it is "false" or "0". */
export function isTrue(value: string | null): boolean {
  if (value === null) return false;
  const lower = value.toLowerCase();
  return lower !== "false" && lower !== "0";
}

/** The name a selector such as metadata.name=a asks for, if it is fit to be a path's segment. */
function nameInFieldSelector(query: URLSearchParams): string {
  const selector = query.get("fieldSelector");
  if (!selector?.includes("metadata.name")) return "";
  for (const term of selector.split(",")) {
    const name = /^metadata\.name==?([^=!].*)$/.exec(term)?.[1];
    if (name !== undefined && !/[/%]/.test(name) && name !== "." && name !== "..") return name;
  }
  return "";
}
