// What can be asked of a resource, as paths and operations without a dialect: the documents of both versions are written from it.

import { typeNameOfKind, type Verb } from "#kubernetes/api";
import type { ServedResource } from "../registry/resources/served-resource.ts";
import {
  createParameters,
  deleteParameters,
  listParameters,
  type Parameter,
  patchParameters,
  pathParameters,
  pretty,
} from "./parameters.ts";

export interface PathItem {
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly operations: readonly Operation[];
}

export type Method = "get" | "put" | "post" | "delete" | "options" | "head" | "patch";

export interface Operation {
  readonly method: Method;
  readonly id: string;
  readonly action: string;
  readonly kind: { readonly group: string; readonly version: string; readonly kind: string };
  readonly parameters: readonly Parameter[];
  /** The type of the body. */
  readonly body?: { readonly type: string; readonly required: boolean };
  readonly isPatch?: boolean;
  /** Answers may be streams of events. */
  readonly isList?: boolean;
  /** Types of answers by status; "" is text. */
  readonly answers: Readonly<Record<number, string>>;
}

const meta = "io.k8s.apimachinery.pkg.apis.meta.v1";

/** The paths of a resource and its subresources. */
export function pathsOf(resource: ServedResource): PathItem[] {
  const { info } = resource;
  const root = info.group === "" ? `/api/${info.version}` : `/apis/${info.group}/${info.version}`;
  const collection = info.namespaced ? `${root}/namespaces/{namespace}/${info.resource}` : `${root}/${info.resource}`;
  const inCollection = info.namespaced ? [pathParameters.namespace] : [];
  const inItem = [pathParameters.name, ...inCollection];
  const items: PathItem[] = [
    { path: collection, parameters: [...inCollection, pretty], operations: collectionOperations(resource) },
    {
      path: `${collection}/{name}`,
      parameters: [...inItem, pretty],
      operations: itemOperations(resource, "", info.verbs),
    },
    ...[...resource.subresources.values()].map(({ name, verbs }) => ({
      path: `${collection}/{name}/${name}`,
      parameters: [...inItem, pretty],
      operations: isConnect(name) ? connectOperations(resource, name) : itemOperations(resource, name, verbs),
    })),
  ];
  if (info.namespaced && info.verbs.includes("list")) {
    const operation = listOperation(resource, "ForAllNamespaces");
    items.push({ path: `${root}/${info.resource}`, parameters: [...listParameters, pretty], operations: [operation] });
  }
  return items.filter(({ operations }) => operations.length > 0);
}

function collectionOperations(resource: ServedResource): Operation[] {
  const { verbs } = resource.info;
  const kind = kindOf(resource, "");
  const found: Operation[] = [];
  if (verbs.includes("list")) {
    found.push({ ...listOperation(resource, ""), parameters: listParameters });
  }
  if (verbs.includes("create")) {
    const type = typeOf(resource, "");
    found.push({
      method: "post",
      id: idOf("create", resource, ""),
      action: "post",
      kind,
      parameters: createParameters,
      body: { type, required: true },
      answers: { 200: type, 201: type, 202: type },
    });
  }
  if (verbs.includes("deletecollection")) {
    found.push({
      method: "delete",
      id: idOf("delete", resource, "", { middle: "Collection" }),
      action: "deletecollection",
      kind,
      parameters: [...listParameters, ...deleteParameters],
      body: { type: `${meta}.DeleteOptions`, required: false },
      answers: { 200: `${meta}.Status` },
    });
  }
  return found;
}

function listOperation(resource: ServedResource, suffix: string): Operation {
  return {
    method: "get",
    id: idOf("list", resource, "", { suffix }),
    action: "list",
    kind: kindOf(resource, ""),
    parameters: [],
    isList: true,
    answers: { 200: listTypeOf(resource) },
  };
}

function itemOperations(resource: ServedResource, subresource: string, verbs: readonly Verb[]): Operation[] {
  // Logs are text.
  const type = subresource === "log" ? "" : typeOf(resource, subresource);
  const kind = kindOf(resource, subresource);
  const found: Operation[] = [];
  const add = (method: Method, verb: string, rest: Omit<Operation, "method" | "id" | "action" | "kind">) =>
    found.push({ method, id: idOf(verb, resource, subresource), action: method, kind, ...rest });
  if (verbs.includes("get")) add("get", "read", { parameters: [], answers: { 200: type } });
  if (verbs.includes("update")) {
    const body = { type, required: true };
    add("put", "replace", { parameters: createParameters, body, answers: { 200: type, 201: type } });
  }
  if (subresource !== "" && verbs.includes("create")) {
    const body = { type, required: true };
    add("post", "create", { parameters: createParameters, body, answers: { 200: type, 201: type, 202: type } });
  }
  if (verbs.includes("delete")) {
    const body = { type: `${meta}.DeleteOptions`, required: false };
    const status = `${meta}.Status`;
    add("delete", "delete", { parameters: deleteParameters, body, answers: { 200: status, 202: status } });
  }
  if (verbs.includes("patch")) {
    const body = { type: `${meta}.Patch`, required: true };
    add("patch", "patch", { parameters: patchParameters, body, isPatch: true, answers: { 200: type, 201: type } });
  }
  return found;
}

const connects = new Set(["attach", "exec", "portforward", "proxy"]);

function isConnect(subresource: string): boolean {
  return connects.has(subresource);
}

function connectOperations(resource: ServedResource, subresource: string): Operation[] {
  const methods: readonly Method[] =
    subresource === "proxy" ? ["get", "put", "post", "delete", "options", "head", "patch"] : ["get", "post"];
  return methods.map((method) => ({
    method,
    id: idOf("connect", resource, subresource, { middle: capitalize(method) }),
    action: "connect",
    kind: { ...kindOf(resource, ""), kind: `${resource.info.kind}${capitalize(subresource)}Options` },
    parameters: [],
    answers: { 200: "" },
  }));
}

/** "readAppsV1NamespacedDeploymentStatus", "deleteCoreV1CollectionNamespacedPod". */
function idOf(
  verb: string,
  { info }: ServedResource,
  subresource: string,
  { middle = "", suffix = "" }: { middle?: string; suffix?: string } = {},
): string {
  const name = info.group.replace(/\.k8s\.io$/, "").replaceAll(/\.(\w)/g, upper);
  const group = info.group === "" ? "Core" : capitalize(name);
  const scope = info.namespaced && suffix === "" ? "Namespaced" : "";
  const tail = `${info.kind}${capitalize(subresource)}${suffix}`;
  return `${verb}${group}${capitalize(info.version)}${middle}${scope}${tail}`;
}

function upper(_match: string, letter: string): string {
  return letter.toUpperCase();
}

function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function kindOf({ info, subresources }: ServedResource, subresource: string): Operation["kind"] {
  const [group, version, kind] = subresources.get(subresource)?.kind ?? ["", "", info.kind];
  return version === "" ? { group: info.group, version: info.version, kind } : { group, version, kind };
}

/** The OpenAPI name of what a resource, or its subresource, holds. */
export function typeOf(resource: ServedResource, subresource: string): string {
  const { group, version, kind } = kindOf(resource, subresource);
  return typeNameOfKind(group, version, kind) ?? customTypeName(group, version, kind);
}

export function listTypeOf(resource: ServedResource): string {
  const { group, version } = resource.info;
  return typeNameOfKind(group, version, resource.listKind) ?? customTypeName(group, version, resource.listKind);
}

/** "com.example.v1.Widget" of a kind of example.com. */
function customTypeName(group: string, version: string, kind: string): string {
  return [...group.split(".").reverse(), version, kind].join(".");
}
